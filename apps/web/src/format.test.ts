import { describe, expect, it } from 'vitest';
import { createFormat } from './format.js';

const sv = createFormat('sv', 'Europe/Stockholm');
const en = createFormat('en', 'Europe/Stockholm');

describe('figures and times', () => {
  it('writes kronor with thin unbreakable spaces and a real minus, in both languages', () => {
    expect([sv.kronor(128_400_000), en.kronor(128_400_000)]).toEqual([
      '1\u202f284\u202f000\u202fkr',
      '1\u202f284\u202f000\u202fkr',
    ]);
    expect([sv.kronor(-12_500), en.kronor(-12_500)]).toEqual(['−125\u202fkr', '−125\u202fkr']);
    expect(sv.kronor(-20)).toBe('0\u202fkr'); // −0.20 kr is no −0 kr
  });

  it('writes a price to the öre where it has any', () => {
    expect([sv.price(245_050), en.price(245_050)]).toEqual(['2\u202f450,50\u202fkr', '2\u202f450.50\u202fkr']);
    expect([sv.price(8_900), sv.price(5), sv.price(-245_005)]).toEqual([
      '89\u202fkr',
      '0,05\u202fkr',
      '−2\u202f450,05\u202fkr',
    ]);
  });

  it('keeps each language’s decimal sign', () => {
    expect([sv.hours(2.62), en.hours(2.62)]).toEqual(['2,62\u202fh', '2.62\u202fh']);
    expect(en.number(1234.567, 3)).toBe('1\u202f234.567');
    expect(sv.number(0.125, 3)).toBe('0,125'); // a decimal comma is no thousands separator
  });

  it.each([
    [45, '45\u202fs'],
    [720, '12\u202fmin'],
    [3600, '1\u202fh'],
    [11_100, '3\u202fh 5\u202fmin'],
  ])('writes %i s as %s', (seconds, text) => {
    expect(sv.duration(seconds)).toBe(text);
  });

  it('shows instants in the municipality’s zone, wherever the reader sits', () => {
    expect(sv.hour('2026-07-01T22:30:00Z')).toBe('00');
    expect(sv.hour('2026-01-01T22:30:00Z')).toBe('23');
  });

  it('shows a calendar date as it stands', () => {
    expect(en.date('2026-11-22')).toBe('22 Nov 2026');
  });
});
