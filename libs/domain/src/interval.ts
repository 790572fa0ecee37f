/** A stretch of time `[from, to)`; `to: null` is still going on. */
export interface Interval {
  readonly from: Date;
  readonly to: Date | null;
}

/** Whether an instant (milliseconds) lies in `[from, to)`. */
export function isWithin(interval: Interval, atMs: number): boolean {
  return interval.from.getTime() <= atMs && (interval.to === null || atMs < interval.to.getTime());
}

/** Whether two intervals share an instant; touching ones do not. */
export function isOverlapping(one: Interval, other: Interval): boolean {
  return startsBeforeEnd(one, other) && startsBeforeEnd(other, one);
}

function startsBeforeEnd(one: Interval, other: Interval): boolean {
  return other.to === null || one.from.getTime() < other.to.getTime();
}
