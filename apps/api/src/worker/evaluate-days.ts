import {
  countsInBenefit,
  type Day,
  dayBounds,
  dimensionsKey,
  FAMILIES,
  type Interval,
  type Metric,
  metricByName,
  parseDimensions,
  passesFilter,
  qualify,
  runningIntervals,
  type Usage,
  type UsageFilter,
} from '#domain';
import type { EntityManager } from 'typeorm';
import { cutEvenly, inBatches } from './cut-slices.js';
import { rollUp } from './roll-up.js';
import {
  announceBenefit,
  type CountingRule,
  countSlices,
  finishDays,
  newestRules,
  type PlacementDay,
  type QualifyingDay,
  readSlices,
  type Slice,
  stageChanges,
  storeQualifying,
  type StoredUsage,
  type TrialPlacement,
  trialPlacements,
} from './worker.queries.js';

/** One placement-day under one rule: the parts of the day that count, and what must be read for them. */
interface Evaluation {
  day: Day;
  rule: CountingRule;
  metric: Metric;
  intervals: Interval[];
  slice: Slice;
}

type Counts = Pick<QualifyingDay, 'events' | 'qualifying' | 'failures' | 'manual'>;

/**
 * Computes the qualifying units of claimed placement-days by the newest rule version of each line of their trial, stores
 * them, makes the days and months from hours, removes the claims and announces the placements, all in the caller's
 * transaction. The number of queries does not
 * depend on the number of days. A day whose raw usage is no longer kept stays as it was stored (rule K2).
 */
export async function evaluateDays(tx: EntityManager, days: readonly PlacementDay[]): Promise<void> {
  const evaluations = await plan(tx, days);
  const expected = await countSlices(
    tx,
    evaluations.map(({ slice }) => slice),
  );
  const known = evaluations
    .map((evaluation, index) => ({ evaluation, ...expected[index]! }))
    .filter(({ rawGone }) => !rawGone);
  const counts = await count(tx, known);
  await storeQualifying(
    tx,
    known.map(({ evaluation }, index) => stored(evaluation, counts[index]!)),
  );
  await rollUp(tx, days);
  await finishDays(tx, days);
  await announceBenefit(tx, [...new Set(known.map(({ evaluation }) => evaluation.slice.placementKey))]);
}

const stored = ({ slice, rule, day }: Evaluation, counts: Counts): QualifyingDay => ({
  placementKey: slice.placementKey,
  ruleKey: rule.key,
  day,
  ...counts,
});

async function plan(tx: EntityManager, days: readonly PlacementDay[]): Promise<Evaluation[]> {
  const placements = await trialPlacements(tx, [...new Set(days.map((one) => one.placementKey))]);
  const trialIds = [...new Set(placements.map((one) => one.trialId))];
  const rules = Map.groupBy(await newestRules(tx, trialIds), (rule) => rule.trialId);
  const changes = await stageChanges(tx, trialIds);
  const byKey = new Map(placements.map((one) => [one.key, one]));
  return days.flatMap(({ placementKey, day }) => {
    const placement = byKey.get(placementKey);
    if (!placement) return [];
    const running = counts(placement) ? runningIntervals(changes.get(placement.trialId) ?? []) : [];
    return (rules.get(placement.trialId) ?? []).flatMap((rule) => evaluationOf({ placement, day, rule, running }));
  });
}

/** Rule U9: the trial's own usage, not its baseline's; simulated only inside a demo. */
const counts = (placement: TrialPlacement): boolean => placement.purpose === 'trial' && countsInBenefit(placement);

interface Planned {
  placement: TrialPlacement;
  day: Day;
  rule: CountingRule;
  running: Interval[];
}

function evaluationOf({ placement, day, rule, running }: Planned): Evaluation[] {
  const metric = metricByName(placement.family, rule.metric);
  if (!metric) return [];
  const bounds = dayBounds(day, placement.zone, FAMILIES[placement.family].dayStartsAtHour);
  const intervals = running.flatMap((interval) => within(interval, bounds));
  const from = (intervals[0]?.from.getTime() ?? bounds.from) - rule.deduplicateMinutes * 60_000;
  const to = intervals.at(-1)?.to?.getTime() ?? from;
  const { deviceKey, key: placementKey } = placement;
  return [{ day, rule, metric, intervals, slice: { deviceKey, placementKey, metricCode: metric.code, from, to } }];
}

function within(interval: Interval, bounds: { from: number; to: number }): Interval[] {
  const from = Math.max(interval.from.getTime(), bounds.from);
  const to = Math.min(interval.to?.getTime() ?? Infinity, bounds.to);
  return from < to ? [{ from: new Date(from), to: new Date(to) }] : [];
}

/** A part of an evaluation: events of [from, to) count, those of the window before are looked back at (rule B5). */
interface Piece {
  index: number;
  from: number;
  to: number;
  events: number;
}

async function count(
  tx: EntityManager,
  known: readonly { evaluation: Evaluation; events: number }[],
): Promise<Counts[]> {
  const totals = known.map((): Counts => ({ events: 0, qualifying: 0, failures: 0, manual: 0 }));
  const pieces = known.flatMap(({ evaluation: { slice, intervals }, events }, index): Piece[] =>
    intervals.length === 0
      ? []
      : cutEvenly({ from: slice.from, to: slice.to }, events).map((part) => ({ ...part, index })),
  );
  for (const batch of inBatches(pieces)) {
    const slices = batch.map(({ index, from, to }) => ({
      ...known[index]!.evaluation.slice,
      from: from - windowMs(known[index]!.evaluation),
      to,
    }));
    const usages = await readSlices(tx, slices);
    batch.forEach((piece, at) =>
      addTo(totals[piece.index]!, countPiece(known[piece.index]!.evaluation, piece, usages[at]!)),
    );
  }
  return totals;
}

const windowMs = ({ rule }: Evaluation): number => rule.deduplicateMinutes * 60_000;

function countPiece({ metric, rule, intervals }: Evaluation, piece: Piece, usages: readonly StoredUsage[]): Counts {
  const counting = intervals.flatMap((interval) => within(interval, piece));
  const terms = { ...rule, failureFilter: rule.failureFilter ?? undefined };
  const used = qualify(
    usages.map((usage) => usageOf(metric, usage)),
    terms,
    counting,
  );
  const told = usages.filter(({ isByHand }) => !isByHand).map((usage) => usageOf(metric, usage));
  return {
    events: used.events.length,
    qualifying: used.qualifying.length,
    failures: used.failures.length,
    manual: countOnlyByHand(used.qualifying, told, rule.filter),
  };
}

/** How many of the instants that qualified no device has told of: of several at one instant its own come first. */
function countOnlyByHand(qualifying: readonly number[], told: readonly Usage[], filter: UsageFilter): number {
  const left = new Map<number, number>();
  for (const { at, value, dimensions } of told) {
    if (value !== null && passesFilter(filter, dimensions)) left.set(Number(at), (left.get(Number(at)) ?? 0) + 1);
  }
  return qualifying.filter((at) => {
    const own = left.get(at) ?? 0;
    left.set(at, own - 1);
    return own <= 0;
  }).length;
}

const usageOf = (metric: Metric, { at_ms, id, value, attributes }: StoredUsage): Usage => ({
  id,
  at: at_ms,
  dimensions: parseDimensions(metric, dimensionsKey(metric, attributes ?? {})),
  value,
});

function addTo(total: Counts, counted: Counts): void {
  total.events += counted.events;
  total.qualifying += counted.qualifying;
  total.failures += counted.failures;
  total.manual += counted.manual;
}
