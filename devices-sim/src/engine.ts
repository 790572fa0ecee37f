import {
  FAMILIES,
  localHour,
  type AttributeRhythm,
  type AttributeShape,
  type Metric,
  type MetricRhythm,
} from '#domain';
import type { UsageMessage } from '#contracts';
import { isInside, type SimulatedDevice, type Window } from './device.js';
import { gaugeAt } from './health.js';
import { offlineStretchAt } from './outages.js';
import { drawCount, drawLength, drawWeighted, randomAt, streamKey, type Random } from './random.js';

/** A usage as the engine makes it: always with an id and times. */
export type SimulatedUsage = UsageMessage & { id: string; at: string };

/** A usage and the moment at which the device sends it. */
export interface Report {
  readonly sendAtMs: number;
  readonly usage: SimulatedUsage;
}

/** When a usage of load is over, its id, and its number in the run. */
export interface Ending {
  readonly id: string;
  readonly atMs: number;
  readonly ordinal: number;
}

interface Source {
  readonly device: SimulatedDevice;
  readonly metric: Metric;
  readonly rhythm: MetricRhythm;
  readonly key: number;
}

interface Start extends Source {
  readonly id: string;
  readonly atMs: number;
  readonly random: Random;
}

const SLOT_MS = 60_000;
/** Zones change their clocks on whole quarters of an hour. */
const SLOTS_PER_QUARTER = 15;
const MINUTES_PER_HOUR = 60;
const DAY_MS = 86_400_000;

/**
 * Everything that happens to a device in a window, by device time; a session by its start.
 *
 * Time is cut into slots of a minute. What happens in a slot is drawn from (seed, device, metric, slot) alone, so that
 * a window gives the very events that any larger window gives, and a restarted simulator repeats itself exactly.
 */
export function usageBetween(device: SimulatedDevice, window: Window, zone: string): SimulatedUsage[] {
  const sources = sourcesOf(device);
  const sessions = sources.filter(({ metric }) => metric.kind === 'session');
  const happenings = sources.filter(({ metric }) => metric.kind !== 'session');
  return [
    ...sessionsIn(sessions, window, zone),
    ...happenings.flatMap((source) => startsIn(source, window, zone)).map(happening),
  ].sort(byTime);
}

/**
 * What the device sends in a window, by the moment it is sent. A session is sent when it ends. What comes up while the
 * network is away is sent when it returns, or never, as the device's `outages` say.
 */
export function reportsBetween(device: SimulatedDevice, window: Window, zone: string): Report[] {
  const heldFromMs = offlineStretchAt(device, window.fromMs - 1)?.fromMs ?? window.fromMs;
  const longestMs = FAMILIES[device.family].maxSessionSeconds * 1000;
  return usageBetween(device, { fromMs: heldFromMs - longestMs, toMs: window.toMs }, zone)
    .flatMap((usage) => {
      const sendAtMs = sendingMoment(device, usage);
      return sendAtMs !== null && isInside(window, sendAtMs) ? [{ usage, sendAtMs }] : [];
    })
    .sort((one, other) => one.sendAtMs - other.sendAtMs);
}

/** One usage of a metric that is over at the given moment, for load: `ordinal` makes the draws differ. */
export function usageEndingAt(device: SimulatedDevice, metricName: string, end: Ending): SimulatedUsage {
  const source = sourcesOf(device).find(({ metric }) => metric.name === metricName);
  if (source === undefined) throw new Error(`${device.family} has no metric "${metricName}".`);
  const start = (atMs: number) => ({ ...source, id: end.id, atMs, random: randomAt(source.key, end.ordinal) });
  if (source.metric.kind !== 'session') return happening(start(end.atMs));
  const { value: seconds } = session(start(end.atMs), Infinity);
  return session(start(end.atMs - seconds * 1000), Infinity);
}

function sendingMoment(device: SimulatedDevice, usage: SimulatedUsage): number | null {
  const doneMs = Date.parse(String(usage.until ?? usage.at));
  const offline = offlineStretchAt(device, doneMs);
  if (offline === null) return doneMs;
  return device.outages === 'lost' ? null : offline.toMs;
}

function sourcesOf(device: SimulatedDevice): Source[] {
  const { metrics, rhythm } = FAMILIES[device.family];
  return metrics.flatMap((metric) => {
    const own = rhythm.metrics[metric.name];
    return own === undefined
      ? []
      : [{ device, metric, rhythm: own, key: streamKey(device.seed, device.publicId, metric.name) }];
  });
}

function startsIn(source: Source, window: Window, zone: string): Start[] {
  const starts: Start[] = [];
  const first = Math.floor(window.fromMs / SLOT_MS);
  let mean = 0;
  for (let slot = first; slot * SLOT_MS < window.toMs; slot++) {
    if (slot === first || slot % SLOTS_PER_QUARTER === 0) mean = meanPerSlot(source, localHour(slot * SLOT_MS, zone));
    const count = drawCount(mean, randomAt(source.key, slot));
    for (let ordinal = 1; ordinal <= count; ordinal++) starts.push(startAt(source, slot, ordinal));
  }
  return starts.filter(({ atMs }) => isInside(window, atMs));
}

function meanPerSlot({ device, metric, rhythm }: Source, hour: number): number {
  const total = rhythm.hourlyWeights.reduce((sum, weight) => sum + weight, 0);
  const activity = metric.kind === 'gauge' ? 1 : (device.activity ?? 1);
  return (rhythm.eventsPerDay * activity * (rhythm.hourlyWeights[hour] ?? 0)) / total / MINUTES_PER_HOUR;
}

function startAt(source: Source, slot: number, ordinal: number): Start {
  const random = randomAt(source.key, slot, ordinal);
  const atMs = slot * SLOT_MS + Math.floor(random() * SLOT_MS);
  return { ...source, id: `${source.metric.name}-${slot.toString(36)}-${ordinal}`, atMs, random };
}

/** Sessions never overlap: starting one, of whatever metric, ends the one before. Under a second is none. */
function sessionsIn(sources: readonly Source[], window: Window, zone: string): SimulatedUsage[] {
  const longestMs = Math.max(0, ...sources.map(({ device }) => FAMILIES[device.family].maxSessionSeconds * 1000));
  const ahead = { fromMs: window.fromMs, toMs: window.toMs + longestMs };
  const starts = sources.flatMap((source) => startsIn(source, ahead, zone)).sort(byStart);
  return starts
    .map((start, index) => session(start, starts[index + 1]?.atMs ?? Infinity))
    .filter(({ at, value }) => isInside(window, Date.parse(at)) && value >= 1);
}

function session(start: Start, nextStartMs: number): SimulatedUsage & { value: number } {
  const { device, metric, rhythm, atMs, random } = start;
  if (rhythm.sessionSeconds === undefined) throw new Error(`${device.family}.${metric.name} has no session length.`);
  const attributes = attributesOf(start);
  const drawn = drawLength(rhythm.sessionSeconds, FAMILIES[device.family].maxSessionSeconds, random);
  const seconds = Math.floor(Math.min(drawn, (nextStartMs - atMs) / 1000));
  return { ...named(start), until: new Date(atMs + seconds * 1000).toISOString(), value: seconds, ...attributes };
}

function happening(start: Start): SimulatedUsage {
  return { ...named(start), value: valueOf(start), ...attributesOf(start) };
}

const named = ({ id, metric, atMs }: Start) => ({ id, metric: metric.name, at: new Date(atMs).toISOString() });

function valueOf({ device, metric, rhythm, atMs }: Start): number {
  switch (metric.kind) {
    case 'event':
      return metric.valueRange?.min ?? 1;
    case 'gauge':
      if (rhythm.gauge === undefined) throw new Error(`${device.family}.${metric.name} has no gauge.`);
      return gaugeAt(device, rhythm.gauge, atMs);
    case 'counter':
      // A meter that ran evenly since 1970 needs no memory of its last reading and never goes back.
      return Math.floor((atMs / DAY_MS) * rhythm.eventsPerDay * (device.activity ?? 1));
    case 'session':
      throw new Error(`${device.family}.${metric.name}: a session has a length, not a reading.`);
  }
}

function attributesOf({ metric, rhythm, random }: Start): Pick<UsageMessage, 'attributes'> {
  const drawn = Object.entries(rhythm.attributes).map(
    ([name, spread]) => [name, drawAttribute(metric.attributes[name], spread, random)] as const,
  );
  return drawn.length === 0 ? {} : { attributes: Object.fromEntries(drawn) };
}

function drawAttribute(
  shape: AttributeShape | undefined,
  spread: AttributeRhythm,
  random: Random,
): string | number | boolean {
  if (spread.type === 'range') return Math.round(spread.min + random() * (spread.max - spread.min));
  const drawn = drawWeighted(spread.weights, random);
  if (shape?.type === 'boolean') return drawn === 'true';
  return shape?.type === 'number' ? Number(drawn) : drawn;
}

const byStart = (one: Start, other: Start) => one.atMs - other.atMs || (one.id < other.id ? -1 : 1);
const byTime = (one: SimulatedUsage, other: SimulatedUsage) =>
  one.at === other.at ? (one.id < other.id ? -1 : 1) : one.at < other.at ? -1 : 1;
