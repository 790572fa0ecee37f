import { isUtf8 } from 'node:buffer';
import { MAX_AHEAD_MS, MAX_PAYLOAD_BYTES, type RejectCode } from '#contracts';

/** Why a message, or one element of its array, was not taken. `element` is the index in the array, null = all of it. */
export interface Rejection {
  readonly code: RejectCode;
  readonly reason: string;
  readonly element: number | null;
}

/** The times between which an event is taken (rule U5), in milliseconds. */
export interface TimeWindow {
  readonly receivedAtMs: number;
  /** The oldest instant of which raw usage is kept. */
  readonly keptFromMs: number;
}

/** A rejection; without `element` it is the whole message's. */
export function reject(code: RejectCode, reason: string, element: number | null = null): Rejection {
  return { code, reason, element };
}

/** Everything below a space but tab, line feed and carriage return: neither JSON nor plain text holds them bare. */
// eslint-disable-next-line no-control-regex -- to find control characters is what it is for
export const CONTROL_CHARACTER = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

/** The JSON of a payload, or why it is none: `payload_too_large`, `binary_payload` or `not_json`. */
export function parsePayload(payload: Buffer): { readonly json: unknown } | Rejection {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    return reject('payload_too_large', `${payload.length} bytes, at most ${MAX_PAYLOAD_BYTES} are taken`);
  }
  const text = payload.toString();
  // What is no UTF-8 has been replaced by U+FFFD, which a text may also hold by right.
  if (text.includes('\ufffd') && !isUtf8(payload)) return reject('binary_payload', 'the payload is no UTF-8 text');
  try {
    return { json: JSON.parse(text) as unknown };
  } catch (error) {
    if (CONTROL_CHARACTER.test(text)) return reject('binary_payload', 'the payload holds control characters');
    return reject('not_json', error instanceof Error ? error.message.slice(0, 200) : 'the payload is no JSON');
  }
}

/** Whether {@link parsePayload} and its like gave a rejection. */
export function isRejection(result: object): result is Rejection {
  return 'code' in result && 'reason' in result;
}

/** Milliseconds of a device's time: RFC 3339, Unix milliseconds, or seconds, told by magnitude (below 10^11). */
export function deviceTimeMs(time: number | string): number {
  if (typeof time === 'string') return Date.parse(time);
  return Math.round(Math.abs(time) < 1e11 ? time * 1000 : time);
}

/** Null when the time can be taken, else `time_in_future` or `time_too_old` (rule U5). */
export function timeFault(atMs: number, window: TimeWindow): Pick<Rejection, 'code' | 'reason'> | null {
  if (atMs > window.receivedAtMs + MAX_AHEAD_MS) {
    return { code: 'time_in_future', reason: `${seconds(atMs - window.receivedAtMs)} s ahead of the clock here` };
  }
  if (atMs < window.keptFromMs) {
    return { code: 'time_too_old', reason: `${seconds(window.keptFromMs - atMs)} s older than what is kept` };
  }
  return null;
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
