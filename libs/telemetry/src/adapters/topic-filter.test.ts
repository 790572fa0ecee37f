import { describe, expect, it } from 'vitest';
import { isWithinFilter, matchesFilter } from './index.js';

describe('a topic filter', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b/c', 'a/#', true],
    ['a', 'a/#', true], // [MQTT-4.7.1-2]
    ['ab', 'a/#', false],
    ['a/b/c', 'a/+/c', true],
    ['a/b/c/d', 'a/+/c', false],
    ['a/', 'a/+', true],
    ['$SYS/x', '#', false], // [MQTT-4.7.2-1]
    ['$SYS/x', '+/x', false],
  ])('takes %s by %s: %s', (topic, filter, taken) => {
    expect(matchesFilter(topic, filter)).toBe(taken);
  });

  it.each([
    ['a/b', 'a/#', true],
    ['a/#', 'a/#', true],
    ['#', 'a/#', false],
    ['+/b', 'a/#', false],
    ['a/+', 'a/b', false],
    ['a/b', 'a/+', true],
    ['a/#', 'a/+', false],
    ['a/b/c', 'a/+', false],
  ])('%s lies within %s: %s', (inner, outer, within) => {
    expect(isWithinFilter(inner, outer)).toBe(within);
  });
});
