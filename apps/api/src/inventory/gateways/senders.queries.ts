import type { GatewaySenderView } from '#contracts';
import { GatewayEntity } from '#database';
import type { Ecosystem } from '#domain';
import type { EdgeSession } from '#telemetry';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { claimedTime } from '../claimed-time.js';

interface SenderRow {
  sender: string;
  born_at_ms: number | null;
  devices: number;
  gaps: number;
  last_gap_at: Date | null;
  last_gap: string | null;
}

/** The node's own metrics stand under the empty name. */
const DEVICES = `(select count(*)::int from jsonb_object_keys(s.session -> 'devices') name where name <> '')`;

/** The senders behind a gateway, and what their own counts have shown to be missing. */
export async function sendersOf(tx: EntityManager, scope: Scope, gatewayId: string): Promise<GatewaySenderView[]> {
  const rows = await ofGateways(tx, scope)
    .andWhere('row.id = :gatewayId', { gatewayId })
    .select('s.sender', 'sender')
    .addSelect(`(s.session ->> 'bornAtMs')::float8`, 'born_at_ms')
    .addSelect(DEVICES, 'devices')
    .addSelect('s.gaps::float8', 'gaps')
    .addSelect('s.last_gap_at', 'last_gap_at')
    .addSelect('s.last_gap', 'last_gap')
    .orderBy('s.sender collate "sv-SE-x-icu"')
    .getRawMany<SenderRow>();
  return rows.map((row) => ({
    name: row.sender,
    bornAt: claimedTime(row.born_at_ms),
    devices: row.devices,
    gaps: row.gaps,
    lastGapAt: row.last_gap_at?.toISOString() ?? null,
    lastGap: row.last_gap,
  }));
}

/** What the scope's gateways of an ecosystem remember of senders, by the sender's name; the newest where two know it. */
export async function sessionsOf(
  tx: EntityManager,
  scope: Scope,
  { ecosystem, senders }: { ecosystem: Ecosystem; senders: readonly string[] },
): Promise<Map<string, EdgeSession>> {
  if (senders.length === 0) return new Map();
  const rows = await ofGateways(tx, scope)
    .andWhere('row.ecosystem = :ecosystem and s.sender = any(:senders)', { ecosystem, senders })
    .select('s.sender', 'sender')
    .addSelect('s.session', 'session')
    .orderBy('s.written_at')
    .getRawMany<{ sender: string; session: EdgeSession }>();
  return new Map(rows.map(({ sender, session }) => [sender, session]));
}

function ofGateways(tx: EntityManager, scope: Scope): SelectQueryBuilder<GatewayEntity> {
  return scoped(tx, GatewayEntity, scope)
    .query()
    .innerJoin('adapter_session', 's', 's.login_key = -row.key')
    .select([]);
}
