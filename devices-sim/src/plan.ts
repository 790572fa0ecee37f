import type { UpwardChannel } from '#contracts';
import type { SimulatedDevice, Window } from './device.js';
import { reportsBetween, type SimulatedUsage } from './engine.js';
import { healthBetween, type Health, type Heartbeat } from './health.js';

/** One MQTT message and the moment it is due. */
export interface Message {
  readonly dueMs: number;
  readonly channel: UpwardChannel;
  readonly content: SimulatedUsage | SimulatedUsage[] | Health;
}

/** A device, its municipality's zone, and the moment before which it was not there. */
export interface Life {
  readonly device: SimulatedDevice;
  readonly zone: string;
  readonly bornMs: number;
}

export const USAGES_PER_MESSAGE = 100;
const HOUR_MS = 3_600_000;

/**
 * What is long past: usages in arrays, and of the heartbeats one for each UTC hour that has no usage. An hour is as
 * fine as coverage is counted, and a mains device would otherwise repeat 288 heartbeats a day.
 */
export function historyMessages({ device, zone, bornMs }: Life, window: Window): Message[] {
  const reports = reportsBetween(device, window, zone).filter(({ usage }) => Date.parse(usage.at) >= bornMs);
  const usages = reports.map(({ usage }) => usage);
  return [
    ...chunks(usages, USAGES_PER_MESSAGE).map((content) => ({
      dueMs: window.fromMs,
      channel: 'usage' as const,
      content,
    })),
    ...onePerHour(healthBetween(device, window), usages).map(heartbeatMessage),
  ];
}

/** What is to come, each message at its moment, in order. Usages that were held back come as one array. */
export function liveMessages({ device, zone, bornMs }: Life, window: Window): Message[] {
  const reports = reportsBetween(device, window, zone).filter(({ usage }) => Date.parse(usage.at) >= bornMs);
  const moments = [...new Set(reports.map(({ sendAtMs }) => sendAtMs))];
  const usage = moments.flatMap((dueMs) => {
    const due = reports.filter(({ sendAtMs }) => sendAtMs === dueMs);
    return chunks(
      due.map((report) => report.usage),
      USAGES_PER_MESSAGE,
    ).map((content) => usageMessage(dueMs, content));
  });
  return [...usage, ...healthBetween(device, window).map(heartbeatMessage)].sort(
    (one, other) => one.dueMs - other.dueMs,
  );
}

const heartbeatMessage = ({ atMs, health }: Heartbeat): Message => ({
  dueMs: atMs,
  channel: 'health',
  content: health,
});

function usageMessage(dueMs: number, usages: SimulatedUsage[]): Message {
  const [only, ...more] = usages;
  return { dueMs, channel: 'usage', content: only !== undefined && more.length === 0 ? only : usages };
}

function onePerHour(heartbeats: readonly Heartbeat[], usages: readonly SimulatedUsage[]): Heartbeat[] {
  const told = new Set(usages.map(({ at }) => Math.floor(Date.parse(at) / HOUR_MS)));
  return heartbeats.filter(({ atMs }) => {
    const hour = Math.floor(atMs / HOUR_MS);
    const isNews = !told.has(hour);
    told.add(hour);
    return isNews;
  });
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** Cuts a window into pieces of at most `stepMs`, in order. */
export function* pieces({ fromMs, toMs }: Window, stepMs: number): Generator<Window> {
  for (let start = fromMs; start < toMs; start += stepMs) yield { fromMs: start, toMs: Math.min(start + stepMs, toMs) };
}
