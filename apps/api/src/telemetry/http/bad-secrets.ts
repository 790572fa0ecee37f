import { setTimeout } from 'node:timers/promises';
import { TelemetryRefused } from './refusals.js';

interface Failures {
  count: number;
  pending: number;
  lastAtMs: number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
const PENDING_MAX = 50;
const FORGET_AFTER_MS = 10 * 60_000;
const ADDRESSES_MAX = 50_000;

/**
 * Answers to bad secrets from one address come later and later, as over MQTT. A right secret is never delayed: many
 * devices share an address, and 128 random bits are not guessed; what is limited is the load and the noise.
 */
export class BadSecrets {
  private readonly addresses = new Map<string, Failures>();

  /** Resolves after the address's delay; throws `rate_limited` when too many answers are pending. */
  async delay(address: string): Promise<void> {
    const failures = this.of(address);
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures.count, 20), LONGEST_DELAY_MS);
    if (failures.pending >= PENDING_MAX) {
      throw new TelemetryRefused('rate_limited', 'Too many wrong secrets from this address.', delayMs / 1000);
    }
    failures.count += 1;
    failures.pending += 1;
    failures.lastAtMs = Date.now();
    await setTimeout(delayMs, undefined, { ref: false });
    failures.pending -= 1;
  }

  private of(address: string): Failures {
    const known = this.addresses.get(address);
    if (known && (known.pending > 0 || Date.now() - known.lastAtMs < FORGET_AFTER_MS)) return known;
    if (this.addresses.size >= ADDRESSES_MAX) this.addresses.clear();
    const failures = { count: 0, pending: 0, lastAtMs: Date.now() };
    this.addresses.set(address, failures);
    return failures;
  }
}
