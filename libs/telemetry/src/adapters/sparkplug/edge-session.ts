import { isField } from '../reading.js';
import type { Metric } from './payload.js';

/** What a birth says of its metrics: each name's datatype, and the names that aliases stand for. */
export interface Vocabulary {
  readonly datatypes: Readonly<Record<string, number>>;
  readonly aliases: Readonly<Record<string, string>>;
}

/** What must be known of an edge node's session to read its next message: plain data, JSON can hold it. No values. */
export interface EdgeSession {
  /** Counts the node's connections, 0 to 255. */
  readonly bdSeq: number | null;
  /** Of its newest message; null where that is not known. */
  readonly seq: number | null;
  readonly bornAtMs: number | null;
  /** By the device's name; the node's own metrics under the empty one. */
  readonly devices: Readonly<Record<string, Vocabulary>>;
}

/** Nothing has been heard of the node. */
export const NO_EDGE_SESSION: EdgeSession = { bdSeq: null, seq: null, bornAtMs: null, devices: {} };

/** The node's own place among its devices. */
export const NODE_ITSELF = '';
/** Most metrics that one edge node may be born with, its devices' included. */
export const BORN_METRICS_MAX = 5_000;
/** Most devices of one edge node. */
export const DEVICES_MAX = 500;

/** The words of a birth. Names that are no field's are known and left out: an empty name stands for them. */
export function vocabularyOf(metrics: readonly Metric[]): Vocabulary {
  const named = metrics.flatMap(({ name, alias, datatype }) =>
    name === null ? [] : [{ name: isField(name) ? name : '', alias, datatype }],
  );
  return {
    // As own properties whatever they are called.
    datatypes: Object.fromEntries(named.map(({ name, datatype }) => [name, datatype])),
    aliases: Object.fromEntries(named.flatMap(({ name, alias }) => (alias === null ? [] : [[alias, name]]))),
  };
}

/** The session with one more device's birth, or with its newer one; null when that is more than is kept of a node. */
export function withBirth(session: EdgeSession, device: string, vocabulary: Vocabulary): EdgeSession | null {
  const devices = { ...session.devices, [device]: vocabulary };
  const metrics = Object.values(devices).reduce((sum, one) => sum + sizeOf(one), 0);
  const count = Object.keys(devices).filter((name) => name !== NODE_ITSELF).length;
  return metrics > BORN_METRICS_MAX || count > DEVICES_MAX ? null : { ...session, devices };
}

/** Several aliases may stand for one name: both are kept, and both count. */
const sizeOf = ({ datatypes, aliases }: Vocabulary): number =>
  Math.max(Object.keys(datatypes).length, Object.keys(aliases).length);

/** The session after a device's death. */
export function withoutDevice(session: EdgeSession, device: string): EdgeSession {
  const left = Object.entries(session.devices).filter(([name]) => name !== device);
  return { ...session, devices: Object.fromEntries(left) };
}

/** What a device was born as in this session. */
export function bornAs({ devices }: EdgeSession, device: string): Vocabulary | undefined {
  return Object.hasOwn(devices, device) ? devices[device] : undefined;
}

/** As it is taken up again after a pause, in which messages may have passed unheard. */
export function resumed(session: EdgeSession): EdgeSession {
  return { ...session, seq: null };
}

/** Messages count from 0 to 255 and round again. A message that says its predecessor's number is that one again. */
export function sequenceGap({ seq: before }: EdgeSession, seq: number | null): string | null {
  if (before === null || seq === null || seq === before) return null;
  const missing = (seq - before - 1 + 256) % 256;
  return missing === 0 ? null : `seq ${seq} came after ${before}: ${missing} missing`;
}

/** A rebirth repeats its connection's number; a node that has lost its memory begins at 0. */
export function connectionGap({ bdSeq: before }: EdgeSession, bdSeq: number | null): string | null {
  if (before === null || bdSeq === null || bdSeq === before || bdSeq === 0) return null;
  const missing = (bdSeq - before - 1 + 256) % 256;
  return missing === 0 ? null : `bdSeq ${bdSeq} came after ${before}: ${missing} missing`;
}
