import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spreadLabels } from './spread-labels.js';

const room = { apart: 16, top: 10, bottom: 230 };

describe('spreading labels', () => {
  it('leaves labels that have room where they are', () => {
    expect(spreadLabels([40, 100], room)).toEqual([40, 100]);
  });

  it('moves a label at the bottom up, to make room for the other', () => {
    expect(spreadLabels([230, 228], room)).toEqual([230, 214]);
  });

  it('never lets two labels cover each other or leave the drawing', () => {
    const wanted = fc.array(fc.integer({ min: 10, max: 230 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(wanted, (tops) => {
        const placed = spreadLabels(tops, room).sort((one, other) => one - other);
        expect(placed.every((top) => top >= room.top && top <= room.bottom)).toBe(true);
        expect(placed.slice(1).every((top, index) => top - (placed[index] ?? 0) >= room.apart)).toBe(true);
      }),
    );
  });
});
