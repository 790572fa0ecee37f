import { describe, expect, it } from 'vitest';
import { formatKey, messageKey } from './message-key.js';

describe('the key of a message', () => {
  it('never changes: it is stored', () => {
    expect(['', '=1', '=message-17', '=åäö'].map((text) => formatKey(messageKey(text)))).toMatchInlineSnapshot(`
      [
        "-7879848488965166199",
        "7228312209171289585",
        "-6512964947319412627",
        "-2759239121639699389",
      ]
    `);
  });

  it('is the bigint that the two halves make', () => {
    expect(formatKey({ high: -1, low: -1 })).toBe('-1');
    expect(formatKey({ high: 0, low: -1 })).toBe('4294967295'); // 2^32 − 1
    expect(formatKey({ high: -2147483648, low: 0 })).toBe('-9223372036854775808'); // −2^63
  });

  it('tells a million counted ids apart, in both halves about evenly', () => {
    const keys = Array.from({ length: 1_000_000 }, (_, id) => messageKey(`=${id}`));
    expect(new Set(keys.map(({ high, low }) => high * 2 ** 32 + low)).size).toBe(1_000_000);
    const negative = (half: 'high' | 'low') => keys.filter((key) => key[half] < 0).length / keys.length;
    expect(negative('high')).toBeCloseTo(0.5, 2);
    expect(negative('low')).toBeCloseTo(0.5, 2);
    // A random 32-bit half repeats 10^12 / 2^33 = 116 times; twice that would show a poor mix.
    expect(1_000_000 - new Set(keys.map(({ low }) => low)).size).toBeLessThan(232);
    expect(1_000_000 - new Set(keys.map(({ high }) => high)).size).toBeLessThan(232);
  });
});
