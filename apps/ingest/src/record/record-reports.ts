import { RECORD_LIFE, RECORD_REPORTS } from '#database';
import type { HealthReport, StateReport } from '#telemetry';
import type { Client } from 'pg';
import { instantArray, int2Array, int4Array, textArray } from './binary-array.js';
import type { Entry } from './entry.js';
import type { LifeMarks } from './life-marks.js';

interface Latest<T> {
  value: T | null;
  atMs: number | null;
}

interface Report {
  readonly state: Latest<string>;
  readonly battery: Latest<number>;
  readonly signalDbm: Latest<number>;
  readonly firmware: Latest<string>;
}

/** Stores what devices say of themselves, the newest of each fact; durable before the acknowledgement. */
export async function recordReports(entries: readonly Entry[], client: Client, life: LifeMarks): Promise<void> {
  await recordLife(entries, client, life);
  const reports = new Map<number, Report>();
  for (const { device, state, health } of entries) {
    if (!device || (!state && !health)) continue;
    const report = reports.get(device.key) ?? emptyReport();
    reports.set(device.key, report);
    if (state) takeNewer(report.state, state.state, state);
    if (health) takeHealth(report, health);
  }
  if (reports.size > 0) await client.query({ ...RECORD_REPORTS, values: encode(reports) });
}

/** A device that reports is alive even when nobody uses it (rule U12); the will `lost` is the broker's word, not its own. */
async function recordLife(entries: readonly Entry[], client: Client, life: LifeMarks): Promise<void> {
  const signs = entries.flatMap(({ device, state, health }) => {
    const atMs = state && state.state !== 'lost' ? state.atMs : health?.atMs;
    return device && atMs !== undefined ? [{ deviceKey: device.key, atMs }] : [];
  });
  const marks = life.unwritten(signs);
  if (marks.count === 0) return;
  await client.query({ ...RECORD_LIFE, values: marks.parameters });
  marks.confirm();
}

function emptyReport(): Report {
  const nothing = () => ({ value: null, atMs: null });
  return { state: nothing(), battery: nothing(), signalDbm: nothing(), firmware: nothing() };
}

function takeHealth(report: Report, health: HealthReport): void {
  if (health.battery !== null) takeNewer(report.battery, Math.round(health.battery), health);
  if (health.signalDbm !== null) takeNewer(report.signalDbm, Math.round(health.signalDbm), health);
  if (health.firmware !== null) takeNewer(report.firmware, health.firmware, health);
}

/** Of two facts of the same instant the greater is kept, so that the order of arrival does not matter. */
function takeNewer<T extends string | number>(latest: Latest<T>, value: T, { atMs }: StateReport | HealthReport): void {
  const isOlder =
    latest.atMs !== null &&
    latest.value !== null &&
    (atMs < latest.atMs || (atMs === latest.atMs && value <= latest.value));
  if (isOlder) return;
  latest.value = value;
  latest.atMs = atMs;
}

function encode(reports: ReadonlyMap<number, Report>): Buffer[] {
  const keys = [...reports.keys()].sort((one, other) => one - other);
  const sorted = keys.flatMap((key) => reports.get(key) ?? []);
  return [
    int4Array(keys),
    textArray(sorted.map(({ state }) => state.value)),
    instantArray(sorted.map(({ state }) => state.atMs)),
    int2Array(sorted.map(({ battery }) => battery.value)),
    instantArray(sorted.map(({ battery }) => battery.atMs)),
    int2Array(sorted.map(({ signalDbm }) => signalDbm.value)),
    instantArray(sorted.map(({ signalDbm }) => signalDbm.atMs)),
    textArray(sorted.map(({ firmware }) => firmware.value)),
    instantArray(sorted.map(({ firmware }) => firmware.atMs)),
  ];
}
