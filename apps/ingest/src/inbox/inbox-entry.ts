import { parseUpwardTopic, USAGE_FLAGS } from '#contracts';
import type { InboxRow } from '#database';
import { reject, type UsageDraft } from '#telemetry';
import type { Device } from '../custody.js';
import { receive } from '../receive.js';
import type { Entry } from '../record/entry.js';

/** What turning a row into an entry needs to know besides the row. */
export interface InboxContext {
  readonly device: Device;
  readonly keptFromMs: number;
}

/** The entry of a row in the inbox: the same decoding as over MQTT, with what the way in adds. Pure. */
export function inboxEntry(row: InboxRow, { device, keptFromMs }: InboxContext): Entry {
  const { topic, payload, client_name: clientName, received_at_ms: receivedAtMs, clock_offset_ms: offsetMs } = row;
  const named = parseUpwardTopic(topic);
  const channel = named?.deviceId === device.publicId ? named.channel : null;
  // By the device's own clock, which the offset puts right afterwards (rule U5).
  const window = { receivedAtMs: receivedAtMs - offsetMs, keptFromMs: keptFromMs - offsetMs };
  const received = { device, channel, clientName, topic, payload, receipt: { name: receiptNameOf(row) }, window };
  const decoded = receive(received);
  const { state, health } = decoded;
  return {
    ...decoded,
    receivedAtMs,
    drafts: decoded.drafts.map((draft) => marked(row, draft)),
    state: state && { ...state, atMs: state.atMs + offsetMs },
    health: health && { ...health, atMs: health.atMs + offsetMs },
  };
}

/** Stable over every attempt (rule U1); a reject's own, so that replaying it again gives nothing new. */
function receiptNameOf({ id, reject_id: rejectId }: InboxRow): string {
  return rejectId === null ? `inbox-${id}` : `reject-${rejectId}`;
}

/** Whether a person entered the row's usages: they count as such in every figure, and are no sign of life. */
export function isByHand({ source }: Pick<InboxRow, 'source'>): boolean {
  return source === 'csv' || source === 'manual';
}

function marked(row: InboxRow, draft: UsageDraft): UsageDraft {
  const offsetMs = row.clock_offset_ms;
  return {
    ...draft,
    flags: isByHand(row) ? draft.flags | USAGE_FLAGS.manual : draft.flags,
    ownAtMs: shifted(draft.ownAtMs, offsetMs),
    untilMs: shifted(draft.untilMs, offsetMs),
  };
}

function shifted(ms: number | null, offsetMs: number): number | null {
  return ms === null ? null : ms + offsetMs;
}

/** Nobody's message is refused as over MQTT, without its payload: nobody could mend or replay it. */
export function unknownDeviceMessage(row: InboxRow): Omit<Entry, 'done'> {
  return {
    device: null,
    clientName: row.client_name,
    topic: row.topic,
    payload: Buffer.alloc(0),
    receivedAtMs: row.received_at_ms,
    drafts: [],
    rejections: [reject('unknown_device', 'no device has the name that the message gives')],
    state: null,
    health: null,
    droppedAttributes: 0,
    repeatsNotDetectable: false,
  };
}
