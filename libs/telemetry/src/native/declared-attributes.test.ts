import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dimensionsKey, FAMILIES, keepDeclared, type Attributes } from '#domain';
import { canonicalJson } from './canonical-json.js';
import { attributesOf } from './declared-attributes.js';

const metrics = Object.values(FAMILIES).flatMap((family) => family.metrics);
const names = [
  ...new Set(metrics.flatMap(({ attributes }) => Object.keys(attributes))),
  'name',
  '__proto__',
  'constructor',
];
const values = fc.oneof(
  fc.constantFrom('success', 'failure', 'staff', 'relative', 'planned', '"quoted"', 'å|ä'),
  fc.boolean(),
  fc.integer({ min: -10, max: 200 }),
);
const given = fc
  .array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 8 })
  .map(
    (entries) =>
      JSON.parse(
        `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`,
      ) as Attributes,
  );

it('stores exactly what the family declares, in sorted order, whatever the order it was sent in', () => {
  fc.assert(
    fc.property(fc.constantFrom(...metrics), given, (metric, attributes) => {
      const stored = attributesOf(metric)(attributes);
      const { kept, dropped } = keepDeclared(metric, attributes);
      if ('invalid' in stored) {
        expect(Object.hasOwn(metric.attributes, stored.invalid)).toBe(true);
        expect(kept).not.toHaveProperty(stored.invalid);
        return;
      }
      expect(stored).toEqual({
        json: Object.keys(kept).length === 0 ? null : canonicalJson(kept),
        dimensions: dimensionsKey(metric, attributes),
        dropped,
      });
    }),
    { numRuns: 3_000 },
  );
});
