import { ENTER_INBOX, type InboxRow } from '#database';
import type { EntityManager } from 'typeorm';

/** A message for ingest. */
export interface InboxMessage {
  /** Null: nobody knows the device that the message names. */
  deviceKey: number | null;
  clientName: string;
  topic: string;
  payload: Buffer;
  /** How many usages it holds: messages are taken by their weight. */
  usages: number;
  /** A replay keeps the time of its first receipt; else now. */
  receivedAt?: Date;
  entryId?: string;
  rejectId?: number;
}

/** How messages came, which holds for all of one call. */
export interface InboxOrigin {
  source: InboxRow['source'];
  /** Who entered them; absent = a token. */
  personId?: string;
  importId?: string;
  clockOffsetMs?: number;
}

/** Puts messages into the inbox, from which ingest takes them within a second of the commit. */
export async function enterInbox(
  tx: EntityManager,
  origin: InboxOrigin,
  messages: readonly InboxMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  await tx.query(ENTER_INBOX.text, [
    messages.map(({ deviceKey }) => deviceKey),
    messages.map(({ clientName }) => clientName),
    origin.source,
    messages.map(({ topic }) => topic),
    messages.map(({ payload }) => payload),
    messages.map(({ usages }) => usages),
    messages.map(({ receivedAt }) => receivedAt ?? null),
    origin.personId ?? null,
    messages.map(({ entryId }) => entryId ?? null),
    origin.importId ?? null,
    messages.map(({ rejectId }) => rejectId ?? null),
    origin.clockOffsetMs ?? 0,
  ]);
}
