import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { withClient } from '../support/connection.js';

/** Who watches: a session of a person of their own, with a grant on the unit. */
export interface BenchViewer {
  token: string;
  unitId: string;
}

const UNITS = /* sql */ `
  insert into org_node (id, root_id, parent_id, kind, name, path, valid_from)
  select g.id, root.id, root.id, 'unit', 'Unit ' || g.place, root.path || g.id, '2020-01-01'
  from unnest($1::uuid[]) with ordinality as g(id, place), org_node root where root.parent_id is null`;

/** The n-th device stands at unit n modulo their number. */
const MOVE_PLACEMENTS = /* sql */ `
  update placement p set node_id = ($1::uuid[])[1 + right(d.public_id, 5)::int % cardinality($1::uuid[])]
  from device d where d.id = p.device_id`;

const VIEWERS = /* sql */ `
  with given as (
    select gen_random_uuid() as user_id, token_hash, node_id, place
    from unnest($1::bytea[], $2::uuid[]) with ordinality as g(token_hash, node_id, place)
  ),
  users as (
    insert into user_account (id, root_id, email, name)
    select user_id, n.root_id, 'viewer' || place || '@example.se', 'Viewer ' || place
    from given join org_node n on n.id = node_id
    returning id
  ),
  grants as (
    insert into role_grant (id, user_id, role, node_id, starts_at)
    select gen_random_uuid(), user_id, 'staff', node_id, '2020-01-01' from given join users on users.id = user_id
  )
  insert into web_session (token_hash, user_id, expires_at)
  select token_hash, user_id, now() + interval '1 day' from given join users on users.id = user_id`;

/** One benefit line with a rule, so that the worker computes what is used as it comes in. */
const RULE = /* sql */ `
  with line as (
    insert into benefit_line (id, trial_id, name, category, stakeholder, certainty, task_kind, planned_month_ore, starts_on, position)
    select gen_random_uuid(), id, 'Fewer journeys', 'redistribution', 'staff', 'yellow', 'task_removed', 100000, '2026-01-01', 1
    from trial returning id
  )
  insert into measurement_rule (id, benefit_line_id, version, metric, filter, deduplicate_minutes, counterfactual_share,
    minutes_per_unit, added_work_minutes_per_unit, failure_minutes, hourly_cost_ore, evidence)
  select gen_random_uuid(), id, 1, 'unlock', '{}', 0, 0.3, 2, 0, 0, 33620, 'C' from line`;

/** Spreads a registered fleet over so many units, and gives each unit its share of people who are logged in. */
export async function setScene(
  databaseUrl: string,
  { views, viewers, rule }: { views: number; viewers: number; rule: boolean },
): Promise<BenchViewer[]> {
  const unitIds = Array.from({ length: views }, () => randomUUID());
  const all = Array.from({ length: viewers }, (_, index) => ({
    token: randomBytes(32).toString('base64url'),
    unitId: unitIds[index % views]!,
  }));
  const hashes = all.map(({ token }) => createHash('sha256').update(token).digest());
  await withClient(databaseUrl, async (client) => {
    await client.query(UNITS, [unitIds]);
    await client.query(MOVE_PLACEMENTS, [unitIds]);
    await client.query(VIEWERS, [hashes, all.map(({ unitId }) => unitId)]);
    if (rule) await client.query(RULE);
  });
  return all;
}
