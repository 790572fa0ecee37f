import { UsageMessage, UsagePayload, type UsageMessage as Usage } from '#contracts';
import { FAMILIES, type FamilyCode, type MappingRule, type Scalar } from '#domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUsage } from '../native/decode-usage.js';
import { ZIGBEE_LOCK } from './captured.fixture.js';
import {
  ADAPTERS,
  applyMapping,
  type DeviceReadings,
  type MappingMemory,
  nativeMessages,
  NO_MEMORY,
  type Reading,
} from './index.js';

const NOW = Date.parse('2026-03-02T08:00:00Z');
const MINUTE = 60_000;

const reading = (field: string, value: Scalar, given: Partial<Reading> = {}): Reading => ({
  field,
  value,
  atMs: null,
  id: null,
  ...given,
});
const rule = (given: Partial<MappingRule> & Pick<MappingRule, 'field' | 'metric'>): MappingRule => ({
  value: 'none',
  attributes: {},
  ...given,
});
interface Given {
  family?: FamilyCode;
  memory?: MappingMemory;
  receivedAtMs?: number;
}
const apply = (rules: MappingRule[], readings: Reading[], given: Given = {}) =>
  applyMapping(rules, readings, {
    family: FAMILIES[given.family ?? 'keyless_lock'],
    receivedAtMs: given.receivedAtMs ?? NOW,
    receipt: { name: 'r1' },
    memory: given.memory ?? NO_MEMORY,
  });
/** One message after the other, each with the memory that the one before has left. */
const applyAll = (rules: MappingRule[], messages: Reading[][], given: Given = {}): Usage[] => {
  let memory = NO_MEMORY;
  return messages.flatMap((readings, index) => {
    const mapped = apply(rules, readings, { ...given, memory, receivedAtMs: NOW + index * MINUTE });
    memory = mapped.memory;
    return mapped.usages;
  });
};

const unlock = rule({
  field: 'action',
  when: { in: ['unlock', 'manual_unlock'] },
  metric: 'unlock',
  attributes: {
    result: 'success',
    actor_role: { field: 'action_source_name', map: { manual: 'staff', rfid: 'staff' } },
  },
});

describe('a mapping', () => {
  it('makes a Zigbee lock’s action an opening, with the role told by another field', () => {
    const [lock] = ADAPTERS.zigbee2mqtt.adapt(ZIGBEE_LOCK.topic, Buffer.from(ZIGBEE_LOCK.payload), 'zigbee2mqtt') as [
      DeviceReadings,
    ];
    expect(apply([unlock], [...lock.readings]).usages).toEqual([
      {
        metric: 'unlock',
        at: Date.parse('2025-08-07T22:10:54Z'),
        attributes: { result: 'success', actor_role: 'staff' },
      },
    ]);
  });

  it('leaves an attribute out whose value has no translation, and what no rule asks for', () => {
    const readings = [reading('action', 'unlock'), reading('action_source_name', 'keypad'), reading('battery', 70)];
    expect(apply([unlock], readings).usages).toEqual([{ metric: 'unlock', attributes: { result: 'success' } }]);
    expect(apply([unlock], [reading('action', 'lock')]).usages).toEqual([]);
  });

  it.each<[MappingRule['when'], Scalar, boolean]>([
    [{ equals: 'unlock' }, 'unlock', true],
    [{ equals: 1 }, '1', true],
    [{ equals: true }, 'true', true],
    [{ in: ['a', 2] }, 2, true],
    [{ in: [] }, 2, false],
    [{ above: 2 }, 2, false],
    [{ above: 2 }, 2.5, true],
    [{ above: -1 }, '', false],
    [{ above: 0 }, 'x', false],
    [null, 'anything', true],
  ])('by %o takes %s: %s', (when, value, taken) => {
    expect(apply([rule({ field: 'f', metric: 'unlock', when })], [reading('f', value)]).usages).toHaveLength(
      taken ? 1 : 0,
    );
  });

  it('counts ThingsBoard’s "openings: 3" three times, each under its own name', () => {
    const openings = rule({ field: 'openings', metric: 'unlock', value: 'times' });
    const { usages } = apply([openings], [reading('openings', 3, { atMs: NOW })]);
    expect(usages).toHaveLength(3);
    expect(new Set(usages.map(({ id }) => id)).size).toBe(3);
    expect(apply([openings], [reading('openings', 0)]).usages).toEqual([]);
    expect(apply([openings], [reading('openings', 2.5)]).rejections).toMatchObject([{ code: 'value_out_of_range' }]);
    expect(apply([openings], [reading('openings', 501)]).rejections).toMatchObject([{ code: 'value_out_of_range' }]);
  });

  it('takes a field as the value, or converted', () => {
    const battery = (value: MappingRule['value']) => rule({ field: 'volt', metric: 'battery', value });
    expect(apply([battery('field')], [reading('volt', '70')]).usages).toEqual([{ metric: 'battery', value: 70 }]);
    const converted = apply([battery({ scale: 100, offset: -260 })], [reading('volt', 3.318)]);
    expect(converted.usages).toEqual([{ metric: 'battery', value: 71.8 }]); // 3.318 × 100 − 260, without a binary tail
    expect(apply([battery('field')], [reading('volt', 'low')]).rejections).toMatchObject([
      { code: 'value_out_of_range' },
    ]);
  });

  it('rule U2: gives two usages of one source message names of their own', () => {
    const rules = [unlock, rule({ field: 'battery', metric: 'battery', value: 'field' })];
    const source = { atMs: NOW, id: 'bd3fdb3b-af86-4617-b9f2-da07075d2bc5' };
    const { usages } = apply(rules, [reading('action', 'unlock', source), reading('battery', 70, source)]);
    expect(usages.map(({ at }) => at)).toEqual([NOW, NOW]);
    expect(new Set(usages.map(({ id }) => id)).size).toBe(2);
    expect(apply(rules, [reading('action', 'unlock', source)]).usages[0]?.id).toBe(usages[0]?.id);
  });

  it('rule U1: leaves the id out where the source has a time only: the content names the usage', () => {
    const { usages } = apply([unlock], [reading('action', 'unlock', { atMs: NOW })]);
    expect(usages).toEqual([{ metric: 'unlock', at: NOW, attributes: { result: 'success' } }]);
  });
});

describe('a change', () => {
  const opened = rule({ field: 'state', when: { changesTo: 'UNLOCK' }, metric: 'unlock' });
  const states = (...values: string[]) => values.map((value) => [reading('state', value)]);

  it('counts when the field gets the value, not while it keeps it', () => {
    expect(applyAll([opened], states('LOCK', 'UNLOCK', 'UNLOCK', 'LOCK', 'LOCK', 'UNLOCK'))).toHaveLength(2);
  });

  it('is none in the first word of a device: nothing says what was before', () => {
    expect(applyAll([opened], states('UNLOCK', 'UNLOCK'))).toEqual([]);
  });

  it('any order: late and repeated messages give the same openings', () => {
    const history = ['LOCK', 'UNLOCK', 'UNLOCK', 'LOCK', 'UNLOCK'];
    const messages = history.map((value, index) => [reading('state', value, { atMs: NOW + index * MINUTE })]);
    const instants = (order: Reading[][]) => new Set(applyAll([opened], order).map(({ at }) => at));
    expect(instants(messages)).toEqual(new Set([NOW + MINUTE, NOW + 4 * MINUTE]));
    // A repeat names the same usage once more, which is the native decoder's to know (rule U1).
    expect(instants([...messages, ...messages])).toEqual(instants(messages));
    const late = [0, 1, 3, 4, 2].map((index) => messages[index] ?? []);
    expect(instants(late)).toEqual(instants(messages));
  });
});

describe('a session', () => {
  const broadcast = rule({
    field: 'player',
    metric: 'stream',
    attributes: { role: 'sender' },
    session: { startWhen: { equals: 'playing' }, endWhen: { in: ['idle', 'off'] } },
  });
  const family = 'smart_screen';

  it('rule U3: starts and ends under one id, at the start’s own time', () => {
    const at = (value: string, minutes: number) => [reading('player', value, { atMs: NOW + minutes * MINUTE })];
    const usages = applyAll([broadcast], [at('playing', 0), at('playing', 5), at('idle', 40), at('off', 41)], {
      family,
    });
    expect(usages).toEqual([
      { metric: 'stream', id: usages[0]?.id, at: NOW, attributes: { role: 'sender' } },
      { metric: 'stream', id: usages[0]?.id, at: NOW, until: NOW + 40 * MINUTE },
    ]);
  });

  it('without times is the ledger’s to place: start and end share an id and give no start time', () => {
    const usages = applyAll([broadcast], [[reading('player', 'playing')], [reading('player', 'off')]], { family });
    expect(usages).toEqual([
      { metric: 'stream', id: usages[0]?.id, attributes: { role: 'sender' } },
      { metric: 'stream', id: usages[0]?.id, until: NOW + MINUTE },
    ]);
  });

  it('is not started anew by the repeat of an earlier start', () => {
    const at = (value: string, minutes: number) => [reading('player', value, { atMs: NOW + minutes * MINUTE })];
    expect(applyAll([broadcast], [at('playing', 0), at('idle', 9), at('playing', 0)], { family })).toHaveLength(2);
  });

  it('told by its length began that long before the message', () => {
    const night = rule({ field: 'minutes', metric: 'session', value: { scale: 60, offset: 0 } });
    const timed = apply([night], [reading('minutes', 50, { atMs: NOW })], { family: 'sleep_robot' });
    expect(timed.usages).toEqual([{ metric: 'session', at: NOW - 50 * MINUTE, until: NOW }]);
    expect(timed.repeatsNotDetectable).toBe(false);
    expect(apply([night], [reading('minutes', 50)], { family: 'sleep_robot' }).repeatsNotDetectable).toBe(true);
  });
});

const scalar = fc.oneof(fc.string({ unit: 'grapheme' }), fc.double(), fc.integer(), fc.boolean());
const field = fc.constantFrom('action', 'state', 'battery', 'openings', '__proto__', 'toString');
const condition = fc.oneof(
  scalar.map((equals) => ({ equals })),
  fc.array(scalar, { maxLength: 3 }).map((values) => ({ in: values })),
  fc.double().map((above) => ({ above })),
  scalar.map((changesTo) => ({ changesTo })),
);
const anyRule = fc.record({
  field,
  when: fc.option(condition),
  metric: fc.constantFrom('unlock', 'battery', 'session', 'stream', 'nothing'),
  value: fc.oneof(fc.constantFrom('none', 'field', 'times'), fc.record({ scale: fc.double(), offset: fc.double() })),
  attributes: fc.dictionary(
    fc.constantFrom('result', 'actor_role', 'x'),
    fc.oneof(scalar, fc.record({ field, map: fc.dictionary(fc.string(), scalar) })),
  ),
  session: fc.option(fc.record({ startWhen: condition, endWhen: condition })),
}) as fc.Arbitrary<MappingRule>;
const anyReading = fc.record({
  field,
  value: scalar,
  atMs: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  id: fc.option(fc.string()),
}) as fc.Arbitrary<Reading>;

describe('whatever the rules and the readings', () => {
  it('never throws, and what comes out passes the native schema', () => {
    const passes = (rules: MappingRule[], messages: Reading[][], family: FamilyCode): void => {
      let memory = NO_MEMORY;
      for (const readings of messages) {
        const mapped = apply(rules, readings, { memory, family });
        memory = JSON.parse(JSON.stringify(mapped.memory)) as MappingMemory; // as it is stored
        for (const usage of mapped.usages) expect(UsageMessage.safeParse(usage).error?.message).toBeUndefined();
        for (const { channel, payload } of nativeMessages({ device: null, readings: [], atMs: null }, mapped.usages)) {
          expect(channel).toBe('usage');
          expect(UsagePayload.safeParse(JSON.parse(payload.toString())).success).toBe(true);
          const receipt = { topic: 't', payload, family: FAMILIES[family], receipt: { name: 'r' } };
          for (const { code } of decodeUsage(receipt).rejections)
            expect(['unknown_metric', 'value_out_of_range']).toContain(code);
        }
      }
    };
    const families = fc.constantFrom<FamilyCode>('keyless_lock', 'sleep_robot', 'smart_screen');
    fc.assert(
      fc.property(
        fc.array(anyRule, { maxLength: 4 }),
        fc.array(fc.array(anyReading, { maxLength: 5 }), { maxLength: 4 }),
        families,
        passes,
      ),
      { numRuns: 1_500 },
    );
  });

  it('keeps native messages within the native limits', () => {
    const usages = Array.from({ length: 1_200 }, (_, index) => ({
      metric: 'unlock',
      at: NOW,
      id: `${index}`,
      attributes: { result: 'x'.repeat(100) },
    }));
    const messages = nativeMessages(
      { device: 'x', readings: [], atMs: NOW, state: 'online', battery: 7, signalDbm: -300 },
      usages,
    );
    const heard = { device: 'x', readings: [reading('door', 'open')], atMs: NOW };
    expect(nativeMessages(heard, []).map(({ payload }) => payload.toString())).toEqual([`{"at":${NOW}}`]); // rule U12
    expect(messages.map(({ channel }) => channel).slice(0, 3)).toEqual(['state', 'health', 'usage']);
    expect(JSON.parse(messages[1]?.payload.toString() ?? '')).toEqual({ battery: 7, at: NOW });
    expect(messages.every(({ payload }) => payload.length <= 65_536)).toBe(true);
    const parts = messages.slice(2).map(({ payload }) => JSON.parse(payload.toString()) as Usage[]);
    expect(parts.flat()).toEqual(usages);
    expect(parts.every(({ length }) => length <= 500)).toBe(true);
  });
});
