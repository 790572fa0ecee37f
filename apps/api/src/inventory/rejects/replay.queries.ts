import type { RejectFilter, ReplayFault } from '#contracts';
import { DeviceEntity } from '#database';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { REPLAY_FAULT } from './rejects.queries.js';
import { narrowRejects, type RejectQuery } from './visible-rejects.queries.js';

/** A reject that a replay means, locked until the transaction ends. */
export interface Candidate {
  id: number;
  deviceKey: number;
  clientName: string;
  topic: string;
  element: number | null;
  payload: Buffer | null;
  payloadBytes: number;
  receivedAt: Date;
  fault: ReplayFault | null;
}

/** The rejects of ids whose devices the caller may change. */
export async function candidatesOf(tx: EntityManager, scope: Scope, ids: readonly number[]): Promise<Candidate[]> {
  return candidates(changeable(tx, scope).andWhere('reject.id = any(:ids::bigint[])', { ids }), ids.length);
}

/** Of a filter's, those that can be replayed, the oldest first, and how many there are in all. */
export async function candidatesMeant(
  tx: EntityManager,
  scope: Scope,
  { filter, limit }: { filter: RejectFilter; limit: number },
): Promise<{ rows: Candidate[]; total: number }> {
  const outcome = filter.outcome ?? 'open';
  const query = narrowRejects(changeable(tx, scope), { ...filter, outcome }, 'reject.received_at');
  query.andWhere(`${REPLAY_FAULT} is null`);
  const counted = await query.clone().select('count(*)::int', 'total').getRawOne<{ total: number }>();
  return { rows: await candidates(query, limit), total: counted?.total ?? 0 };
}

function changeable(tx: EntityManager, scope: Scope): RejectQuery {
  const devices = scoped(tx, DeviceEntity, scope).query().select('row.key');
  return tx
    .createQueryBuilder()
    .select([])
    .from('rejected_message', 'reject')
    .innerJoin('device', 'device', 'device.key = reject.device_key')
    .where(`reject.device_key in (${devices.getQuery()})`)
    .setParameters(devices.getParameters());
}

function candidates(query: RejectQuery, limit: number): Promise<Candidate[]> {
  return query
    .addSelect('reject.id', 'id')
    .addSelect('reject.device_key', 'deviceKey')
    .addSelect('reject.client_name', 'clientName')
    .addSelect('reject.topic', 'topic')
    .addSelect('reject.element', 'element')
    .addSelect('reject.payload', 'payload')
    .addSelect('reject.payload_bytes', 'payloadBytes')
    .addSelect('reject.received_at', 'receivedAt')
    .addSelect(REPLAY_FAULT, 'fault')
    .orderBy('reject.id')
    .limit(limit)
    .setLock('pessimistic_write', undefined, ['reject'])
    .getRawMany<Candidate>();
}

/** Notes that rejects are on their way again, by whom and with which clock offset. */
export async function markReplayed(
  tx: EntityManager,
  scope: Scope,
  { ids, offsetMs }: { ids: readonly number[]; offsetMs: number },
): Promise<void> {
  await tx.query(
    /* sql */ `update rejected_message set replayed_at = now(), replayed_by = $2, replay_offset_ms = $3,
      replay_outcome = 'waiting', replay_code = null, replay_reason = null where id = any($1::bigint[])`,
    [ids, scope.person.id, offsetMs],
  );
}

/** Notes that rejects cannot be replayed because their part of the message was not kept. */
export async function markCut(tx: EntityManager, scope: Scope, ids: readonly number[]): Promise<void> {
  await tx.query(
    /* sql */ `update rejected_message set replayed_at = now(), replayed_by = $2, replay_offset_ms = 0,
      replay_outcome = 'refused', replay_code = 'payload_too_large',
      replay_reason = 'this part of the message was not kept: have the device send it again'
    where id = any($1::bigint[])`,
    [ids, scope.person.id],
  );
}
