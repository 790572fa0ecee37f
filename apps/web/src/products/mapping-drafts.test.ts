import type { MappingRuleMessage } from '#contracts';
import { assertMapping, FAMILIES, metricByName } from '#domain';
import { describe, expect, it } from 'vitest';
import { amountsOf, draftOf, newRule, ruleOf, withMetric } from './mapping-drafts.js';

const lock = FAMILIES.keyless_lock;
const screen = FAMILIES.smart_screen;
const NONE: MappingRuleMessage = {
  field: 'action',
  when: null,
  metric: 'unlock',
  value: 'none',
  attributes: {},
  session: null,
};

describe('a rule as it is written', () => {
  it.each<[string, MappingRuleMessage]>([
    ['that always holds', NONE],
    ['with one value', { ...NONE, when: { equals: 'unlock' } }],
    ['with several values', { ...NONE, when: { in: ['unlock', 'manual_unlock'] } }],
    ['with a limit', { ...NONE, when: { above: 2.5 } }],
    ['with a change', { ...NONE, when: { changesTo: 'UNLOCK' } }],
    ['of so many', { ...NONE, value: 'times' }],
    ['of a value', { ...NONE, metric: 'battery', value: 'field' }],
    ['of a converted value', { ...NONE, metric: 'battery', value: { scale: 0.5, offset: -3 } }],
    [
      'with attributes',
      {
        ...NONE,
        attributes: {
          result: 'success',
          actor_role: { field: 'by', map: { keypad: 'staff', rfid: 'staff', app: 'relative' } },
        },
      },
    ],
  ])('%s means what was stored', (_what, rule) => {
    expect(ruleOf(draftOf(rule, lock), metricByName('keyless_lock', rule.metric))).toEqual(rule);
  });

  it('of a session has a start and an end', () => {
    const session = { startWhen: { equals: 'playing' }, endWhen: { in: ['idle', 'off'] } };
    const rule: MappingRuleMessage = { ...NONE, field: 'player', metric: 'stream', session };
    expect(ruleOf(draftOf(rule, screen), metricByName('smart_screen', 'stream'))).toEqual(rule);
  });

  it('loses the attributes of another metric, and measures as the new one can', () => {
    const draft = draftOf({ ...NONE, attributes: { result: 'success' } }, lock);
    const changed = withMetric(draft, metricByName('keyless_lock', 'battery'));
    expect(changed).toMatchObject({ metric: 'battery', amount: 'field', attributes: {} });
  });

  it('begins with what its family can hold, for every metric', () => {
    for (const family of Object.values(FAMILIES)) {
      for (const metric of family.metrics) {
        for (const amount of amountsOf(metric)) {
          const draft = { ...withMetric(newRule(family, 'x'), metric), amount };
          const written = {
            ...draft,
            starts: { kind: 'equals' as const, text: 'a' },
            ends: { kind: 'equals' as const, text: 'b' },
          };
          expect(() => assertMapping([ruleOf(written, metric)], family)).not.toThrow();
        }
      }
    }
  });
});
