import { expect, test } from 'vitest';
import { planRestart } from './restart-policy.js';

test('the pause doubles with every crash of the last minute', () => {
  expect(planRestart([1_000])).toEqual({ kind: 'restart', delayMs: 250 });
  expect(planRestart([1_000, 2_000, 3_000])).toEqual({ kind: 'restart', delayMs: 1_000 }); // 250 × 2 × 2
});

test('five crashes within a minute are enough', () => {
  expect(planRestart([0, 10, 20, 30, 59_999])).toEqual({ kind: 'give-up', crashes: 5 });
});

test('a crash of more than a minute ago is forgotten', () => {
  expect(planRestart([0, 10, 20, 30, 60_020])).toEqual({ kind: 'restart', delayMs: 500 }); // 30 and 60,020 count
});
