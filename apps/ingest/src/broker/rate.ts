/**
 * A device's allowance of usages: refilled every second, spent ahead into debt. While in debt, messages wait in their
 * order, so that a publisher is slowed by late acknowledgements and loses nothing.
 */
export class Allowance {
  private tokens: number;
  private filledAtMs = Date.now();
  private readonly waiting: { cost: number; go: () => void }[] = [];

  constructor(
    private readonly perSecond: number,
    private readonly atOnce: number,
  ) {
    this.tokens = atOnce;
  }

  /** Whether a message could go at once; for those that cannot be made to wait (QoS 0). */
  get isSpent(): boolean {
    this.refill();
    return this.tokens <= 0 || this.waiting.length > 0;
  }

  /** True when a message of this cost may go at once; else it has to {@link queue}. */
  spend(cost: number): boolean {
    if (this.isSpent) return false;
    this.tokens -= cost;
    return true;
  }

  /** Calls `go` when it is this message's turn. */
  queue(cost: number, go: () => void): void {
    this.waiting.push({ cost, go });
    if (this.waiting.length === 1) this.wait();
  }

  private wait(): void {
    const delayMs = Math.max(5, (-this.tokens / this.perSecond) * 1000);
    setTimeout(() => this.release(), delayMs).unref();
  }

  private release(): void {
    this.refill();
    while (this.tokens > 0) {
      const next = this.waiting.shift();
      if (!next) return;
      this.tokens -= next.cost;
      next.go();
    }
    if (this.waiting.length > 0) this.wait();
  }

  private refill(): void {
    const nowMs = Date.now();
    if (nowMs === this.filledAtMs) return;
    this.tokens = Math.min(this.atOnce, this.tokens + ((nowMs - this.filledAtMs) / 1000) * this.perSecond);
    this.filledAtMs = nowMs;
  }
}
