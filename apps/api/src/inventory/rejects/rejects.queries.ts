import type { RejectFilter, RejectView } from '#contracts';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { NotInScope } from '../../scope/scoped.js';
import { payloadText } from '../payload-text.js';
import { narrowRejects, type RejectQuery, visibleRejects } from './visible-rejects.queries.js';

const LISTED_CHARACTERS = 2_000;
/** All that ingest keeps of a payload. */
const KEPT_BYTES = 8_192;

type Filter = RejectFilter & { limit: number; offset: number };

/** Messages that could not be taken, newest first; payloads only where the caller may read them (rule K3). */
export async function listRejects(
  tx: EntityManager,
  scope: Scope,
  filter: Filter,
): Promise<{ rows: RejectView[]; total: number }> {
  const query = narrowRejects(await visibleRejects(tx, scope, 'rejected_message'), filter, 'reject.received_at');
  const counted = await query.clone().select('count(*)::int', 'total').getRawOne<{ total: number }>();
  // No character takes more than four bytes in UTF-8.
  withColumns(query, LISTED_CHARACTERS * 4)
    .orderBy('reject.received_at', 'DESC')
    .addOrderBy('reject.id', 'DESC')
    .limit(filter.limit)
    .offset(filter.offset);
  const rows = await query.getRawMany<RejectRow>();
  return { rows: rows.map((row) => view(row, LISTED_CHARACTERS)), total: counted?.total ?? 0 };
}

/** One reject with all that is kept of its payload, or NotInScope. */
export async function readReject(tx: EntityManager, scope: Scope, id: number): Promise<RejectView> {
  const query = (await visibleRejects(tx, scope, 'rejected_message')).andWhere('reject.id = :id', { id });
  const row = await withColumns(query, KEPT_BYTES).getRawOne<RejectRow>();
  if (!row) throw new NotInScope('reject');
  // Two digits and a blank for each byte of a binary one.
  return view(row, KEPT_BYTES * 3);
}

/**
 * Whether a payload of `reject` may be read by who is a technician or administrator on :payloadNodes (rule K3): where the
 * device belongs, and of where it stood when the message came.
 */
export const MAY_READ_PAYLOAD = `(case when device.id is null then true
  else exists (select 1 from org_node o where o.id = device.owner_node_id and o.path && :payloadNodes::uuid[])
    or exists (select 1 from placement p join org_node o on o.id = p.node_id
      where p.device_id = device.id and o.path && :payloadNodes::uuid[]
        and p.starts_at <= reject.received_at and (p.ends_at is null or p.ends_at > reject.received_at)) end)`;

/** Why a reject cannot be replayed as it stands; an element of a message that was cut may still be whole. */
export const REPLAY_FAULT = `(case
  when reject.replay_outcome = 'taken' then 'taken_already'
  when reject.replay_outcome = 'waiting' then 'waiting'
  when coalesce(octet_length(reject.payload), 0) = 0 or reject.device_key is null then 'no_payload'
  when octet_length(reject.payload) < reject.payload_bytes and reject.element is null then 'payload_cut' end)`;

const COLUMNS = {
  id: 'reject.id',
  received_at: 'reject.received_at',
  device_id: 'device.id',
  asset_tag: 'device.asset_tag',
  client_name: 'reject.client_name',
  topic: 'reject.topic',
  code: 'reject.code',
  reason: 'reject.reason',
  element: 'reject.element',
  payload_bytes: 'reject.payload_bytes',
  replayed_at: 'reject.replayed_at',
  replayed_by: '(select name from user_account where id = reject.replayed_by)',
  replay_offset_ms: 'reject.replay_offset_ms::float8',
  replay_outcome: 'reject.replay_outcome',
  replay_code: 'reject.replay_code',
  replay_reason: 'reject.replay_reason',
  replay_fault: REPLAY_FAULT,
} as const;

interface RejectRow {
  id: number;
  received_at: Date;
  device_id: string | null;
  asset_tag: string | null;
  client_name: string;
  topic: string;
  code: string;
  reason: string;
  element: number | null;
  payload: Buffer | null;
  payload_bytes: number;
  replayed_at: Date | null;
  replayed_by: string | null;
  replay_offset_ms: number | null;
  replay_outcome: 'waiting' | 'taken' | 'refused' | null;
  replay_code: string | null;
  replay_reason: string | null;
  replay_fault: RejectView['replayFault'];
}

function withColumns(query: RejectQuery, payloadBytes: number): RejectQuery {
  for (const [column, source] of Object.entries(COLUMNS)) query.addSelect(source, column);
  const payload = `case when ${MAY_READ_PAYLOAD} then substring(reject.payload from 1 for ${payloadBytes}) end`;
  return query.addSelect(payload, 'payload');
}

const view = (row: RejectRow, characters: number): RejectView => ({
  ...payloadView(row, characters),
  id: row.id,
  receivedAt: row.received_at.toISOString(),
  deviceId: row.device_id,
  assetTag: row.asset_tag,
  clientName: row.client_name,
  topic: row.topic,
  code: row.code,
  reason: row.reason,
  element: row.element,
  payloadBytes: row.payload_bytes,
  replay: replayView(row),
  replayFault: row.replay_fault,
});

function payloadView({ payload }: RejectRow, characters: number): Pick<RejectView, 'payload' | 'isPayloadHexadecimal'> {
  if (payload === null) return { payload, isPayloadHexadecimal: false };
  const { text, isHexadecimal } = payloadText(payload, characters);
  return { payload: text, isPayloadHexadecimal: isHexadecimal };
}

const replayView = (row: RejectRow): RejectView['replay'] =>
  row.replayed_at === null || row.replay_outcome === null
    ? null
    : {
        at: row.replayed_at.toISOString(),
        by: row.replayed_by,
        offsetMinutes: (row.replay_offset_ms ?? 0) / 60_000,
        outcome: row.replay_outcome,
        code: row.replay_code,
        reason: row.replay_reason,
      };
