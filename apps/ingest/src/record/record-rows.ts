import { RECORD_NEW_USAGE, RECORD_USAGE } from '#database';
import type { Client } from 'pg';
import type { Custody } from '../custody.js';
import { dateArray, float8Array, instantArray, int2Array, int4Array, textArray } from './binary-array.js';
import type { LifeMarks } from './life-marks.js';
import { rollUp, type RollUp } from './roll-up.js';
import { dayOf, placeRows, type Row } from './row.js';
import { isPartitionMissing, isPoison, isRetryable, isStoredBefore } from './sql-state.js';

/** What storing rows needs. */
export interface RecordContext {
  readonly client: Client;
  readonly custody: Custody;
  readonly life: LifeMarks;
  readonly outlook: Outlook;
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

/**
 * Whether the next batch will hold repeats. They come in swarms, after a crash or a broken network: once one has been
 * seen, batches are stored the careful way until several in a row were without.
 */
export class Outlook {
  private careful = 0;

  get expectsRepeats(): boolean {
    return this.careful > 0;
  }

  note(hasRepeats: boolean): void {
    this.careful = hasRepeats ? CAREFUL_BATCHES : Math.max(0, this.careful - 1);
  }
}

const CAREFUL_BATCHES = 8;
const ATTEMPTS = 5;

/**
 * Stores sorted rows of distinct keys. A row that the database refuses is found by halving and returned as poison; the
 * others are stored. Throws what is no fault of the rows: the outcome is then unknown and nothing may be acknowledged.
 */
export async function recordRows(rows: readonly Row[], context: RecordContext): Promise<RecordedRows> {
  if (rows.length === 0) return { conflicts: [], poison: [] };
  if (!context.outlook.expectsRepeats && (await recordNew(rows, context))) return { conflicts: [], poison: [] };
  const recorded = await recordAny(rows, context);
  context.outlook.note(recorded.conflicts.length > 0);
  return recorded;
}

/** All rows at once as new ones; false when that could not be and nothing was stored. */
async function recordNew(rows: readonly Row[], context: RecordContext): Promise<boolean> {
  try {
    return await untilItHolds(rows, context, () => recordNewAtVersion(rows, context));
  } catch (error) {
    if (isStoredBefore(error) || isPoison(error)) return false;
    throw error;
  }
}

async function recordAny(rows: readonly Row[], context: RecordContext): Promise<RecordedRows> {
  try {
    return { conflicts: await untilItHolds(rows, context, () => recordAtVersion(rows, context)), poison: [] };
  } catch (error) {
    if (!isPoison(error)) throw error;
    const [first] = rows;
    if (rows.length === 1 && first) return { conflicts: [], poison: [{ row: first, reason: String(error) }] };
    const middle = rows.length >> 1;
    const before = await recordAny(rows.slice(0, middle), context);
    const after = await recordAny(rows.slice(middle), context);
    return { conflicts: [...before.conflicts, ...after.conflicts], poison: [...before.poison, ...after.poison] };
  }
}

/** Tries again after what passes: custody that has changed, a partition to be made, a deadlock. */
async function untilItHolds<T>(
  rows: readonly Row[],
  context: RecordContext,
  attempt: () => Promise<T | null>,
): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      const outcome = await attempt();
      if (outcome !== null) return outcome;
      await context.custody.refresh();
    } catch (error) {
      if (count >= ATTEMPTS) throw error;
      if (isPartitionMissing(error)) await context.makePartitions(rows.map(({ atMs }) => atMs));
      else if (!isRetryable(error)) throw error;
    }
  }
}

/** Null when custody has changed meanwhile and nothing was stored; false when the rows cannot be rolled up here. */
async function recordNewAtVersion(rows: readonly Row[], context: RecordContext): Promise<boolean | null> {
  const { version } = context.custody;
  placeRows(rows, context.custody);
  const roll = rollUp(rows);
  if (!roll) return false;
  const life = context.life.unwritten(signsOfLife(rows));
  const values = [version, ...encodeRows(rows), ...encodeRollUp(roll), ...life.parameters, context.shard];
  const { rows: answer } = await context.client.query<{ version: string }>({ ...RECORD_NEW_USAGE, values });
  if (Number(answer[0]?.version) !== version) return null;
  life.confirm();
  return true;
}

interface Outcome {
  version: string;
  conflicts: number[] | null;
}

/** Null when custody has changed meanwhile and nothing was stored. */
async function recordAtVersion(rows: readonly Row[], context: RecordContext): Promise<Row[] | null> {
  const { version } = context.custody;
  placeRows(rows, context.custody);
  const life = context.life.unwritten(signsOfLife(rows));
  const values = [version, rows.length, ...encodeForJoin(rows), ...life.parameters, context.shard];
  const { rows: answer } = await context.client.query<Outcome>({ ...RECORD_USAGE, values });
  const outcome = answer[0];
  if (Number(outcome?.version) !== version) return null;
  life.confirm();
  return (outcome?.conflicts ?? []).flatMap((place) => rows[place - 1] ?? []);
}

/** Rule U12: a usage shows that its device lives, but not one that a person entered. */
function signsOfLife(rows: readonly Row[]): { deviceKey: number; atMs: number }[] {
  const own = rows.filter(({ entry }) => !entry.origin?.isByHand);
  return own.map(({ device, atMs }) => ({ deviceKey: device.key, atMs }));
}

function encodeRows(rows: readonly Row[]): Buffer[] {
  return [
    int4Array(rows.map(({ device }) => device.key)),
    instantArray(rows.map(({ atMs }) => atMs)),
    int4Array(rows.map(({ key }) => key)),
    instantArray(rows.map(({ entry }) => entry.receivedAtMs)),
    instantArray(rows.map(({ untilMs }) => untilMs)),
    float8Array(rows.map(({ value }) => value)),
    int4Array(rows.map(({ placementKey }) => placementKey)),
    int2Array(rows.map(({ draft }) => draft.metric.code)),
    int2Array(rows.map(({ flags }) => flags)),
    textArray(rows.map(({ attributes }) => attributes)),
  ];
}

function encodeForJoin(rows: readonly Row[]): Buffer[] {
  const days = rows.map((row) => (row.draft.metric.kind === 'gauge' ? null : dayOf(row.device, row.atMs)));
  return [
    ...encodeRows(rows),
    textArray(rows.map(({ dimensions }) => dimensions)),
    dateArray(days.map((day) => day?.day ?? null)),
    int4Array(days.map((day) => day?.minutesLeft ?? null)),
  ];
}

function encodeRollUp({ hours, days }: RollUp): Buffer[] {
  return [
    int4Array(hours.map(({ deviceKey }) => deviceKey)),
    instantArray(hours.map(({ hourMs }) => hourMs)),
    int4Array(hours.map(({ placementKey }) => placementKey)),
    int2Array(hours.map(({ metric }) => metric)),
    textArray(hours.map(({ dimensions }) => dimensions)),
    int4Array(hours.map(({ count }) => count)),
    textArray(hours.map(({ sumMicros }) => String(sumMicros / 1_000_000))),
    instantArray(hours.map(({ lastAtMs }) => lastAtMs)),
    int4Array(days.map(({ placementKey }) => placementKey)),
    dateArray(days.map(({ day }) => day)),
    int4Array(days.map(({ minutesLeft }) => minutesLeft)),
  ];
}
