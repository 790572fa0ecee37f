import { RECORD_USAGE } from '#database';
import type { Client } from 'pg';
import type { Custody } from '../custody.js';
import { placementAt } from '../custody.js';
import { dateArray, float8Array, instantArray, int2Array, int4Array, keyArray, textArray } from './binary-array.js';
import type { LifeMarks } from './life-marks.js';
import { dayOf, type Row } from './row.js';
import { isPartitionMissing, isPoison, isRetryable } from './sql-state.js';

/** What storing rows needs. */
export interface RecordContext {
  readonly client: Client;
  readonly custody: Custody;
  readonly life: LifeMarks;
  /** The writer's slot in shared roll-up rows. */
  readonly shard: number;
  /** Makes the partitions for these times. */
  readonly makePartitions: (timesMs: readonly number[]) => Promise<void>;
}

/** Rows whose key was stored before, and rows that the database refuses. */
export interface RecordedRows {
  readonly conflicts: Row[];
  readonly poison: { readonly row: Row; readonly reason: string }[];
}

const ATTEMPTS = 5;

/**
 * Stores sorted rows of distinct keys. A row that the database refuses is found by halving and returned as poison; the
 * others are stored. Throws what is no fault of the rows: the outcome is then unknown and nothing may be acknowledged.
 */
export async function recordRows(rows: readonly Row[], context: RecordContext): Promise<RecordedRows> {
  if (rows.length === 0) return { conflicts: [], poison: [] };
  try {
    return { conflicts: await recordAtOnce(rows, context), poison: [] };
  } catch (error) {
    if (!isPoison(error)) throw error;
    const [first] = rows;
    if (rows.length === 1 && first) return { conflicts: [], poison: [{ row: first, reason: String(error) }] };
    const middle = rows.length >> 1;
    const before = await recordRows(rows.slice(0, middle), context);
    const after = await recordRows(rows.slice(middle), context);
    return { conflicts: [...before.conflicts, ...after.conflicts], poison: [...before.poison, ...after.poison] };
  }
}

async function recordAtOnce(rows: readonly Row[], context: RecordContext): Promise<Row[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const conflicts = await recordAtVersion(rows, context);
      if (conflicts) return conflicts;
      await context.custody.refresh();
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error;
      if (isPartitionMissing(error)) await context.makePartitions(rows.map(({ atMs }) => atMs));
      else if (!isRetryable(error)) throw error;
    }
  }
}

interface Outcome {
  version: string;
  conflicts: number[] | null;
}

/** Null when custody has changed meanwhile and nothing was stored. */
async function recordAtVersion(rows: readonly Row[], context: RecordContext): Promise<Row[] | null> {
  const { version } = context.custody;
  const life = context.life.unwritten(rows.map(({ device, atMs }) => ({ deviceKey: device.key, atMs })));
  const values = [version, rows.length, ...encodeRows(rows, context.custody), ...life.parameters, context.shard];
  const { rows: answer } = await context.client.query<Outcome>({ ...RECORD_USAGE, values });
  const outcome = answer[0];
  if (Number(outcome?.version) !== version) return null;
  life.confirm();
  return (outcome?.conflicts ?? []).flatMap((place) => rows[place - 1] ?? []);
}

function encodeRows(rows: readonly Row[], custody: Custody): Buffer[] {
  const placements = rows.map(({ device, atMs }) => placementAt(custody.deviceByKey(device.key) ?? device, atMs));
  const days = rows.map((row) => (row.draft.metric.kind === 'gauge' ? null : dayOf(row.device, row.atMs)));
  return [
    int4Array(rows.map(({ device }) => device.key)),
    instantArray(rows.map(({ atMs }) => atMs)),
    keyArray(rows.map(({ key }) => key)),
    instantArray(rows.map(({ entry }) => entry.receivedAtMs)),
    instantArray(rows.map(({ untilMs }) => untilMs)),
    float8Array(rows.map(({ value }) => value)),
    int4Array(placements),
    int2Array(rows.map(({ draft }) => draft.metric.code)),
    int2Array(rows.map(({ flags }) => flags)),
    textArray(rows.map(({ attributes }) => attributes)),
    textArray(rows.map(({ dimensions }) => dimensions)),
    dateArray(days.map((day) => day?.day ?? null)),
    int4Array(days.map((day) => day?.minutesLeft ?? null)),
  ];
}
