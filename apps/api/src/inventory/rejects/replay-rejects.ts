import { MAX_REPLAYS, type ReplayAnswer, type ReplayFault, type ReplayRejects } from '#contracts';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { enterInbox, type InboxMessage } from '../../telemetry/inbox.queries.js';
import { type Candidate, candidatesMeant, candidatesOf, markCut, markReplayed } from './replay.queries.js';
import { storedElement } from './stored-element.js';

type ReplayScope = Scope<'reject:replay'>;

/**
 * Sends stored messages through the inbox again, with the time of their first receipt: only the refused element of an
 * array. A reject that is on its way or has been taken is passed over, so that replaying twice gives nothing new.
 */
export async function replayRejects(tx: EntityManager, scope: ReplayScope, body: ReplayRejects): Promise<ReplayAnswer> {
  const { rows, missing, left } = await meant(tx, scope, body);
  const offsetMs = Math.round(body.offsetMinutes * 60_000);
  const free = rows.filter(({ fault }) => fault === null);
  const messages = free.flatMap(messageOf);
  const queued = new Set(messages.map(({ rejectId }) => rejectId));
  const cut = free.flatMap(({ id }) => (queued.has(id) ? [] : [id]));
  if (cut.length > 0) await markCut(tx, scope, cut);
  if (messages.length > 0) {
    await markReplayed(tx, scope, { ids: messages.flatMap(({ rejectId }) => rejectId ?? []), offsetMs });
    const origin = { source: 'replay', personId: scope.person.id, clockOffsetMs: offsetMs } as const;
    await enterInbox(tx, origin, messages);
    await auditReplay(tx, scope, { body, messages });
  }
  const faults = [
    ...rows.flatMap(({ fault }) => fault ?? []),
    ...cut.map(() => 'payload_cut' as const),
    ...Array.from({ length: missing }, () => 'not_yours' as const),
  ];
  return { queued: messages.length, skipped: counted(faults), left };
}

/** `missing`: ids of nothing in the caller's reach. */
async function meant(
  tx: EntityManager,
  scope: ReplayScope,
  { ids, filter = {} }: ReplayRejects,
): Promise<{ rows: Candidate[]; missing: number; left: number }> {
  if (ids) {
    const asked = [...new Set(ids)];
    const rows = await candidatesOf(tx, scope, asked);
    return { rows, missing: asked.length - rows.length, left: 0 };
  }
  const { rows, total } = await candidatesMeant(tx, scope, { filter, limit: MAX_REPLAYS });
  return { rows, missing: 0, left: total - rows.length };
}

function messageOf(reject: Candidate): InboxMessage[] {
  const { id: rejectId, deviceKey, clientName, topic, receivedAt, element } = reject;
  const text = reject.payload?.toString('utf8') ?? '';
  const isCut = (reject.payload?.length ?? 0) < reject.payloadBytes;
  const part = element === null ? (isCut ? null : text) : storedElement(text, element);
  if (part === null || part === '') return [];
  const payload = element === null && reject.payload ? reject.payload : Buffer.from(part);
  return [{ rejectId, deviceKey, clientName, topic, receivedAt, payload, usages: usagesIn(part) }];
}

/** About how many usages a message holds; one that is no JSON counts as one. */
function usagesIn(text: string): number {
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? json.length : 1;
  } catch {
    return 1;
  }
}

async function auditReplay(
  tx: EntityManager,
  scope: ReplayScope,
  { body, messages }: { body: ReplayRejects; messages: readonly InboxMessage[] },
): Promise<void> {
  const ids = messages.map(({ rejectId }) => rejectId);
  await audit(tx, scope.person, {
    rootId: scope.person.rootId,
    action: 'reject.replay',
    subjectKind: 'reject',
    subjectId: ids.length === 1 ? String(ids[0]) : null,
    reason: body.reason,
    changes: { ids, offsetMinutes: body.offsetMinutes, ...(body.filter ? { filter: body.filter } : {}) },
  });
}

function counted(faults: readonly ReplayFault[]): ReplayAnswer['skipped'] {
  return [...Map.groupBy(faults, (fault) => fault)].map(([fault, { length: count }]) => ({ fault, count }));
}
