interface Bucket {
  tokens: number;
  filledAtMs: number;
}

const KEPT_MAX = 100_000;

/**
 * Token buckets by name (a device, an address), in this process's memory: a count in the database would cost a write for
 * every message. With n processes behind a balancer a name therefore gets up to n times as much.
 */
export class Allowances {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly limits: { readonly perSecond: number; readonly atOnce: number }) {}

  /** Zero when the cost was spent, else the seconds after which to come back; then nothing was spent. */
  spend(name: string, cost: number, nowMs: number): number {
    const { perSecond, atOnce } = this.limits;
    const bucket = this.fill(name, nowMs);
    if (bucket.tokens >= Math.min(cost, atOnce)) {
      bucket.tokens -= cost;
      return 0;
    }
    return Math.max(1, Math.ceil((Math.min(cost, atOnce) - bucket.tokens) / perSecond));
  }

  private fill(name: string, nowMs: number): Bucket {
    const { perSecond, atOnce } = this.limits;
    const known = this.buckets.get(name);
    if (!known && this.buckets.size >= KEPT_MAX) this.forgetFull(nowMs);
    const bucket = known ?? { tokens: atOnce, filledAtMs: nowMs };
    bucket.tokens = Math.min(atOnce, bucket.tokens + (Math.max(0, nowMs - bucket.filledAtMs) / 1000) * perSecond);
    bucket.filledAtMs = nowMs;
    this.buckets.set(name, bucket);
    return bucket;
  }

  /** A bucket that has had time to fill up says no more than none; under a flood of names all are forgotten. */
  private forgetFull(nowMs: number): void {
    const fullAfterMs = (this.limits.atOnce / this.limits.perSecond) * 1000;
    for (const [name, { filledAtMs }] of this.buckets) if (nowMs - filledAtMs > fullAfterMs) this.buckets.delete(name);
    if (this.buckets.size >= KEPT_MAX) this.buckets.clear();
  }
}
