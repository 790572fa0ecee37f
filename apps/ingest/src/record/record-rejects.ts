import { RECORD_REJECTS, STORED_REJECTS_PER_HOUR } from '#database';
import type { Rejection } from '#telemetry';
import type { Client } from 'pg';
import { instantArray, int4Array, textArray } from './binary-array.js';
import type { Entry } from './entry.js';

/** Most bytes of a payload kept with a reject. */
export const KEPT_PAYLOAD_BYTES = 8_192;
const KEPT_TEXT = 300;

/** A rejection and the message it belongs to. */
export interface Reject {
  readonly entry: Entry;
  readonly rejection: Rejection;
}

/** Stores and counts rejects (rule K3): payloads capped, and none for content that must not be kept. */
export async function recordRejects(rejects: readonly Reject[], client: Client): Promise<void> {
  if (rejects.length === 0) return;
  const sorted = [...rejects].sort((one, other) => keyOf(one) - keyOf(other));
  const entries = sorted.map(({ entry }) => entry);
  const rejections = sorted.map(({ rejection }) => rejection);
  const values = [
    instantArray(entries.map(({ receivedAtMs }) => receivedAtMs)),
    int4Array(sorted.map(keyOf)),
    textArray(entries.map(({ clientName }) => storable(clientName))),
    textArray(entries.map(({ topic }) => storable(topic))),
    textArray(rejections.map(({ code }) => code)),
    textArray(rejections.map(({ reason }) => storable(reason))),
    int4Array(rejections.map(({ element }) => element)),
    textArray(sorted.map(keptPayload)),
    int4Array(entries.map(({ payload }) => payload.length)),
    STORED_REJECTS_PER_HOUR,
  ];
  await client.query({ ...RECORD_REJECTS, values });
}

function keyOf({ entry }: Reject): number {
  return entry.device?.key ?? 0;
}

function keptPayload({ entry, rejection }: Reject): string | null {
  if (rejection.code === 'binary_payload' || rejection.code === 'consent_withdrawn') return null;
  return entry.payload.subarray(0, KEPT_PAYLOAD_BYTES).toString('hex');
}

/** What a client wrote may hold anything, but a text column no NUL. */
function storable(text: string): string {
  return text
    .slice(0, KEPT_TEXT)
    .replace(/\p{Cc}/gu, '\ufffd')
    .toWellFormed();
}
