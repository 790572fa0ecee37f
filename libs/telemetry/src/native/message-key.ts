/** 64 bits as two signed 32-bit halves: a bigint per message would cost more than the hash itself. */
export interface MessageKey {
  readonly high: number;
  readonly low: number;
}

const HIGH_SEED = 0x2c1b3c6d;
const LOW_SEED = 0x297a2d39;

/**
 * The stored name of a message: MurmurHash3 (x86, 32 bit) under two seeds over the text's UTF-16 code units.
 *
 * A stored usage has the lower half (ADR 12): it is compared within one device and one millisecond only, so two ids
 * collide with a probability of 2^-32 for each pair that shares both. A thousand usages of a device in one millisecond
 * do so once in 8,600 times; ten, once in 95 million. In the ledger of ids without a time keys are compared within one
 * device, whole: a million ids in the 90 days kept collide with 10^12 / 2 / 2^64 = 3 × 10^-8. A device that forges
 * collisions harms only itself.
 */
export function messageKey(text: string): MessageKey {
  let high = HIGH_SEED;
  let low = LOW_SEED;
  const { length } = text;
  const pairs = length & ~1;
  for (let index = 0; index < pairs; index += 2) {
    const block = scramble(text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16));
    high = stir(high ^ block);
    low = stir(low ^ block);
  }
  if (pairs !== length) {
    const rest = scramble(text.charCodeAt(pairs));
    high ^= rest;
    low ^= rest;
  }
  return { high: finish(high ^ length), low: finish(low ^ length) };
}

/** The key as PostgreSQL writes the bigint. */
export function formatKey({ high, low }: MessageKey): string {
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0)).toString();
}

/** A block is two code units; an odd last one stands alone. Both halves walk the text at once. */
function stir(hash: number): number {
  return (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

function finish(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) | 0;
}
