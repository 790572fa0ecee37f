/** Draws numbers in [0, 1). */
export type Random = () => number;

/** mulberry32 by Tommy Ettinger (public domain): 32 bits of state, enough for a few draws per seed. */
export function mulberry32(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The finaliser of MurmurHash3 by Austin Appleby (public domain): neighbouring numbers come far apart. */
function scatter(number: number): number {
  let mixed = number | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** A 32-bit key of a stream of draws, from its names (FNV-1a). */
export function streamKey(...names: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(names)) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return scatter(hash);
}

/** The draws of one slot of a stream: the same ones whatever was drawn before. */
export function randomAt(key: number, slot: number, ordinal = 0): Random {
  return mulberry32(scatter(key ^ scatter(slot + Math.imul(ordinal, 0x9e3779b1))));
}

/** How many independent happenings fall into a slot with this mean (Knuth's method; mean below 500). */
export function drawCount(mean: number, random: Random): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}

/** A positive, right-skewed length (log-normal) with this mean and standard deviation, at most `max`. */
export function drawLength({ mean, spread }: { mean: number; spread: number }, max: number, random: Random): number {
  const variance = Math.log(1 + (spread / mean) ** 2);
  // Box–Muller; 1 − u keeps the logarithm finite.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(max, Math.exp(Math.log(mean) - variance / 2 + Math.sqrt(variance) * normal));
}

/** One of the keys, as often as its weight says. */
export function drawWeighted(weights: Readonly<Record<string, number>>, random: Random): string {
  const entries = Object.entries(weights);
  let rest = random() * entries.reduce((total, [, weight]) => total + weight, 0);
  const drawn = entries.find(([, weight]) => (rest -= weight) < 0) ?? entries.at(-1);
  if (drawn === undefined) throw new Error('Nothing to draw from: an attribute has no weights.');
  return drawn[0];
}
