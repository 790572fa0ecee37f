import { MAX_PAYLOAD_BYTES } from '#contracts';
import { reject, type Rejection } from '../../native/message.js';
import { type Field, ProtobufReader, readFields, WIRE } from './protobuf-reader.js';

/** A metric's value as it was written; what it stands for is the datatype's to say. Null: none that can be counted. */
export type WrittenValue =
  | { readonly integer: bigint; readonly bits: 32 | 64 }
  | { readonly number: number; readonly isSingle: boolean }
  | { readonly scalar: string | boolean }
  | null;

/** One metric of a payload. */
export interface Metric {
  /** Null where the sender uses aliases. */
  name: string | null;
  /** As a decimal text: it may have all 64 bits. */
  alias: string | null;
  atMs: number | null;
  /** 0 where it is left out, as it should be after the birth. */
  datatype: number;
  isNull: boolean;
  /** The property of that name: 0 is bad, 192 good, 500 stale. */
  quality: number | null;
  value: WrittenValue;
}

/** A Sparkplug B payload: what of it says something of use. Time in milliseconds. */
export interface Payload {
  atMs: number | null;
  seq: number | null;
  readonly metrics: Metric[];
}

/** Most metrics of one payload. */
const METRICS_MAX = 5_000;

/** The payload of a message, or what is wrong with it and where. Reads facts only; never throws. */
export function readPayload(bytes: Buffer): Payload | Rejection {
  if (bytes.length > MAX_PAYLOAD_BYTES) {
    return reject('payload_too_large', `${bytes.length} bytes, at most ${MAX_PAYLOAD_BYTES} are taken`);
  }
  const reader = new ProtobufReader(bytes);
  const payload = readFields<Payload>({ atMs: null, seq: null, metrics: [] }, PAYLOAD, reader);
  if (reader.fault !== null) return reject('schema', `no Sparkplug B payload: ${reader.fault}`);
  if (payload.atMs === null && payload.metrics.length === 0) {
    return reject('schema', 'no Sparkplug B payload: it has neither a timestamp nor metrics');
  }
  return payload;
}

// The numbers are those of the Sparkplug 3.0.0 specification, chapter 6.4.1.
const PAYLOAD: Readonly<Record<number, Field<Payload>>> = {
  1: ['timestamp', WIRE.varint, (payload, reader) => (payload.atMs = reader.number())],
  2: ['metrics', WIRE.bytes, (payload, reader) => addMetric(payload, reader)],
  3: ['seq', WIRE.varint, (payload, reader) => (payload.seq = sequenceNumber(reader.number()))],
};

/** Commands carry none, and some senders write −1 there. */
const sequenceNumber = (value: number): number | null => (value <= 255 ? value : null);

function addMetric({ metrics }: Payload, reader: ProtobufReader): void {
  const within = reader.message();
  if (metrics.length === METRICS_MAX) return reader.fail(`more than ${METRICS_MAX} metrics`);
  const metric = { name: null, alias: null, atMs: null, datatype: 0, isNull: false, quality: null, value: null };
  metrics.push(readFields<Metric>(metric, METRIC, within));
}

/** Historical and transient values are values: late ones are taken at their own time. */
const METRIC: Readonly<Record<number, Field<Metric>>> = {
  1: ['name', WIRE.bytes, (metric, reader) => (metric.name = reader.text())],
  2: ['alias', WIRE.varint, (metric, reader) => (metric.alias = String(reader.uint64()))],
  3: ['a metric’s timestamp', WIRE.varint, (metric, reader) => (metric.atMs = reader.number())],
  4: ['datatype', WIRE.varint, (metric, reader) => (metric.datatype = reader.uint32())],
  7: ['is_null', WIRE.varint, (metric, reader) => (metric.isNull = reader.bool())],
  9: ['properties', WIRE.bytes, (metric, reader) => (metric.quality = readQuality(reader.message()))],
  10: ['int_value', WIRE.varint, (metric, reader) => setInteger(metric, reader.uint64(), 32)],
  11: ['long_value', WIRE.varint, (metric, reader) => setInteger(metric, reader.uint64(), 64)],
  12: ['float_value', WIRE.fixed32, (metric, reader) => (metric.value = { number: reader.float(), isSingle: true })],
  13: ['double_value', WIRE.fixed64, (metric, reader) => (metric.value = { number: reader.double(), isSingle: false })],
  14: ['boolean_value', WIRE.varint, (metric, reader) => (metric.value = { scalar: reader.bool() })],
  15: ['string_value', WIRE.bytes, (metric, reader) => (metric.value = { scalar: reader.text() })],
};

function setInteger(metric: Metric, value: bigint, bits: 32 | 64): void {
  metric.value = { integer: BigInt.asUintN(bits, value), bits };
}

interface Properties {
  readonly keys: string[];
  readonly values: (number | null)[];
}

const PROPERTIES: Readonly<Record<number, Field<Properties>>> = {
  1: ['a property’s key', WIRE.bytes, ({ keys }, reader) => keys.push(reader.text())],
  2: ['a property', WIRE.bytes, ({ values }, reader) => values.push(readInteger(reader.message()))],
};

const PROPERTY_VALUE: Readonly<Record<number, Field<{ integer: number | null }>>> = {
  3: ['a property’s int_value', WIRE.varint, (value, reader) => (value.integer = reader.uint32())],
};

const readInteger = (reader: ProtobufReader): number | null =>
  readFields<{ integer: number | null }>({ integer: null }, PROPERTY_VALUE, reader).integer;

function readQuality(reader: ProtobufReader): number | null {
  const { keys, values } = readFields<Properties>({ keys: [], values: [] }, PROPERTIES, reader);
  return values[keys.indexOf('Quality')] ?? null;
}
