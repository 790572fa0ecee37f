import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceReadings, SessionStep } from '../reading.js';
import * as captured from './captured.fixture.js';
import { type EdgeSession, resumed } from './edge-session.js';
import { SPARKPLUG } from './sparkplug.js';
import { TYPE, type WrittenMetric, written } from './written.fixture.js';

const NOW = Date.parse('2026-11-22T08:00:00Z');
interface Message {
  readonly topic: string;
  readonly payload: Buffer;
}
const say = (topic: string, payload: { at?: number; seq?: number; metrics?: readonly WrittenMetric[] }): Message => ({
  topic: `spBv1.0/${topic}`,
  payload: written({ at: NOW, ...payload }),
});
const step = (message: Message, session: EdgeSession | null = null): SessionStep => {
  if (!SPARKPLUG.sessions) throw new Error('Sparkplug has sessions');
  return SPARKPLUG.sessions.adapt(message, session);
};
/** One message after the other; each step as it came out. */
function steps(...messages: readonly Message[]): SessionStep[] {
  let session: EdgeSession | null = null;
  return messages.map((message) => {
    const taken = step(message, session);
    ({ session } = taken);
    return taken;
  });
}
const last = (...messages: readonly Message[]): SessionStep => {
  const taken = steps(...messages).at(-1);
  if (!taken) throw new Error('nothing was said');
  return taken;
};
const devicesOf = ({ adaptation }: SessionStep): readonly DeviceReadings[] => {
  if ('code' in adaptation) throw new Error(adaptation.reason);
  return adaptation;
};
const fieldsOf = (taken: SessionStep): Record<string, unknown> =>
  Object.fromEntries(devicesOf(taken).flatMap(({ readings }) => readings.map(({ field, value }) => [field, value])));

const bdSeq = (long: number): WrittenMetric => ({ name: 'bdSeq', datatype: TYPE.int64, long });
const rebirth: WrittenMetric = { name: 'Node Control/Rebirth', datatype: TYPE.bool, bool: false };
const nodeBirth = (connection = 0): Message => say('g/NBIRTH/n', { seq: 0, metrics: [bdSeq(connection), rebirth] });
const lockBirth = (alias = 7): Message =>
  say('g/DBIRTH/n/lås', {
    seq: 1,
    metrics: [
      { name: 'Lock/State', alias, at: NOW - 1_000, datatype: TYPE.text, text: 'LOCKED' },
      { name: 'Temperature', alias: alias + 1, at: NOW - 1_000, datatype: TYPE.int8, int: 0xff },
    ],
  });
const lockData = (metrics: readonly WrittenMetric[], seq = 2): Message => say('g/DDATA/n/lås', { seq, metrics });

describe('a birth', () => {
  it('says that a device is there, and its values as they stand', () => {
    const [node, device] = steps(nodeBirth(), lockBirth());
    expect(node && devicesOf(node)).toEqual([
      { device: 'g/n', readings: [], atMs: NOW, state: 'online', isInPassing: true },
    ]);
    const at = { atMs: NOW - 1_000, id: null, isStanding: true };
    expect(device && devicesOf(device)).toEqual([
      {
        device: 'g/n/lås',
        readings: [
          { field: 'Lock/State', value: 'LOCKED', ...at },
          { field: 'Temperature', value: -1, ...at },
        ],
        atMs: NOW,
        state: 'online',
      },
    ]);
  });

  it('of a captured node names what its data then says by alias', () => {
    const [born, data, gap, death] = steps(
      captured.UMH_NBIRTH,
      captured.UMH_NDATA,
      captured.UMH_NDATA_GAP,
      captured.UMH_NDEATH,
    );
    expect(born && fieldsOf(born)).toEqual({ Temperature: 21.5 });
    expect(data && [fieldsOf(data), data.gap]).toEqual([{ Temperature: 22.5 }, null]);
    expect(gap && [fieldsOf(gap), gap.gap]).toEqual([{ Temperature: 27 }, 'seq 5 came after 1: 3 missing']);
    // The will of another connection: its bdSeq is 0, the birth's 88.
    expect(death && devicesOf(death)).toEqual([]);
  });

  it('ends what aliases meant before it', () => {
    const again = steps(nodeBirth(0), lockBirth(7), nodeBirth(1), lockBirth(20), lockData([{ alias: 7, int: 1 }]));
    expect(again.at(-1)).toMatchObject({ isBeginningMissing: true, adaptation: [{ readings: [] }] });
    const fresh = last(nodeBirth(0), lockBirth(7), nodeBirth(1), lockBirth(20), lockData([{ alias: 21, int: 0xfe }]));
    expect(fieldsOf(fresh)).toEqual({ Temperature: -2 });
  });

  it('with more metrics than are kept of a node is refused in words, its readings taken', () => {
    const named = (device: string, from: number): Message =>
      say(`g/DBIRTH/n/${device}`, {
        metrics: Array.from({ length: 2_000 }, (_, index) => ({
          name: `m${from + index}`,
          datatype: TYPE.bool,
          bool: true,
        })),
      });
    const [, , , third] = steps(nodeBirth(), named('a', 0), named('b', 0), named('c', 0));
    expect(third && devicesOf(third)).toMatchObject([{ device: 'g/n/c', rejections: [{ code: 'payload_too_large' }] }]);
    expect(third && devicesOf(third)[0]?.readings).toHaveLength(2_000);
    expect(Object.keys(third?.session.devices ?? {})).toEqual(['', 'a', 'b']);
  });

  it('counts a name with several aliases as often as it has them', () => {
    const named = (device: string): Message =>
      say(`g/DBIRTH/n/${device}`, {
        metrics: Array.from({ length: 2_000 }, (_, alias) => ({ name: 'm', alias, datatype: TYPE.bool, bool: true })),
      });
    expect(Object.keys(last(named('a'), named('b'), named('c')).session.devices)).toEqual(['a', 'b']);
  });

  it('is taken of 500 devices of a node, besides its own, and of no more', () => {
    const born = (index: number): Message => say(`g/DBIRTH/n/d${index}`, {});
    const all = steps(nodeBirth(), ...Array.from({ length: 501 }, (_, index) => born(index)));
    expect(all.map((one) => devicesOf(one)[0]?.rejections?.length ?? 0).indexOf(1)).toBe(501);
    expect(Object.keys(all.at(-1)?.session.devices ?? {})).toHaveLength(501);
  });

  it('may call its metrics and devices anything', () => {
    const odd = ['__proto__', 'constructor', 'toString', 'x'.repeat(300), 'a\u0000b'];
    const metrics = odd.map((name, alias) => ({ name, alias, datatype: TYPE.bool, bool: true }));
    const born = step(say('g/DBIRTH/n/__proto__', { metrics }));
    const kept = JSON.parse(JSON.stringify(born.session)) as EdgeSession;
    const data = step(say('g/DDATA/n/__proto__', { metrics: odd.map((_, alias) => ({ alias, bool: false })) }), kept);
    // Names too long or with control characters are nobody's fields, as with the other ecosystems.
    expect(devicesOf(data)).toMatchObject([
      { device: 'g/n/__proto__', readings: [{ field: '__proto__' }, { field: 'constructor' }, { field: 'toString' }] },
    ]);
    expect(devicesOf(data)[0]).not.toHaveProperty('rejections');
  });
});

describe('data', () => {
  it('has each value at its own time, late and historical ones too, and at the message’s where it has none', () => {
    const late = NOW - 86_400_000;
    const metrics = [
      { alias: 7, at: late, isHistorical: true, text: 'UNLOCKED' },
      { alias: 7, at: NOW - 5, text: 'LOCKED' },
      { alias: 8, int: 21 },
    ];
    expect(devicesOf(last(nodeBirth(), lockBirth(), lockData(metrics)))).toEqual([
      {
        device: 'g/n/lås',
        readings: [
          { field: 'Lock/State', value: 'UNLOCKED', atMs: late, id: null },
          { field: 'Lock/State', value: 'LOCKED', atMs: NOW - 5, id: null },
          { field: 'Temperature', value: 21, atMs: NOW, id: null },
        ],
        atMs: NOW,
      },
    ]);
  });

  it('of null is no value', () => {
    expect(fieldsOf(last(nodeBirth(), lockBirth(), lockData([{ alias: 7, isNull: true }])))).toEqual({});
  });

  it('with an alias that no birth names is refused in part, and a birth asked for', () => {
    const taken = last(
      nodeBirth(),
      lockBirth(),
      lockData([
        { alias: 7, text: 'OPEN' },
        { alias: 99, int: 1 },
      ]),
    );
    expect(fieldsOf(taken)).toEqual({ 'Lock/State': 'OPEN' });
    expect(taken.isBeginningMissing).toBe(true);
    const reason = 'no DBIRTH of g/n/lås in this session tells what alias 99 is: a birth is missing';
    expect(devicesOf(taken)[0]?.rejections).toEqual([{ code: 'unknown_metric', reason, element: null }]);
  });

  it('before any birth is understood where it names its metrics and they cannot be negative', () => {
    const metrics = [
      { name: 'Opened', bool: true },
      { name: 'Count', int: 3 },
      { name: 'Level', int: 0xffff_fff0 },
    ];
    const taken = step(lockData(metrics));
    expect(fieldsOf(taken)).toEqual({ Opened: true, Count: 3 });
    expect(devicesOf(taken)[0]?.rejections).toMatchObject([
      { reason: expect.stringContaining('what Level is') as string },
    ]);
  });

  it('is not understood by another device’s birth', () => {
    const other = say('g/DDATA/n/annat', { seq: 2, metrics: [{ alias: 7, text: 'x' }] });
    expect(last(nodeBirth(), lockBirth(), other).isBeginningMissing).toBe(true);
  });

  it('outlives a pause: aliases are known, and what passed meanwhile is not called missing', () => {
    const { session } = last(nodeBirth(), lockBirth());
    const kept = resumed(JSON.parse(JSON.stringify(session)) as EdgeSession);
    const taken = step(lockData([{ alias: 7, text: 'OPEN' }], 77), kept);
    expect([fieldsOf(taken), taken.gap]).toEqual([{ 'Lock/State': 'OPEN' }, null]);
    expect(step(lockData([], 80), taken.session).gap).toBe('seq 80 came after 77: 2 missing');
  });
});

describe('a death', () => {
  it('of a device takes that device offline at its time, and its aliases away', () => {
    const [, , death, data] = steps(
      nodeBirth(),
      lockBirth(),
      say('g/DDEATH/n/lås', { seq: 2 }),
      lockData([{ alias: 7, text: 'OPEN' }], 3),
    );
    expect(death && devicesOf(death)).toEqual([{ device: 'g/n/lås', readings: [], atMs: NOW, state: 'offline' }]);
    expect(data?.isBeginningMissing).toBe(true);
  });

  it('of a node loses all its devices, without the time of its will (rule U5)', () => {
    const taken = last(nodeBirth(4), lockBirth(), say('g/NDEATH/n', { metrics: [bdSeq(4)] }));
    const lost = { readings: [], atMs: null, state: 'lost', isInPassing: true };
    expect(devicesOf(taken)).toEqual([
      { device: 'g/n', ...lost },
      { device: 'g/n/lås', ...lost },
    ]);
    expect(taken.session.devices).toEqual({});
  });

  it('of an earlier connection changes nothing', () => {
    const taken = last(nodeBirth(4), nodeBirth(5), lockBirth(), say('g/NDEATH/n', { metrics: [bdSeq(4)] }));
    expect(devicesOf(taken)).toEqual([]);
    expect(Object.keys(taken.session.devices)).toEqual(['', 'lås']);
  });
});

describe('a node’s own count', () => {
  const data = (seq: number): Message => lockData([], seq);
  const gapAfter = (before: number, seq: number): string | null => last(data(before), data(seq)).gap;

  it('goes from 0 to 255 and round, over all messages of the node and its devices', () => {
    expect(steps(nodeBirth(), lockBirth(), data(2), say('g/NDATA/n', { seq: 3 })).map(({ gap }) => gap)).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect([gapAfter(255, 0), gapAfter(4, 4), gapAfter(254, 1)]).toEqual([
      null,
      null,
      'seq 1 came after 254: 2 missing',
    ]);
  });

  it('tells exactly how many are missing (property)', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, fc.integer({ min: 1, max: 254 }), (before, missing) => {
        const seq = (before + 1 + missing) % 256;
        expect(gapAfter(before, seq)).toBe(`seq ${seq} came after ${before}: ${missing} missing`);
      }),
      { numRuns: 100 },
    );
  });

  it('of connections is held too; a rebirth repeats it, a node that was reset begins at 0', () => {
    const gaps = steps(...[3, 3, 4, 7, 0, 1].map(nodeBirth)).map(({ gap }) => gap);
    expect(gaps).toEqual([null, null, null, 'bdSeq 7 came after 4: 2 missing', null, null]);
  });
});
