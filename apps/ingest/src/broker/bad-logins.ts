import type { Limits } from '../limits.js';

/** Failures of one address; forgotten after a quiet while. */
interface Failures {
  count: number;
  pending: number;
  lastAtMs: number;
}

const FORGET_AFTER_MS = 10 * 60_000;
const ADDRESSES_MAX = 50_000;

/**
 * Answers to bad log-ins from one address come later and later. A right secret is never delayed: many devices share an
 * address, and 128 random bits are not guessed anyway; what is limited is the load and the noise.
 */
export class BadLogins {
  private readonly addresses = new Map<string, Failures>();

  constructor(private readonly limits: Limits) {}

  /** Answers after the address's delay; null = too many answers pending, end the connection without one. */
  delay(address: string, answer: () => void): NodeJS.Timeout | null {
    const failures = this.of(address);
    if (failures.pending >= this.limits.badLoginsPending) return null;
    const { badLoginDelayMs, badLoginDelayMaxMs } = this.limits;
    const delayMs = Math.min(badLoginDelayMs * 2 ** Math.min(failures.count, 20), badLoginDelayMaxMs);
    failures.count += 1;
    failures.pending += 1;
    failures.lastAtMs = Date.now();
    return setTimeout(() => {
      failures.pending -= 1;
      answer();
    }, delayMs).unref();
  }

  /** Drops what has been quiet for ten minutes. */
  forgetOld(nowMs: number): void {
    for (const [address, { lastAtMs, pending }] of this.addresses) {
      if (pending === 0 && nowMs - lastAtMs > FORGET_AFTER_MS) this.addresses.delete(address);
    }
  }

  private of(address: string): Failures {
    const known = this.addresses.get(address);
    if (known) return known;
    if (this.addresses.size >= ADDRESSES_MAX) this.addresses.clear();
    const failures = { count: 0, pending: 0, lastAtMs: Date.now() };
    this.addresses.set(address, failures);
    return failures;
  }
}
