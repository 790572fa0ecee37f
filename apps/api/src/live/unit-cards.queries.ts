import type { NodeKind } from '#domain';
import { FAMILIES, type FamilyCode } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../scope/scope.js';
import type { HeardRow } from './signal-view.js';
import { todayIn } from './today.js';

/** A device standing in the scope now, under the card of its unit. */
export interface CardDevice extends HeardRow {
  unitId: string;
  unitName: string;
  unitKind: NodeKind;
  parentName: string | null;
  trialId: string | null;
  usageToday: number;
}

/** The zone of the municipality that the person belongs to. */
export async function zoneOf(tx: EntityManager, scope: Scope): Promise<string> {
  const [row] = await tx.query<{ zone: string }[]>('select time_zone as zone from org_node where id = $1', [
    scope.person.rootId,
  ]);
  if (!row) throw new Error('The person’s municipality has gone.');
  return row.zone;
}

/**
 * Every device that stands at a node of the scope now, with its use so far today. A device at a place is its unit's
 * (the node above), unless that lies outside the scope. One query: the use is summed per placement by its index.
 */
export async function cardDevices(
  tx: EntityManager,
  scope: Scope,
  { zone, now }: { zone: string; now: Date },
): Promise<CardDevice[]> {
  const today = todayIn(zone, now);
  const uses = Object.values(FAMILIES).map(({ code, metrics }) => ({
    family: code,
    from: new Date(today.fromByFamily[code as FamilyCode]).toISOString(),
    metrics: metrics.filter(({ kind }) => kind !== 'gauge').map((metric) => metric.code),
  }));
  return tx.query(
    /* sql */ `with seen as materialized (select id, name, kind, parent_id from org_node where path && $1::uuid[]),
    home as materialized (
      select n.id as node_id, coalesce(above.id, n.id) as id, coalesce(above.name, n.name) as name,
        coalesce(above.kind, n.kind) as kind, case when above.id is null then n.parent_id else above.parent_id end as parent_id
      from seen n left join seen above on n.kind = 'place' and above.id = n.parent_id
    ),
    standing as materialized (
      select p.key, d.key as "deviceKey", unit.id as "unitId", unit.name as "unitName", unit.kind as "unitKind", unit.parent_id, pr.family,
        d.expected_interval_seconds as "expectedIntervalSeconds", coalesce(s.connected, false) as connected,
        s.state, s.last_at as "lastSignalAt", s.last_received_at as "lastReceivedAt", s.clock_skew_ms as "clockSkewMs", p.trial_id as "trialId"
      from placement p
      join home unit on unit.node_id = p.node_id
      join device d on d.id = p.device_id
      join product pr on pr.id = d.product_id
      left join device_signal s on s.device_key = d.key
      where not d.is_canary and p.starts_at <= $2 and (p.ends_at is null or p.ends_at > $2)
    )
    select st.*, above.name as "parentName", coalesce(used.count, 0)::int as "usageToday"
    from standing st
    left join org_node above on above.id = st.parent_id
    join jsonb_to_recordset($3::jsonb) as today(family text, "from" timestamptz, metrics jsonb) on today.family = st.family
    cross join lateral (
      select sum(h.count) as count from usage_hour h
      where h.device_key = st."deviceKey" and h.placement_key = st.key and h.hour >= today."from" and today.metrics @> to_jsonb(h.metric)
    ) used`,
    [scope.nodeIds, now, JSON.stringify(uses)],
  );
}
