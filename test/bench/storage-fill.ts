import { createPartition, partitionName, RECLAIM_HOURS, RECORD_NEW_USAGE, rollUpDays } from '#database';
import { dayBounds, FAMILIES, type FamilyCode, hourStart, localDay, metricByName } from '#domain';
import pg from 'pg';
import { mondayOf } from '../../apps/ingest/src/partitions.js';

const DAY_MS = 86_400_000;
const BATCH = 1_000;
const ZONE = 'Europe/Stockholm';
/** A Monday; the weeks before it are filled. */
const UNTIL_MS = Date.UTC(2026, 10, 16);

/** How one kind of device reports, and its share of the rows. */
export interface Habit {
  name: string;
  family: FamilyCode;
  metric: string;
  perDay: number;
  days: number;
  share: number;
  attributes: string | null;
  dimensions: string;
  /** Sessions have a length. */
  seconds: number | null;
}

export const HABITS: readonly Habit[] = [
  {
    name: 'once a minute, without attributes',
    family: 'keyless_lock',
    metric: 'unlock',
    perDay: 1440,
    days: 28,
    share: 0.5,
    attributes: null,
    dimensions: '|',
    seconds: null,
  },
  {
    name: 'a lock, 8 a day, with attributes',
    family: 'keyless_lock',
    metric: 'unlock',
    perDay: 8,
    days: 84,
    share: 0.35,
    attributes: '{"actor_role":"staff","result":"success","visit":"planned"}',
    dimensions: 'success|staff',
    seconds: null,
  },
  {
    name: 'a robot, 1 session a night',
    family: 'sleep_robot',
    metric: 'session',
    perDay: 1,
    days: 84,
    share: 0.15,
    attributes: '{"mode":"breathe"}',
    dimensions: 'breathe',
    seconds: 3000,
  },
];

/** A device and its placement, by their keys. */
export interface PlacedDevice {
  key: number;
  placement: number;
}

/** Registers devices of a habit in a municipality of their own and places them. */
export async function placeDevices(client: pg.Client, { family }: Habit, count: number): Promise<PlacedDevice[]> {
  const { rows } = await client.query<{ root: string }>(
    `insert into org_node (id, root_id, parent_id, kind, name, path, valid_from, time_zone)
     select id, id, null, 'municipality', 'Bench', array[id], '2020-01-01', $1 from gen_random_uuid() id returning id as root`,
    [ZONE],
  );
  const placed = await client.query<PlacedDevice>(
    `with product as (
      insert into product (id, root_id, family, supplier, model) values (gen_random_uuid(), $1, $2, 'Supplier', 'Model') returning id
    )
    insert into device (id, public_id, root_id, owner_node_id, product_id, asset_tag, lifecycle)
    select gen_random_uuid(), 'bench-' || n, $1, $1, product.id, 'B-' || n, 'in_use' from product, generate_series(1, $3::int) n
    returning key`,
    [rows[0]?.root, family, count],
  );
  const placements = await client.query<PlacedDevice>(
    `insert into placement (id, root_id, device_id, node_id, purpose, series_id, starts_at)
     select gen_random_uuid(), root_id, id, root_id, 'operation', gen_random_uuid(), '2020-01-01' from device order by key
     returning (select key from device where id = device_id) as key, key as placement`,
  );
  if (placements.rows.length !== placed.rows.length) throw new Error('Not every device was placed.');
  return placements.rows;
}

interface UsageRow extends PlacedDevice {
  at: number;
  id: number;
}

/** Usages in the order of time; a device's lie evenly over its day, a little off so that devices mix as they do. */
function* usages({ perDay, days }: Habit, devices: readonly PlacedDevice[]): Generator<UsageRow> {
  const step = DAY_MS / perDay;
  const from = UNTIL_MS - days * DAY_MS;
  let id = 0;
  for (let slot = 0; slot < perDay * days; slot += 1) {
    for (const [index, device] of devices.entries()) {
      const at = Math.floor(from + slot * step + (index * step) / devices.length);
      yield { ...device, at, id: (id += 1) };
    }
  }
}

/**
 * Stores what the devices report until the last whole week, as ingest does, with its nights; answers how many usages that are.
 */
export async function fill(client: pg.Client, habit: Habit, devices: readonly PlacedDevice[]): Promise<number> {
  for (let week = mondayOf(UNTIL_MS - habit.days * DAY_MS); week <= UNTIL_MS; week += 7 * DAY_MS) {
    const { rows } = await client.query('select to_regclass($1) as made', [partitionName(week)]);
    if ((rows[0] as { made: string | null }).made === null)
      for (const statement of createPartition(week)) await client.query(statement);
  }
  const { rows } = await client.query<{ version: string }>('select version from custody_version');
  let stored = 0;
  let batch: UsageRow[] = [];
  let night = 0;
  for (const usage of usages(habit, devices)) {
    const day = Math.floor(usage.at / DAY_MS);
    if (day > night) await client.query(RECLAIM_HOURS);
    night = day;
    batch.push(usage);
    if (batch.length < BATCH) continue;
    stored += await store(client, habit, { batch, version: rows[0]?.version ?? '0' });
    batch = [];
  }
  return stored + (await store(client, habit, { batch, version: rows[0]?.version ?? '0' }));
}

async function store(
  client: pg.Client,
  habit: Habit,
  { batch, version }: { batch: UsageRow[]; version: string },
): Promise<number> {
  if (batch.length === 0) return 0;
  batch.sort((one, other) => one.key - other.key || one.at - other.at);
  const code = metricByName(habit.family, habit.metric)!.code;
  const value = habit.seconds ?? 1;
  const all = <T>(of: T): T[] => batch.map(() => of);
  const hours = [...Map.groupBy(batch, ({ key, at }) => `${key} ${hourStart(at)}`).values()];
  const each = <T>(of: (group: UsageRow[]) => T): T[] => hours.map(of);
  const first = (group: UsageRow[]): UsageRow => group[0]!;
  const { dayStartsAtHour } = FAMILIES[habit.family];
  const days = [
    ...new Map(batch.map((row) => [`${row.key} ${localDay(row.at, ZONE, dayStartsAtHour)}`, row])).values(),
  ];
  await client.query({
    ...RECORD_NEW_USAGE,
    values: [
      version,
      batch.map(({ key }) => key),
      batch.map(({ at }) => new Date(at)),
      batch.map(({ id }) => id),
      batch.map(({ at }) => new Date(at + 120)),
      batch.map(({ at }) => (habit.seconds === null ? null : new Date(at + habit.seconds * 1000))),
      all(value),
      batch.map(({ placement }) => placement),
      all(code),
      all(0),
      all(habit.attributes),
      each((group) => first(group).key),
      each((group) => new Date(hourStart(first(group).at))),
      each((group) => first(group).placement),
      each(() => code),
      each(() => habit.dimensions),
      each((group) => group.length),
      each((group) => String(group.length * value)),
      each((group) => new Date(group.at(-1)!.at)),
      days.map(({ placement }) => placement),
      days.map(({ at }) => localDay(at, ZONE, dayStartsAtHour)),
      days.map(({ at }) =>
        Math.floor((dayBounds(localDay(at, ZONE, dayStartsAtHour), ZONE, dayStartsAtHour).to - at) / 60_000),
      ),
      each((group) => first(group).key),
      each((group) => new Date(hourStart(first(group).at))),
      0,
    ],
  });
  return batch.length;
}

/** Each day twice, as the worker makes a day again while it goes on. */
export async function makeDays(client: pg.Client, habit: Habit, devices: readonly PlacedDevice[]): Promise<void> {
  const { dayStartsAtHour } = FAMILIES[habit.family];
  for (let day = 0; day <= habit.days; day += 1) {
    const name = localDay(UNTIL_MS - day * DAY_MS, ZONE, dayStartsAtHour);
    const days = devices.map(({ placement }) => ({ placementKey: placement, day: name }));
    for (let time = 0; time < 2; time += 1) {
      await client.query('begin');
      await rollUpDays(client, days);
      await client.query('commit');
    }
  }
}
