/** Rule P4: a count below this is not told beyond the unit. */
export const SMALLEST_TOLD = 5;

/** Counts of the parts and of the whole as they may be told; null = hidden. */
export interface ToldCounts {
  readonly parts: (number | null)[];
  readonly total: number | null;
}

/**
 * Hides counts under 5 and their complement (rules K1, P4): whoever knows the whole must not get a hidden part by
 * subtraction. So at least two parts are hidden, adding up to 5 at least; where hiding the small ones leaves less, the
 * next smallest are hidden too, and where there are no more, so is the whole. A part of nought is nobody's and stays.
 */
export function hideSmallCounts(counts: readonly number[]): ToldCounts {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const ascending = counts.map((count, index) => ({ count, index })).filter(({ count }) => count > 0);
  ascending.sort((one, other) => one.count - other.count || one.index - other.index);
  const hidden = new Set<number>();
  let sum = 0;
  for (const { count, index } of ascending) {
    const isSafe = hidden.size === 0 || (hidden.size > 1 && sum >= SMALLEST_TOLD);
    if (count >= SMALLEST_TOLD && isSafe) break;
    hidden.add(index);
    sum += count;
  }
  const isSafe = hidden.size === 0 || (hidden.size > 1 && sum >= SMALLEST_TOLD);
  return {
    parts: counts.map((count, index) => (hidden.has(index) ? null : count)),
    total: isSafe ? total : null,
  };
}
