const LATEST_MS = 8.64e15; // of what a date can hold (ECMAScript, Time Values)

/** A time in milliseconds that somebody else's clock tells, as RFC 3339; null where it is none, or beyond any date. */
export const claimedTime = (ms: number | null): string | null =>
  ms === null || Math.abs(ms) > LATEST_MS ? null : new Date(ms).toISOString();
