import { describe, expect, it } from 'vitest';
import { monthsLater, holdingRule } from './retention.js';
import type { TrialStage } from './stage.js';

const life = (...changes: [TrialStage, string][]) => changes.map(([stage, at]) => ({ stage, at: new Date(at) }));

describe('raw of a trial is held (rule K1)', () => {
  it.each([
    [
      'while it has not been decided',
      life(['idea', '2025-01-01'], ['running', '2025-02-01']),
      '2026-06-01',
      'undecided',
    ],
    ['while it is paused', life(['running', '2025-02-01'], ['paused', '2025-03-01']), '2026-06-01', 'undecided'],
    ['without any history', [], '2026-06-01', 'undecided'],
    ['three months after the stop', life(['stopped', '2026-03-02']), '2026-06-01T23:59:59Z', 'decided_lately'],
    ['no longer than that', life(['stopped', '2026-03-02']), '2026-06-02', null],
    ['by the first of stop and close', life(['stopped', '2026-01-01'], ['closed', '2026-05-01']), '2026-06-01', null],
  ] as const)('%s', (...[, changes, now, expected]) => {
    expect(holdingRule(changes, new Date(now))).toBe(expected);
  });
});

it.each([
  ['2026-11-30T10:00:00.000Z', 3, '2027-02-28T10:00:00.000Z'],
  ['2024-02-29T00:00:00.000Z', -24, '2022-02-28T00:00:00.000Z'],
  ['2026-01-15T00:00:00.000Z', -2, '2025-11-15T00:00:00.000Z'],
])('%s and %i months is %s', (at, months, expected) => {
  expect(monthsLater(new Date(at), months).toISOString()).toBe(expected);
});
