import { type CounterBaseline, type CounterReading, countSteps, hourStart, isSurelyAccepted, sumByHour } from '#domain';
import type { EntityManager } from 'typeorm';
import {
  type Counter,
  type CounterSpan,
  counterSpans,
  daysOfHours,
  readingAfter,
  readingsBefore,
  readingsWithin,
  rememberedBaseline,
  replaceCounterHours,
  type TouchedHour,
} from './roll-ups.queries.js';
import type { PlacementDay } from './worker.queries.js';

const HOUR_MS = 3_600_000;
/** A counter that falls so many times in a row is none: what lies beyond is not looked at. */
const LONGEST_FALL = 50;

/**
 * Differences the counters (rule U11) of placement-days and stores their hours; answers the days that this changed
 * besides, where the next reading after a day, or one before that waited for it, lies on another. A stretch is widened
 * on both sides to a reading that is accepted for certain, so that the result does not depend on what was made before.
 */
export async function countCounters(
  tx: EntityManager,
  days: readonly PlacementDay[],
  counters: readonly number[],
): Promise<PlacementDay[]> {
  if (counters.length === 0 || days.length === 0) return [];
  const touched: TouchedHour[] = [];
  for (const span of await counterSpans(tx, days, counters)) touched.push(...(await countSpan(tx, span)));
  return touched.length === 0 ? [] : daysOfHours(tx, touched);
}

async function countSpan(tx: EntityManager, span: CounterSpan): Promise<TouchedHour[]> {
  const { from, baseline } = await findStart(tx, span);
  const { to, readings, next } = await findEnd(tx, { ...span, from }, baseline);
  const known = next ? [...readings, next] : readings;
  const steps = countSteps(known, baseline).slice(0, readings.length);
  return replaceCounterHours(tx, { ...span, from, to }, { hours: sumByHour(steps), steps });
}

/** The hour to begin at: the one before it ends in a reading that is accepted for certain. */
async function findStart(
  tx: EntityManager,
  span: CounterSpan,
): Promise<{ from: number; baseline: CounterBaseline | null }> {
  let from = span.from;
  for (let steps = 0; steps < LONGEST_FALL; steps += 1) {
    const [last, before] = await readingsBefore(tx, span, from);
    if (last && isSurelyAccepted(last, before)) return { from, baseline: last };
    if (!last || !before) return beginning(tx, span, { from, first: last });
    from = hourStart(last.at);
  }
  return { from, baseline: await rememberedBaseline(tx, span, from) };
}

/** Raw begins here. What the hours remember of before decides; where they remember nothing, the first reading does. */
async function beginning(
  tx: EntityManager,
  of: Counter,
  { from, first }: { from: number; first: CounterReading | undefined },
): Promise<{ from: number; baseline: CounterBaseline | null }> {
  const remembered = await rememberedBaseline(tx, of, first ? hourStart(first.at) : from);
  if (!first) return { from, baseline: remembered };
  return remembered ? { from: hourStart(first.at), baseline: remembered } : { from, baseline: first };
}

interface End {
  to: number;
  readings: CounterReading[];
  /** The reading after these, which may confirm a fall. */
  next: CounterReading | null;
}

/** Goes on to the end of the hour of a later reading that is accepted for certain, or of all. */
async function findEnd(tx: EntityManager, span: CounterSpan, baseline: CounterBaseline | null): Promise<End> {
  let to = span.to;
  const readings = await readingsWithin(tx, { ...span, to });
  for (let steps = 0; steps < LONGEST_FALL; steps += 1) {
    const next = await readingAfter(tx, span, to);
    const [last, before] = accepted(readings);
    const isSettled = to > span.to && last !== undefined && isSurelyAccepted(last, before ?? asReading(baseline));
    if (!next || isSettled) return { to, readings, next };
    const hourEnd = hourStart(next.at) + HOUR_MS;
    readings.push(...(await readingsWithin(tx, { ...span, from: to, to: hourEnd })));
    to = hourEnd;
  }
  return { to, readings, next: await readingAfter(tx, span, to) };
}

/** The last two readings that nobody called wrong, newest first. */
const accepted = (readings: readonly CounterReading[]): CounterReading[] =>
  readings
    .filter(({ decided }) => decided !== 'glitch')
    .slice(-2)
    .reverse();

const asReading = (baseline: CounterBaseline | null): CounterReading | undefined =>
  baseline === null ? undefined : { id: '', at: 0, value: baseline.value, placement: baseline.placement };
