import type { UsageMessage } from '#contracts';
import { FAMILIES, type FamilyCode, type MappingRule, type Scalar } from '#domain';
import { describe, expect, it } from 'vitest';
import { applyMapping, NO_MEMORY, type Reading } from './index.js';

const NOW = Date.parse('2026-03-02T08:00:00Z');
const MINUTE = 60_000;

const rule = (given: Partial<MappingRule> & Pick<MappingRule, 'metric'>): MappingRule => ({
  field: 'lock',
  value: 'none',
  attributes: {},
  ...given,
});
const told = (value: Scalar, minute: number): Reading => ({
  field: 'lock',
  value,
  atMs: NOW + minute * MINUTE,
  id: null,
});
const standing = (value: Scalar, minute: number): Reading => ({ ...told(value, minute), isStanding: true });

/** One message after the other, each with the memory that the one before has left. */
function usagesOf(
  given: MappingRule,
  readings: readonly Reading[],
  family: FamilyCode = 'keyless_lock',
): UsageMessage[] {
  let memory = NO_MEMORY;
  return readings.flatMap((reading) => {
    const context = { family: FAMILIES[family], receivedAtMs: NOW, receipt: { name: 'r1' }, memory };
    const mapped = applyMapping([given], [reading], context);
    memory = mapped.memory;
    return mapped.usages;
  });
}

describe('what a source tells as it stands', () => {
  it('is no event, a change since the last word excepted', () => {
    const always = rule({ when: { equals: 'UNLOCK' }, metric: 'unlock' });
    expect(usagesOf(always, [standing('UNLOCK', 0), told('UNLOCK', 1), standing('UNLOCK', 2)])).toHaveLength(1);
    const change = rule({ when: { changesTo: 'UNLOCK' }, metric: 'unlock' });
    const messages = [standing('LOCK', 0), standing('UNLOCK', 1), standing('UNLOCK', 2)];
    expect(usagesOf(change, messages).map(({ at }) => at)).toEqual([NOW + MINUTE]);
    const times = rule({ metric: 'unlock', value: 'times' });
    expect(usagesOf(times, [standing(3, 0), told(2, 1)])).toHaveLength(2);
  });

  it('is a measured value', () => {
    const level = rule({ metric: 'battery', value: 'field' });
    expect(usagesOf(level, [standing(81, 0)])).toMatchObject([{ metric: 'battery', value: 81 }]);
  });

  it('begins or ends a session that is going on or over, once', () => {
    const call = rule({ metric: 'stream', session: { startWhen: { equals: 'on' }, endWhen: { equals: 'off' } } });
    const messages = [standing('on', 0), standing('on', 1), standing('off', 2), standing('off', 3)];
    expect(usagesOf(call, messages, 'smart_screen')).toMatchObject([{ at: NOW }, { until: NOW + 2 * MINUTE }]);
  });
});
