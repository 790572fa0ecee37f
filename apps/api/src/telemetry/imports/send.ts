import { MAX_PAYLOAD_BYTES, MAX_USAGES_PER_MESSAGE, upwardTopic } from '#contracts';
import { UsageImportEntity } from '#database';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import { Refused } from '../../inventory/refused.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { enterInbox, type InboxMessage } from '../inbox.queries.js';
import { type GoodLine, nextLines } from './imports.queries.js';
import { LINES_AT_ONCE } from './upload.js';

/**
 * Sends the next lines of an import to the inbox; false when none are left. Lines and cursor are one transaction, and
 * the row is locked: interrupted or called twice at once, each line is sent once.
 */
export async function sendNextLines(tx: EntityManager, scope: Scope<'usage:enter'>, id: string): Promise<boolean> {
  const imports = scoped(tx, UsageImportEntity, scope);
  const file = await imports.lock(id);
  if (file.status === 'sent') return false;
  assertReady(file);
  const lines = await nextLines(tx, scope, { importId: id, after: file.nextLine, limit: LINES_AT_ONCE });
  if (file.status === 'checked') {
    assertKept(lines);
    await auditSending(tx, scope, file);
  }
  await enterInbox(tx, { source: 'csv', personId: scope.person.id, importId: id }, messagesOf(lines, file));
  const isLast = lines.length < LINES_AT_ONCE;
  await imports.save({
    id,
    nextLine: lines.at(-1)?.line ?? file.nextLine,
    status: isLast ? 'sent' : 'sending',
    sentBy: scope.person.id,
    sentAt: new Date(),
  });
  return !isLast;
}

function assertReady({ fault, good }: UsageImportEntity): void {
  if (fault !== null) throw new Refused('import_unreadable', `The file could not be read to its end: ${fault}`);
  if (good === 0) throw new Refused('import_empty', 'The file has no good line.');
}

/** Lines are kept as long as rejects (rule K3): an old file must not count as sent with nothing of it. */
function assertKept(lines: readonly GoodLine[]): void {
  if (lines.length > 0) return;
  throw new Refused('import_empty', 'The lines of the file are no longer kept: upload it again.');
}

async function auditSending(tx: EntityManager, scope: Scope, file: UsageImportEntity): Promise<void> {
  await audit(tx, scope.person, {
    rootId: file.rootId,
    action: 'usage_import.send',
    subjectKind: 'usage_import',
    subjectId: file.id,
    reason: file.reason,
    changes: { fileName: file.fileName, good: file.good, bad: file.bad },
  });
}

/** One message per device and as many of its usages as a message may hold. */
function messagesOf(lines: readonly GoodLine[], { fileName }: UsageImportEntity): InboxMessage[] {
  return [...Map.groupBy(lines, ({ deviceKey }) => deviceKey)].flatMap(([deviceKey, own]) =>
    inMessages(own).map((usages) => ({
      deviceKey,
      clientName: fileName,
      topic: upwardTopic(own[0]?.publicId ?? '', 'usage'),
      payload: Buffer.from(`[${usages.join(',')}]`),
      usages: usages.length,
    })),
  );
}

function inMessages(lines: readonly GoodLine[]): string[][] {
  const messages: string[][] = [];
  let room = 0;
  for (const { usage } of lines) {
    const bytes = Buffer.byteLength(usage) + 1;
    const last = messages.at(-1);
    if (last && bytes <= room && last.length < MAX_USAGES_PER_MESSAGE) last.push(usage);
    else {
      messages.push([usage]);
      room = MAX_PAYLOAD_BYTES - 2;
    }
    room -= bytes;
  }
  return messages;
}
