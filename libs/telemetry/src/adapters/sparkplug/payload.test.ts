import { MAX_PAYLOAD_BYTES } from '#contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRejection } from '../../native/message.js';
import * as captured from './captured.fixture.js';
import { valueOf } from './metric-value.js';
import { type Payload, readPayload } from './payload.js';
import { rebirthRequest } from './rebirth-request.js';
import { bytes, tag, TYPE, varint, type WrittenMetric, written } from './written.fixture.js';

function payloadOf(given: Buffer): Payload {
  const payload = readPayload(given);
  if (isRejection(payload)) throw new Error(payload.reason);
  return payload;
}
const reasonOf = (given: Buffer): string => {
  const payload = readPayload(given);
  return isRejection(payload) ? `${payload.code}: ${payload.reason}` : 'taken';
};
/** The value of one metric that is written and read again, and its datatype told here or by a birth. */
const readBack = (metric: WrittenMetric, datatype = metric.datatype ?? 0) => {
  const [read] = payloadOf(written({ at: 1, metrics: [metric] })).metrics;
  return read && valueOf(read, datatype);
};

describe('a captured payload', () => {
  it('of a host’s request for a rebirth is read to the last field, its seq of −1 as none', () => {
    expect(payloadOf(captured.ELECSYS_REBIRTH.payload)).toMatchObject({
      atMs: 1_687_369_422_751,
      seq: null,
      metrics: [{ name: 'Node Control/Rebirth', atMs: 1_687_369_422_751, datatype: 11, value: { scalar: true } }],
    });
  });

  it('names its metric by an alias; a line feed after its end is a fault with its place', () => {
    const { payload } = captured.ELECSYS_COMMAND;
    expect(payloadOf(payload).metrics).toMatchObject([
      { name: null, alias: '47002', value: { integer: 15n, bits: 32 } },
    ]);
    const printed = Buffer.concat([payload, Buffer.from([captured.LINE_FEED])]);
    expect(reasonOf(printed)).toBe(
      'schema: no Sparkplug B payload: timestamp is of wire type 2 instead of 0 at byte 36',
    );
  });

  it('of a node’s birth has its metrics, aliases and values', () => {
    expect(payloadOf(captured.UMH_NBIRTH.payload)).toMatchObject({
      atMs: 1_750_855_643_474,
      seq: 0,
      metrics: [
        { name: 'bdSeq', alias: '1', datatype: 8, value: { integer: 88n, bits: 64 } },
        { name: 'Node Control/Rebirth', alias: '2', datatype: 11, value: { scalar: false } },
        { name: 'Temperature', alias: '100', datatype: 10, value: { number: 21.5 } },
      ],
    });
  });

  it('is what the tests’ own writer writes, byte by byte', () => {
    const { atMs } = payloadOf(captured.UMH_NBIRTH.payload);
    const metrics = [
      { name: 'bdSeq', alias: 1, datatype: TYPE.uint64, long: 88 },
      { name: 'Node Control/Rebirth', alias: 2, datatype: TYPE.bool, bool: false },
      { name: 'Temperature', alias: 100, datatype: TYPE.double, double: 21.5 },
    ];
    expect(written({ at: atMs ?? 0, seq: 0, metrics })).toEqual(captured.UMH_NBIRTH.payload);
    const at = 1_687_449_640_000;
    const command = written({ at, metrics: [{ alias: 47_002, at, datatype: TYPE.int32, int: 15 }], seq: -1 });
    expect(command).toEqual(captured.ELECSYS_COMMAND.payload);
  });

  it('of other protobuf messages, or of text, is refused', () => {
    expect(captured.NO_SPARKPLUG.map(reasonOf)).toEqual([
      'schema: no Sparkplug B payload: it has neither a timestamp nor metrics',
      'schema: no Sparkplug B payload: boolean_value is of wire type 7 instead of 0 at byte 3',
      expect.stringMatching(/^schema: no Sparkplug B payload: /),
    ]);
  });

  it('of a rebirth request is what is sent here too', () => {
    const { topic, payload } = rebirthRequest('group/redigate', 1_687_369_422_751);
    expect(topic).toBe(captured.ELECSYS_REBIRTH.topic);
    const [wanted, sent] = [payloadOf(captured.ELECSYS_REBIRTH.payload), payloadOf(payload)];
    expect(sent).toEqual(wanted);
  });
});

describe('a value', () => {
  it.each<[string, WrittenMetric, unknown]>([
    ['−1 as an int8 in 32 bits', { datatype: TYPE.int8, int: 0xffff_ffff }, -1],
    ['−1 as an int8 in 8 bits', { datatype: TYPE.int8, int: 0xff }, -1],
    ['−300 as an int16', { datatype: TYPE.int16, int: 0xffff_fed4 }, -300],
    ['−2 as an int32 in 64 bits', { datatype: TYPE.int32, int: -2 }, -2],
    ['−9 as an int64', { datatype: TYPE.int64, long: -9 }, -9],
    ['the largest uint32', { datatype: TYPE.uint32, int: 0xffff_ffff }, 4_294_967_295],
    ['the largest uint64, exactly', { datatype: TYPE.uint64, long: 0xffff_ffff_ffff_ffffn }, '18446744073709551615'],
    ['the least int64, exactly', { datatype: TYPE.int64, long: -(2n ** 63n) }, '-9223372036854775808'],
    ['2^53 − 1', { datatype: TYPE.uint64, long: 2n ** 53n - 1n }, 9_007_199_254_740_991],
    ['a float as the decimal number that was meant', { datatype: TYPE.float, float: 21.7 }, 21.7],
    ['a small float', { datatype: TYPE.float, float: 1.1754944e-38 }, 1.1754944e-38],
    ['a double', { datatype: TYPE.double, double: 0.1 }, 0.1],
    ['a boolean', { datatype: TYPE.bool, bool: false }, false],
    ['a text', { datatype: TYPE.text, text: 'låst' }, 'låst'],
    ['none where it is null', { datatype: TYPE.int32, isNull: true, int: 7 }, null],
    ['none where it is not a number', { datatype: TYPE.double, double: NaN }, null],
    ['none where its quality is bad', { datatype: TYPE.bool, bool: true, quality: 0 }, null],
    ['none where it is stale', { datatype: TYPE.bool, bool: true, quality: 500 }, null],
    ['itself where its quality is good', { datatype: TYPE.bool, bool: true, quality: 192 }, true],
    ['none where nothing is written', { datatype: TYPE.bool }, null],
  ])('is %s', (_what, metric, value) => expect(readBack(metric)).toBe(value));

  it('that may be negative is not guessed without its datatype', () => {
    expect(readBack({ int: 0x8000_0000 })).toBeUndefined();
    expect(readBack({ int: 0x7fff_ffff })).toBe(0x7fff_ffff);
    expect(readBack({ int: 0xffff_ffff }, TYPE.int32)).toBe(-1);
  });
});

describe('a malformed payload', () => {
  const metric = (content: Buffer): Buffer => bytes(2, content);
  it.each<[string, Buffer, string]>([
    ['an empty one', Buffer.alloc(0), 'it has neither a timestamp nor metrics'],
    ['a varint without an end', Buffer.from([0x08, 0x80]), '1 bytes wanted, 0 left at byte 2'],
    [
      'a varint of 65 bits',
      Buffer.concat([tag(1, 0), Buffer.from('ffffffffffffffffff02', 'hex')]),
      'more than 64 bits at byte 11',
    ],
    ['a varint of 11 bytes', Buffer.concat([tag(1, 0), Buffer.alloc(10, 0xff)]), 'more than 10 bytes at byte 11'],
    ['a field of number 0', Buffer.from([0x00, 0x01]), 'a tag that is none at byte 1'],
    ['a metric longer than the payload', Buffer.from([0x12, 0x7f, 0x08]), '127 bytes wanted, 1 left at byte 2'],
    ['a length of 2^64 − 1', Buffer.concat([tag(2, 2), varint(-1)]), 'bytes wanted, 0 left at byte 11'],
    ['a name longer than its metric', metric(Buffer.from([0x0a, 0x05, 0x61])), '5 bytes wanted, 1 left at byte 4'],
    ['a name that is no text', metric(Buffer.from([0x0a, 0x01, 0xff])), 'a text that is no UTF-8 at byte 5'],
    ['a timestamp as text', bytes(1, Buffer.from('x')), 'timestamp is of wire type 2 instead of 0 at byte 1'],
    ['a group without an end', Buffer.concat([tag(9, 3), tag(1, 0), varint(1)]), 'group 9 without an end at byte 3'],
    ['groups in groups', Buffer.concat(Array.from({ length: 20 }, () => tag(9, 3))), 'field 9 of wire type 3'],
    [
      'more metrics than there may be',
      Buffer.concat(Array.from({ length: 5_001 }, () => Buffer.from([0x12, 0]))),
      'more than 5000 metrics',
    ],
  ])('%s is refused with what is wrong and where', (_what, payload, reason) => {
    expect(reasonOf(payload)).toMatch(/^schema: no Sparkplug B payload: /);
    expect(reasonOf(payload)).toContain(reason);
  });

  it('that is too large is refused before it is read', () => {
    expect(reasonOf(Buffer.alloc(MAX_PAYLOAD_BYTES + 1))).toMatch(/^payload_too_large: /);
  });

  it('loses nothing by what it holds beyond the specification, groups included', () => {
    const known = written({ at: 5, metrics: [{ name: 'a', datatype: TYPE.bool, bool: true }], seq: 3 });
    const group = Buffer.concat([tag(90, 3), bytes(1, Buffer.from('x')), tag(7, 3), tag(7, 4), tag(90, 4)]);
    const others = [
      group,
      bytes(4, Buffer.from('uuid')),
      tag(77, 0),
      varint(-1),
      tag(78, 1),
      Buffer.alloc(8),
      tag(79, 5),
      Buffer.alloc(4),
    ];
    expect(readPayload(Buffer.concat([...others, known, ...others]))).toEqual(payloadOf(known));
  });

  it('of whatever kind is read or refused, never thrown at', () => {
    const seeds = [
      captured.UMH_NBIRTH.payload,
      captured.ELECSYS_REBIRTH.payload,
      captured.ELECSYS_COMMAND.payload,
      written({
        at: 1,
        seq: 2,
        metrics: [
          { name: 'x', at: 1, quality: 192, float: 1 },
          { alias: 2n ** 64n - 1n, text: 'y' },
        ],
      }),
    ];
    const change = fc.tuple(fc.nat(), fc.constantFrom('flip', 'cut', 'insert', 'repeat'), fc.nat(255));
    const answer = (payload: Buffer): void => {
      const read = readPayload(payload);
      if (isRejection(read)) return void expect(read.reason).not.toBe('');
      for (const one of read.metrics) valueOf(one, one.datatype);
    };
    const mutated = (seed: Buffer, changes: readonly [number, string, number][]): void =>
      answer(
        changes.reduce(
          (payload, [place, kind, byte]) => mutate(payload, kind, { at: place % (payload.length + 1), byte }),
          seed,
        ),
      );
    fc.assert(fc.property(fc.constantFrom(...seeds), fc.array(change, { maxLength: 6 }), mutated), {
      numRuns: 5_000,
      seed: 20,
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (raw) => answer(Buffer.from(raw))),
      { numRuns: 5_000, seed: 21 },
    );
    for (const seed of seeds) for (let length = 0; length <= seed.length; length += 1) answer(seed.subarray(0, length));
  });
});

function mutate(payload: Buffer, kind: string, { at, byte }: { at: number; byte: number }): Buffer {
  if (kind === 'cut') return payload.subarray(0, at);
  if (kind === 'repeat') return Buffer.concat([payload, payload.subarray(at)]);
  const rest = payload.subarray(kind === 'flip' ? Math.min(at + 1, payload.length) : at);
  return Buffer.concat([payload.subarray(0, at), Buffer.from([byte]), rest]);
}
