const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** How long to wait before the next attempt: doubling, with chance in it so that workers do not come all at once. */
export class Pace {
  private failures = 0;

  nextMs(): number {
    const longest = Math.min(FIRST_MS * 2 ** this.failures, LONGEST_MS);
    this.failures = Math.min(this.failures + 1, 10);
    return longest / 2 + (Math.random() * longest) / 2;
  }

  /** It worked: the next failure is a first one. */
  reset(): void {
    this.failures = 0;
  }
}
