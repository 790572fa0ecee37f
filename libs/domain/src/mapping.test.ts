import { describe, expect, it } from 'vitest';
import { FAMILIES } from './families/index.js';
import { assertMapping, ECOSYSTEMS, type MappingRule, USUAL_PREFIXES } from './mapping.js';

const { keyless_lock: lock, smart_screen: screen, sleep_robot: robot } = FAMILIES;

const unlock: MappingRule = {
  field: 'action',
  when: { equals: 'unlock' },
  metric: 'unlock',
  value: 'none',
  attributes: { result: 'success', actor_role: { field: 'source', map: { keypad: 'staff' } } },
};
const battery: MappingRule = { field: 'battery', metric: 'battery', value: 'field', attributes: {} };
const session: MappingRule = {
  field: 'state',
  metric: 'stream',
  value: 'none',
  attributes: {},
  session: { startWhen: { equals: 'on' }, endWhen: { equals: 'off' } },
};

describe('a mapping', () => {
  it('that its family can hold stands', () => {
    expect(() => assertMapping([unlock, battery, { ...unlock, value: 'times' }], lock)).not.toThrow();
    expect(() => assertMapping([session, { ...session, session: null, value: 'field' }], screen)).not.toThrow();
    expect(() => assertMapping([{ ...battery, value: { scale: 0.5, offset: -1 } }], robot)).not.toThrow();
    expect(() => assertMapping([], lock)).not.toThrow();
  });

  it.each<[string, MappingRule, string]>([
    ['mapping_metric', { ...unlock, metric: 'stream' }, 'metric'],
    ['mapping_attribute', { ...unlock, attributes: { visit: 'maybe' } }, 'attributes.visit'],
    ['mapping_attribute', { ...unlock, attributes: { toString: 'x' } }, 'attributes.toString'],
    ['mapping_attribute', { ...unlock, attributes: { result: { field: 'a', map: { b: 1 } } } }, 'attributes.result'],
    ['mapping_value', { ...battery, value: 'none' }, 'value'],
    ['mapping_value', { ...battery, value: 'times' }, 'value'],
    ['mapping_value', { ...battery, value: { scale: 0, offset: 0 } }, 'value'],
    ['mapping_value', { ...battery, value: { scale: 1, offset: Number.NaN } }, 'value'],
    ['mapping_session', { ...unlock, session: { startWhen: { equals: 1 }, endWhen: { equals: 2 } } }, 'session'],
  ])('is refused as %s for %o, naming the rule and the field', (code, rule, field) => {
    const details = expect.objectContaining({ rule: 1, field }) as unknown;
    expect(() => assertMapping([battery, rule], lock)).toThrow(expect.objectContaining({ code, details }));
  });

  it.each<[string, Partial<MappingRule>]>([
    ['without a length, a start and an end: it would stay open', { session: null }],
    ['with both a length and a start', { value: 'field' }],
    ['that starts and ends by the same', { session: { startWhen: { equals: 1 }, endWhen: { equals: 1 } } }],
  ])('of a session is refused %s', (_what, change) => {
    expect(() => assertMapping([{ ...session, ...change }], screen)).toThrow(
      expect.objectContaining({ code: 'mapping_session' }),
    );
  });

  it('has a usual prefix for every ecosystem, none of them the product’s own topics', () => {
    expect(ECOSYSTEMS.map((ecosystem) => USUAL_PREFIXES[ecosystem]?.startsWith('wt') ?? false)).not.toContain(true);
  });
});
