/**
 * Sparkplug B payloads written field by field, by the tables of the specification 3.0.0, chapter 6.4.1, for tests. Not
 * captured from anything; the adapter's test holds its bytes to payloads that other software has made.
 */
export interface WrittenMetric {
  readonly name?: string;
  readonly alias?: number | bigint;
  readonly at?: number;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  readonly quality?: number;
  readonly int?: number | bigint;
  readonly long?: number | bigint;
  readonly float?: number;
  readonly double?: number;
  readonly bool?: boolean;
  readonly text?: string;
}

/** Datatypes by their numbers. */
export const TYPE = {
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  uint32: 7,
  uint64: 8,
  float: 9,
  double: 10,
  bool: 11,
  text: 12,
};

/** The bytes of a payload. */
export function written(payload: { at?: number; seq?: number; metrics?: readonly WrittenMetric[] }): Buffer {
  return Buffer.concat([
    number(1, payload.at),
    ...(payload.metrics ?? []).map((metric) => bytes(2, metricBytes(metric))),
    number(3, payload.seq),
  ]);
}

function metricBytes(metric: WrittenMetric): Buffer {
  return Buffer.concat([
    text(1, metric.name),
    number(2, metric.alias),
    number(3, metric.at),
    number(4, metric.datatype),
    flag(5, metric.isHistorical),
    flag(7, metric.isNull),
    metric.quality === undefined ? NOTHING : bytes(9, quality(metric.quality)),
    number(10, metric.int),
    number(11, metric.long),
    metric.float === undefined
      ? NOTHING
      : Buffer.concat([tag(12, 5), fixed(4, (to) => to.writeFloatLE(metric.float ?? 0))]),
    metric.double === undefined
      ? NOTHING
      : Buffer.concat([tag(13, 1), fixed(8, (to) => to.writeDoubleLE(metric.double ?? 0))]),
    flag(14, metric.bool),
    text(15, metric.text),
  ]);
}

const NOTHING = Buffer.alloc(0);

function quality(code: number): Buffer {
  const value = Buffer.concat([number(1, TYPE.int32), number(3, code)]);
  return Buffer.concat([text(1, 'engUnit'), text(1, 'Quality'), bytes(2, text(8, '°C')), bytes(2, value)]);
}

/** A varint; a negative number in all its 64 bits. */
export function varint(value: number | bigint): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...out, Number(rest)]);
}

/** A field's tag: its number and how its value is written. */
export const tag = (field: number, wire: number): Buffer => varint((field << 3) | wire);

/** A field with its length before it. */
export const bytes = (field: number, content: Buffer): Buffer =>
  Buffer.concat([tag(field, 2), varint(content.length), content]);

const number = (field: number, value: number | bigint | undefined): Buffer =>
  value === undefined ? NOTHING : Buffer.concat([tag(field, 0), varint(value)]);
const flag = (field: number, value: boolean | undefined): Buffer =>
  number(field, value === undefined ? undefined : Number(value));
const text = (field: number, value: string | undefined): Buffer =>
  value === undefined ? NOTHING : bytes(field, Buffer.from(value));

function fixed(length: number, write: (to: Buffer) => void): Buffer {
  const out = Buffer.alloc(length);
  write(out);
  return out;
}
