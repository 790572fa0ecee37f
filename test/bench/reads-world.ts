import { FAMILIES, ruleOf } from '#domain';
import type pg from 'pg';
import { hashPassword } from '../../apps/api/src/identity/passwords.js';

/** How large the municipality is. */
export interface WorldPlan {
  /** Devices of the municipality; a tenth more belong to a neighbour that nobody here may see. */
  devices: number;
  trials: number;
}

/**
 * The one large trial: its devices over 25 units, since how many days it measures, and a device's usages an hour: ten
 * million events are evaluated, whatever part of their raw usage is stored.
 */
export const LARGE_TRIAL = { code: 'P-2026-0001', devices: 250, units: 25, days: 75, perHour: 23 };
export const OTHER_TRIAL_DAYS = 90;

/** Everybody's password. */
export const PASSWORD = 'en lång och god lösenfras';

/** Who asks, by the part of their address before the @: role and what it holds on. */
export const PEOPLE = {
  technician: 'a technician of the whole municipality',
  auditor: 'an auditor of the whole municipality',
  department: 'a technician of a department (a tenth of the units)',
  manager: 'the manager of a unit',
  lead: 'the project lead of the large trial',
} as const;

export type Who = keyof typeof PEOPLE;

/** Devices that stand at a unit or its places, and units of a department. */
const AT_A_UNIT = 50;
const OF_A_UNIT = 40;
const DEPARTMENTS = 10;

const NODES = /* sql */ `
  insert into org_node (id, root_id, parent_id, kind, name, path, valid_from, time_zone)
  select id, id, null, 'municipality', name, array[id], '2020-01-01', 'Europe/Stockholm'
  from (select gen_random_uuid() as id, name from unnest(array['Storby', 'Grannby']) as given(name)) made;
  insert into org_node (id, root_id, parent_id, kind, name, path, valid_from)
  select id, root_id, root_id, 'department', name, array[root_id, id], '2020-01-01' from (
    select gen_random_uuid() as id, root.id as root_id, 'Avdelning ' || n as name
    from org_node root cross join generate_series(0, ${DEPARTMENTS} - 1) n) made`;

/** Units are numbered through a municipality ($1), each of the department of its tenth; $2 how many. */
const UNITS = /* sql */ `
  insert into org_node (id, root_id, parent_id, kind, name, path, valid_from)
  select id, root_id, parent_id, 'unit', name, path || id, '2020-01-01' from (
    select gen_random_uuid() as id, above.root_id, above.id as parent_id, above.path, 'Enhet ' || lpad(n::text, 4, '0') as name
    from generate_series(0, $2::int - 1) n
    join org_node above on above.kind = 'department' and above.name = 'Avdelning ' || n % ${DEPARTMENTS}
    join org_node root on root.id = above.root_id and root.name = $1) made`;

const PLACES = /* sql */ `
  insert into org_node (id, root_id, parent_id, kind, name, path, valid_from)
  select id, root_id, parent_id, 'place', name, path || id, '2020-01-01' from (
    select gen_random_uuid() as id, unit.root_id, unit.id as parent_id, unit.path, 'Lägenhet ' || n as name
    from org_node unit cross join generate_series(1, 2) n where unit.kind = 'unit') made`;

/** Two of twenty models are sleep robots, the others locks. */
const PRODUCTS = /* sql */ `
  insert into product (id, root_id, family, supplier, model)
  select gen_random_uuid(), root.id, case when n % 10 = 9 then 'sleep_robot' else 'keyless_lock' end,
    (array['Nordlås', 'Åkerbergs', 'Trygg teknik', 'Östgöta vård'])[1 + n % 4], 'Modell ' || lpad(n::text, 2, '0')
  from org_node root cross join generate_series(0, 19) n where root.kind = 'municipality'`;

const NUMBERED_UNITS = `select id, parent_id, root_id, substr(name, 7)::int as u from org_node where kind = 'unit'`;
const LIFECYCLE = `case when (n + n / 997) % 20 < 18 or n >= $4 then 'in_use' else (array['in_stock','in_repair','lost','retired','ordered'])[1 + n / 20 % 5] end`;

/** Devices of a municipality ($1); $2 how many, $3 units, $4 the first number of the large trial. Half are owned by their unit, half by its department. */
const DEVICES = /* sql */ `
  insert into device (id, public_id, root_id, owner_node_id, product_id, asset_tag, serial, lifecycle)
  select gen_random_uuid(), 'd-' || substr(md5($1 || n), 1, 12), root.id, case when n % 2 = 0 then unit.id else unit.parent_id end,
    product.id, upper(substr(md5('tag' || n), 1, 2)) || '-' || lpad(n::text, 6, '0'), 'SN' || substr(md5('serial' || n), 1, 10), ${LIFECYCLE}
  from generate_series(0, $2::int - 1) n
  join org_node root on root.kind = 'municipality' and root.name = $1
  join (${NUMBERED_UNITS}) unit on unit.root_id = root.id and unit.u = n % $3::int
  join product on product.root_id = root.id and product.model = 'Modell ' || lpad((n / $3::int % 20)::text, 2, '0')
  order by n`;

/** Where each device stands: device number n, its unit's number u and its turn s at the unit. The large trial is at odd units. */
const STANDING = /* sql */ `
  select d.*, n / $2::int as s, case when n >= $4 then (n % ${LARGE_TRIAL.units} * 2 + 1) % $2::int else n % $2::int end as u from (
    select device.*, substr(asset_tag, 4)::int as n from device join org_node root on root.id = device.root_id and root.name = $1
  ) d where lifecycle = 'in_use'`;

/** Placements of a municipality ($1); $2 units, $3 trials, $4 the first device's number of the large trial. */
const PLACEMENTS = /* sql */ `
  insert into placement (id, root_id, device_id, node_id, trial_id, purpose, arm, series_id, starts_at)
  select gen_random_uuid(), d.root_id, d.id, coalesce(place.id, unit.id), t.id, case when t.id is null then 'operation' else 'trial' end,
    case when t.id is null or d.n >= $4 then null when d.s % 4 = 3 then 'comparator' else 'intervention' end, gen_random_uuid(),
    coalesce(t.planned_starts_on, current_date - 200)
  from (${STANDING}) d
  join (${NUMBERED_UNITS}) unit on unit.root_id = d.root_id and unit.u = d.u
  left join org_node place on place.parent_id = unit.id and d.n % 3 > 0 and place.name = 'Lägenhet ' || d.n % 3
  left join trial t on t.root_id = d.root_id and t.stage not in ('idea', 'preparation', 'approved')
    and t.code = 'P-2026-' || lpad(case when d.n >= $4 then 1 when d.u % 2 = 0 and d.s < ${OF_A_UNIT} and d.u / 2 + 2 <= $3::int then d.u / 2 + 2 end::text, 4, '0')
  order by d.key`;

/** A fifth of the devices stood at another unit before. */
const EARLIER = /* sql */ `
  insert into placement (id, root_id, device_id, node_id, purpose, series_id, starts_at, ends_at)
  select gen_random_uuid(), p.root_id, p.device_id, elsewhere.id, 'operation', gen_random_uuid(), '2025-01-01', p.starts_at - interval '9 days'
  from placement p join device d on d.id = p.device_id
  join (${NUMBERED_UNITS}) elsewhere on elsewhere.root_id = p.root_id and elsewhere.u = d.key % $1::int
  where d.key % 5 = 0`;

const STAGES = `array['idea','preparation','approved','running','judgement','procurement','rollout','operation','closed']`;

/** The first trial is the large one, which runs; of the others five in twelve run. $1 how many. */
const TRIALS = /* sql */ `
  insert into trial (id, root_id, code, title, need, family, product_id, owner_node_id, initiative_type, stage, planned_starts_on,
    planned_ends_on, investment_on, horizon_years, discount_rate, created_at)
  select gen_random_uuid(), unit.root_id, 'P-2026-' || lpad(n::text, 4, '0'), 'Provning av ' || product.model || ' vid ' || node.name,
    repeat('Behovet beskrivs här. ', 20), product.family, product.id, case when n = 1 then unit.parent_id else unit.id end, 'project',
    case when n = 1 or n % 12 < 5 then 'running' else (${STAGES})[1 + n % 9] end,
    current_date - case when n = 1 then ${LARGE_TRIAL.days} else ${OTHER_TRIAL_DAYS} end, current_date + 120, current_date - 200, 5, 0.03,
    now() - make_interval(hours => n)
  from generate_series(1, $1::int) n
  join (${NUMBERED_UNITS}) unit on unit.u = greatest(n - 2, 0) * 2 % $2::int
  join org_node root on root.id = unit.root_id and root.name = 'Storby'
  join org_node node on node.id = unit.id
  join product on product.root_id = root.id and product.model = 'Modell ' || lpad((n % 9)::text, 2, '0')`;

const LIVES = /* sql */ `
  insert into trial_stage_change (trial_id, stage, at)
  select t.id, s.stage, t.planned_starts_on + make_interval(days => (s.place - 4)::int * 5) from trial t
  join unnest(${STAGES}) with ordinality as s(stage, place) on s.place <= array_position(${STAGES}, t.stage) order by t.code, s.place;
  insert into trial_node (trial_id, node_id)
  select t.id, n.id from trial t join lateral (
    select id from org_node where kind = 'unit' and root_id = t.root_id order by md5(t.code || name) limit 3) n on true;
  insert into trial_goal (id, trial_id, kind, description, better_when, position)
  select gen_random_uuid(), t.id, 'effect', 'Mål ' || n, 'higher', n from trial t cross join generate_series(1, 3) n;
  insert into cost_line (id, trial_id, name, kind, category, amount_ore, starts_on, position)
  select gen_random_uuid(), t.id, 'Kostnad ' || n, (array['one_off','monthly','yearly'])[n], 'financial', 1000000 * n, t.planned_starts_on, n
  from trial t cross join generate_series(1, 3) n;
  insert into benefit_line (id, trial_id, name, category, stakeholder, certainty, task_kind, planned_month_ore, starts_on, position)
  select gen_random_uuid(), t.id, 'Nytta ' || n, (array['redistribution','quality','redistribution','financial'])[n], 'unit', 'yellow', 'task_removed',
    2500000, t.planned_starts_on, n from trial t cross join generate_series(1, 4) n where n <= 3 or t.code = '${LARGE_TRIAL.code}'`;

const RULE = ruleOf(FAMILIES.keyless_lock.defaultRule);

/** Lines 1 and 2 are measured, of the large trial line 3 too. */
const RULES = /* sql */ `
  insert into measurement_rule (id, benefit_line_id, version, metric, filter, deduplicate_minutes, counterfactual_share, minutes_per_unit,
    added_work_minutes_per_unit, failure_filter, failure_minutes, hourly_cost_ore, evidence)
  select gen_random_uuid(), l.id, version, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
  from benefit_line l join trial t on t.id = l.trial_id cross join generate_series(1, 2) version
  where l.position <= 2 or l.position = 3 and t.code = '${LARGE_TRIAL.code}' order by version`;

/** What the worker has computed: each placement and day of a trial by the newest version of each rule. */
const EVALUATED = /* sql */ `
  insert into qualifying_day (placement_key, rule_key, day, events, qualifying, failures)
  select p.key, r.key, t.planned_starts_on + d.day, f.events, f.events * 8 / 10, f.events / 40
  from trial t join benefit_line l on l.trial_id = t.id join measurement_rule r on r.benefit_line_id = l.id and r.version = 2
  cross join lateral (select case when t.code = '${LARGE_TRIAL.code}' then ${LARGE_TRIAL.perHour * 24} else 24 end as events) f
  cross join lateral generate_series(0, current_date - t.planned_starts_on) d(day)
  join placement p on p.trial_id = t.id and p.purpose = 'trial'
  order by t.code, d.day, r.key, p.key`;

/** Whoever confirmed, for each measured line three months at the unit. */
const CONFIRMATIONS = /* sql */ `
  insert into realisation_confirmation (id, benefit_line_id, node_id, month, version, confirmed_ore, potential_ore, realised_ore, action_taken, confirmed_by)
  select gen_random_uuid(), l.id, t.owner_node_id, (date_trunc('month', t.planned_starts_on) + make_interval(months => m))::date, 1, 100000, 200000, 100000,
    'Tiden gick till fler besök', (select id from user_account order by email limit 1)
  from benefit_line l join trial t on t.id = l.trial_id cross join generate_series(0, 2) m
  where exists (select from measurement_rule r where r.benefit_line_id = l.id)`;

const ACCOUNTS = /* sql */ `
  insert into user_account (id, root_id, email, name, password_hash)
  select gen_random_uuid(), id, who || '@storby.example.se', who, $2 from org_node cross join unnest($1::text[]) who where name = 'Storby'`;
const GRANTS = /* sql */ `
  insert into role_grant (id, user_id, role, node_id, trial_id, starts_at)
  select gen_random_uuid(), u.id, g.role, case when g.trial is null then n.id end, t.id, '2020-01-01'
  from (values ('technician', 'technician', 'Storby', null), ('auditor', 'auditor', 'Storby', null),
    ('department', 'technician', 'Avdelning 3', null), ('manager', 'manager', 'Enhet 0004', null),
    ('lead', 'project_lead', 'Storby', '${LARGE_TRIAL.code}')) as g(who, role, node, trial)
  join user_account u on u.name = g.who
  join org_node n on n.root_id = u.root_id and n.name = g.node
  left join trial t on t.code = g.trial`;

/** A municipality with its neighbour: nodes, devices where they stand, trials with what was computed, and people. */
export async function buildWorld(client: pg.Client, { devices, trials }: WorldPlan): Promise<void> {
  const municipalities = [
    { name: 'Storby', devices, trials, units: unitsOf(devices) },
    { name: 'Grannby', devices: Math.ceil(devices / 10), trials: 0, units: unitsOf(devices / 10) },
  ];
  await client.query(NODES);
  for (const { name, units } of municipalities) await client.query(UNITS, [name, units]);
  await client.query(PLACES);
  await client.query(PRODUCTS);
  await client.query('analyze org_node, product');
  await client.query(TRIALS, [trials, unitsOf(devices)]);
  await client.query(LIVES);
  for (const one of municipalities) {
    const firstOfLarge = one.trials > 0 ? one.devices - LARGE_TRIAL.devices : one.devices;
    await client.query(DEVICES, [one.name, one.devices, one.units, firstOfLarge]);
    await client.query('analyze device, trial');
    await client.query(PLACEMENTS, [one.name, one.units, one.trials, firstOfLarge]);
  }
  await client.query('analyze placement');
  await client.query(EARLIER, [unitsOf(devices / 10)]);
  await addRules(client);
  await client.query(ACCOUNTS, [Object.keys(PEOPLE), await hashPassword(PASSWORD)]);
  await client.query(GRANTS);
  await client.query(CONFIRMATIONS);
  await client.query('analyze');
  await client.query(EVALUATED);
}

const unitsOf = (devices: number): number => Math.ceil(devices / AT_A_UNIT);

async function addRules(client: pg.Client): Promise<void> {
  await client.query(RULES, [
    RULE.metric,
    JSON.stringify(RULE.filter),
    RULE.deduplicateMinutes,
    RULE.counterfactualShare,
    RULE.minutesPerUnit,
    RULE.addedWorkMinutesPerUnit,
    JSON.stringify(RULE.failureFilter),
    RULE.failureMinutes,
    RULE.hourlyCostOre,
    'E',
  ]);
}

/** How the devices in use are now: one in ten is silent, one in fifty nearly empty. */
export async function refreshSignals(client: pg.Client): Promise<void> {
  await client.query(/* sql */ `
    insert into device_signal (device_key, connected, connection_changed_at, last_at, last_received_at, battery, battery_at, firmware, clock_skew_ms, clock_skew_at)
    select key, key % 10 > 0, now() - interval '2 days', heard, heard, 3 + key % 97, heard, '1.4.' || key % 3, 120, heard
    from (select key, now() - make_interval(mins => key % 55 + case when key % 10 = 0 then 9000 else 0 end) as heard
      from device where lifecycle = 'in_use') d
    on conflict (device_key) do update set last_at = excluded.last_at, last_received_at = excluded.last_received_at,
      battery_at = excluded.battery_at`);
}
