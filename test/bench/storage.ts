import { migrate, packPartition } from '#database';
import type pg from 'pg';
import { withClient } from '../support/connection.js';
import { describeMachine, type Machine } from './machine.js';
import { createDatabase, withServer } from './server.js';
import { fill, type Habit, HABITS, makeDays, placeDevices } from './storage-fill.js';

/** Bytes of a table and its indexes over all partitions, and per usage. */
export interface StoredBytes {
  heap: number;
  index: number;
  /** Out of line: nothing, as long as attributes are short. */
  toast: number;
  perUsage: number;
}

/** What a habit's usages take (target S8). */
export interface StorageOfHabit {
  name: string;
  devices: number;
  rows: number;
  /** As it is kept: weeks that have ended are packed, as the night does, and the last is as it was written. */
  raw: StoredBytes;
  /** Its last week alone, as it was written, and once it has been packed. */
  written: StoredBytes;
  packed: StoredBytes;
  hours: StoredBytes;
  days: StoredBytes;
  months: StoredBytes;
  /** Signs of life. */
  life: StoredBytes;
  /** Hours, days and months as a share of raw. */
  rollUpShare: number;
  /** What a device's day of raw, roll-ups and signs of life takes. */
  bytesADay: number;
}

export interface StorageBenchResult {
  machine: Machine;
  rows: number;
  habits: StorageOfHabit[];
}

/**
 * Stores usage as ingest does, in the order of time and in its batches and by its statement, each habit in a database of
 * its own, makes days and months, packs the weeks that have ended, and measures what that takes on disk after a vacuum.
 */
export async function benchStorage({ rows = 1_000_000 }: { rows?: number } = {}): Promise<StorageBenchResult> {
  return withServer(async (server) => {
    const habits: StorageOfHabit[] = [];
    for (const [index, habit] of HABITS.entries()) {
      habits.push(await measureHabit(await createDatabase(server, `storage_${index}`), habit, rows * habit.share));
    }
    return { machine: describeMachine(), rows: habits.reduce((sum, habit) => sum + habit.rows, 0), habits };
  });
}

async function measureHabit(databaseUrl: string, habit: Habit, wanted: number): Promise<StorageOfHabit> {
  await migrate(databaseUrl);
  return withClient(databaseUrl, async (client) => {
    const devices = await placeDevices(client, habit, Math.max(1, Math.round(wanted / (habit.perDay * habit.days))));
    const rows = await fill(client, habit, devices);
    await makeDays(client, habit, devices);
    await client.query('vacuum analyze usage, usage_hour, usage_day, usage_month, device_life');
    const weeks = await weeksOf(client);
    const last = weeks.pop()!;
    for (const week of weeks) await pack(client, week);
    const sizes = {
      raw: await bytesOf(client, RAW, rows),
      written: await bytesOfWeek(client, last),
      hours: await bytesOf(client, `select 'usage_hour'::regclass`, rows),
      days: await bytesOf(client, `select 'usage_day'::regclass`, rows),
      months: await bytesOf(client, `select 'usage_month'::regclass`, rows),
      life: await bytesOf(client, `select 'device_life'::regclass`, rows),
    };
    await pack(client, last);
    const packed = await bytesOfWeek(client, last);
    const rollUps = sizes.hours.perUsage + sizes.days.perUsage + sizes.months.perUsage;
    const bytesADay = (sizes.raw.perUsage + rollUps + sizes.life.perUsage) * habit.perDay;
    return {
      name: habit.name,
      devices: devices.length,
      rows,
      ...sizes,
      packed,
      rollUpShare: rollUps / sizes.raw.perUsage,
      bytesADay,
    };
  });
}

const RAW = `select inhrelid from pg_inherits where inhparent = 'usage'::regclass`;

/** The weeks that have usage, oldest first. */
async function weeksOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where oid in (${RAW}) and reltuples > 0 order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function pack(client: pg.Client, week: string): Promise<void> {
  for (const statement of packPartition(week)) await client.query(statement);
}

async function bytesOfWeek(client: pg.Client, week: string): Promise<StoredBytes> {
  const { rows } = await client.query<{ count: string }>(`select count(*) from ${week}`);
  return bytesOf(client, `select '${week}'::regclass`, Number(rows[0]?.count));
}

async function bytesOf(client: pg.Client, tables: string, usageCount: number): Promise<StoredBytes> {
  const { rows } = await client.query<Record<'heap' | 'index' | 'toast', string>>(
    `select sum(pg_relation_size(c.oid)) as heap, sum(pg_indexes_size(c.oid)) as index,
      coalesce(sum(pg_total_relation_size(nullif(c.reltoastrelid, 0))), 0) as toast
     from pg_class c where c.oid in (${tables}) and c.reltuples > 0`,
  );
  const [heap, index, toast] = [Number(rows[0]?.heap ?? 0), Number(rows[0]?.index ?? 0), Number(rows[0]?.toast ?? 0)];
  return { heap, index, toast, perUsage: (heap + index + toast) / usageCount };
}

/** A line a habit. */
export function describeStorage({ machine, rows, habits }: StorageBenchResult): string {
  const head = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; ${rows} usages\n`;
  const bytes = (of: StoredBytes): string => of.perUsage.toFixed(1).padStart(8);
  const lines = habits.map(
    ({ name, raw, written, packed, hours, days, months, life, rollUpShare, bytesADay }) =>
      `${name.padEnd(36)} raw ${bytes(raw)} B/usage (heap ${((raw.heap / (raw.heap + raw.index)) * 100).toFixed(0)} %), its last week${bytes(written)} as written and${bytes(packed)} packed, hours${bytes(hours)}, ` +
      `days${bytes(days)}, months${bytes(months)}, roll-ups ${(rollUpShare * 100).toFixed(1)} % of raw, signs of life${bytes(life)}, ${bytesADay.toFixed(0)} B a day and device\n`,
  );
  return [head, ...lines].join('');
}
