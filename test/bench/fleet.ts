import { createHash, randomBytes } from 'node:crypto';
import { withClient } from '../support/connection.js';

/** A device of the bench, registered and placed as a real one. */
export interface BenchDevice {
  publicId: string;
  secret: string;
}

/** A municipality with one unit and a running trial of keyless locks. */
const SURROUNDINGS = /* sql */ `
  insert into org_node (id, root_id, parent_id, kind, name, path, valid_from, time_zone)
  values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', null, 'municipality', 'Bench',
    array['00000000-0000-4000-8000-000000000001'::uuid], '2020-01-01', 'Europe/Stockholm');
  insert into org_node (id, root_id, parent_id, kind, name, path, valid_from)
  select '00000000-0000-4000-8000-000000000002', id, id, 'unit', 'Unit', path || '00000000-0000-4000-8000-000000000002'::uuid, '2020-01-01'
  from org_node;
  insert into product (id, root_id, family, supplier, model)
  select '00000000-0000-4000-8000-000000000003', root_id, 'keyless_lock', 'Supplier', 'Lock' from org_node where parent_id is null;
  insert into trial (id, root_id, code, title, family, owner_node_id, initiative_type, stage, planned_starts_on, planned_ends_on,
    investment_on, horizon_years, discount_rate)
  select '00000000-0000-4000-8000-000000000004', root_id, 'P-2026-001', 'Bench', 'keyless_lock', id, 'project', 'running',
    '2026-01-01', '2026-12-31', '2026-01-01', 4, 0.03
  from org_node where kind = 'unit';
  insert into trial_stage_change (trial_id, stage, at) values ('00000000-0000-4000-8000-000000000004', 'running', '2026-01-01')`;

const DEVICES = /* sql */ `
  with given as (select * from unnest($1::text[], $2::bytea[]) as g(public_id, secret_sha256)),
  devices as (
    insert into device (id, public_id, root_id, owner_node_id, product_id, asset_tag, lifecycle)
    select gen_random_uuid(), public_id, unit.root_id, unit.id, '00000000-0000-4000-8000-000000000003', public_id, 'in_use'
    from given, org_node unit where unit.kind = 'unit'
    returning id, public_id, root_id, owner_node_id
  ),
  credentials as (
    insert into device_credential (id, device_id, secret_sha256)
    select gen_random_uuid(), id, secret_sha256 from devices join given using (public_id)
  )
  insert into placement (id, root_id, device_id, node_id, trial_id, purpose, series_id, starts_at)
  select gen_random_uuid(), root_id, id, owner_node_id, '00000000-0000-4000-8000-000000000004', 'trial', gen_random_uuid(), '2026-01-01'
  from devices`;

/** Registers devices with credentials and placements in a fresh, migrated database. */
export async function registerFleet(databaseUrl: string, count: number): Promise<BenchDevice[]> {
  const devices = Array.from({ length: count }, (_, index) => ({
    publicId: `bench-${String(index).padStart(5, '0')}`,
    secret: randomBytes(16).toString('base64url'),
  }));
  const hashes = devices.map(({ secret }) => createHash('sha256').update(secret).digest());
  await withClient(databaseUrl, async (client) => {
    await client.query(SURROUNDINGS);
    await client.query(DEVICES, [devices.map(({ publicId }) => publicId), hashes]);
  });
  return devices;
}

const HISTORY_DEVICES = 1_000;
const HISTORY_DAYS = 80;
const HISTORY_AT_ONCE = 1_000_000;

/** Usage of a thousand other devices, evenly over the last 80 days and stored in the order of time, with its roll-ups. */
export async function fillHistory(databaseUrl: string, rows: number): Promise<void> {
  const given = `select 100000 + n % ${HISTORY_DEVICES} as device_key,
      now() - interval '${HISTORY_DAYS} days' * (1 - n / $3::float8) - interval '1 hour' as at, hashint8(n) as message_key
    from generate_series($1::bigint, $2::bigint - 1) n`;
  await withClient(databaseUrl, async (client) => {
    for (let from = 0; from < rows; from += HISTORY_AT_ONCE) {
      await client.query(
        `insert into usage (device_key, at, message_key, received_at, value, placement_key, metric)
         select device_key, at, message_key, at, 1, device_key, 1 from (${given}) g`,
        [from, Math.min(from + HISTORY_AT_ONCE, rows), rows],
      );
    }
    await client.query(`
      insert into usage_hour (hour, device_key, placement_key, metric, count, sum, last_at)
      select date_bin('1 hour', at, 'epoch'), device_key, device_key, 1, count(*), count(*), max(at)
      from usage group by 1, 2`);
    await client.query('vacuum analyze usage, usage_hour');
    await client.query('checkpoint');
  });
}

/** What the tables hold after a run, by device time: usage n of a device lies n seconds behind the start. */
export interface Stored {
  /** Distinct (device, n) that are there. */
  stored: number;
  /** Rows beyond the first for the same (device, n). */
  doubled: number;
  /** What the hour roll-ups count. */
  rolledUp: number;
}

/** Compares the tables with what was published: every (device, n) of the plan, and nothing twice. */
export async function countStored(databaseUrl: string, plan: { startMs: number; usages: number }): Promise<Stored> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ stored: string; doubled: string; rolled_up: string }>(
      /* sql */ `
      with placed as (
        select device_key, extract(epoch from at - to_timestamp($1::float8 / 1000))::numeric as n, count(*) as times
        from usage where device_key < 100000 group by 1, 2
      )
      select count(*) filter (where n between 0 and $2::int - 1) as stored, coalesce(sum(times - 1), 0) as doubled,
        (select coalesce(sum(count), 0) from usage_hour where device_key < 100000) as rolled_up
      from placed`,
      [plan.startMs, plan.usages],
    );
    const row = rows[0];
    return { stored: Number(row?.stored), doubled: Number(row?.doubled), rolledUp: Number(row?.rolled_up) };
  });
}
