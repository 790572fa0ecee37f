/** Moves labels that would cover each other apart, keeping their order and the middle of the crowd: pixels from the top. */
export function spreadLabels(
  wanted: readonly number[],
  { apart, top, bottom }: { apart: number; top: number; bottom: number },
): number[] {
  const order = wanted.map((_, index) => index).sort((one, other) => (wanted[one] ?? 0) - (wanted[other] ?? 0));
  const placed = [...wanted];
  let lowest = top;
  for (const index of order) {
    placed[index] = Math.max(wanted[index] ?? 0, lowest);
    lowest = placed[index] + apart;
  }
  let highest = bottom;
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index] ?? 0, highest);
    highest = placed[index] - apart;
  }
  return placed;
}
