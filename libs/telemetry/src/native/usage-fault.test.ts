import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageMessage } from '#contracts';
import { usageFault } from './usage-fault.js';

/** Values around every limit of the schema, and some that belong nowhere. */
const text = (near: number) =>
  fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom('', 'x'.repeat(near), 'x'.repeat(near + 1), 'å\u0000', '\ud800', '𝄞', '\u0085'),
  );
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 1e308, NaN, Infinity, 1_763_800_000_000));
const time = fc.oneof(
  number,
  fc.date({ noInvalidDate: false }).map((date) => (Number.isNaN(date.getTime()) ? 'never' : date.toISOString())),
  fc.constantFrom(
    '2026-02-29T10:00:00Z',
    '2028-02-29T10:00:00Z',
    '2026-11-16T10:00+01:00',
    '2026-11-16 10:00:00Z',
    '2026-11-16T24:00:00Z',
    '2026-11-16T10:00:00',
  ),
);
const strange = fc.constantFrom<unknown>(null, undefined, true, [], {}, [1], '');
const attributes = fc.oneof(
  fc.dictionary(text(40), fc.oneof(text(120), number, fc.boolean(), strange), { maxKeys: 20, noNullPrototype: true }),
  strange,
);
const element = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record(
      {
        id: fc.oneof({ weight: 4, arbitrary: text(64) }, { weight: 1, arbitrary: strange }),
        metric: fc.oneof({ weight: 9, arbitrary: text(40) }, { weight: 1, arbitrary: strange }),
        at: fc.oneof({ weight: 4, arbitrary: time }, { weight: 1, arbitrary: strange }),
        until: fc.oneof({ weight: 4, arbitrary: time }, { weight: 1, arbitrary: strange }),
        value: fc.oneof({ weight: 4, arbitrary: number }, { weight: 1, arbitrary: strange }),
        attributes,
        more: strange,
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  },
  { weight: 1, arbitrary: strange },
);

describe('the hand-written check of a usage', () => {
  it('accepts exactly what the schema accepts', () => {
    let accepted = 0;
    fc.assert(
      fc.property(element, (given) => {
        const isAccepted = UsageMessage.safeParse(given).success;
        accepted += Number(isAccepted);
        expect({ given, isAccepted: usageFault(given) === null }).toEqual({ given, isAccepted });
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('accepts and refuses the same number of attributes', () => {
    const make = (count: number) => ({
      metric: 'unlock',
      attributes: Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 1])),
    });
    expect([16, 17].map((count) => UsageMessage.safeParse(make(count)).success)).toEqual([true, false]);
    expect([16, 17].map((count) => usageFault(make(count)) === null)).toEqual([true, false]);
  });

  it('treats a __proto__ attribute as the schema does', () => {
    for (const value of ['1', '{}', '"x"']) {
      const given: unknown = JSON.parse(`{"metric":"unlock","attributes":{"__proto__":${value}}}`);
      expect(usageFault(given) === null).toBe(UsageMessage.safeParse(given).success);
    }
  });
});
