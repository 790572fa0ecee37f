import { describe, expect, it } from 'vitest';
import { ageOf } from './age.js';

const at = '2026-11-22T10:00:00Z';
const after = (seconds: number) => ageOf(at, Date.parse(at) + seconds * 1000);

describe('the age of a value', () => {
  it.each([
    [-90, 'now', 0], // the device's clock is ahead
    [4, 'now', 0],
    [17, 'seconds', 15],
    [59, 'seconds', 55],
    [60, 'minutes', 1],
    [3599, 'minutes', 59],
    [3600, 'hours', 1],
    [47 * 3600, 'hours', 47],
    [48 * 3600, 'days', 2],
  ])('after %i s is told in %s: %i', (seconds, unit, count) => {
    expect(after(seconds)).toEqual({ unit, count });
  });
});
