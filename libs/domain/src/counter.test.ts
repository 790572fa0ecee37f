import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSteps, isSurelyAccepted, sumByHour, type CounterDecision, type CounterReading } from './counter.js';
import { toNumber } from './exact.js';

const HOUR_MS = 3_600_000;

/** Readings an hour apart; a decision is written beside the value. */
type Given = number | readonly [value: number, decided: CounterDecision];
const readings = (given: readonly Given[]): CounterReading[] =>
  given.map((one, index) => {
    const [value, decided] = typeof one === 'number' ? [one, null] : one;
    return { id: `${index}`, at: index * HOUR_MS, value, placement: 1, decided };
  });
const told = (given: readonly CounterReading[]) =>
  countSteps(given).map(({ delta, flag }) => [toNumber(delta), flag] as const);

describe('the differences of a counter (rule U11)', () => {
  it.each<[string, Given[], [number, string | null][]]>([
    [
      'grow, the first reading is where it starts',
      [100, 103, 103, 110],
      [
        [0, null],
        [3, null],
        [0, null],
        [7, null],
      ],
    ],
    [
      'are exact: 0.3 − 0.1',
      [0.1, 0.3],
      [
        [0, null],
        [0.2, null],
      ],
    ],
    // 100 → 4: confirmed by 6, which is below 100 and not below 4; 4 were counted since the reset, then 2.
    [
      'go on after a reset that the next reading confirms',
      [100, 4, 6],
      [
        [0, null],
        [4, 'reset'],
        [2, null],
      ],
    ],
    [
      'take an equal next reading as confirming',
      [100, 4, 4],
      [
        [0, null],
        [4, 'reset'],
        [0, null],
      ],
    ],
    [
      'wait for the next reading',
      [100, 4],
      [
        [0, null],
        [0, 'unconfirmed'],
      ],
    ],
    [
      'pass over a single dip: 100 → 105',
      [100, 4, 105],
      [
        [0, null],
        [0, 'glitch'],
        [5, null],
      ],
    ],
    [
      'pass over a dip that recovers to the very value',
      [100, 4, 100],
      [
        [0, null],
        [0, 'glitch'],
        [0, null],
      ],
    ],
    // 50 is not confirmed by 20, which falls further; 20 is, by 30: 20 counted since, then 10.
    [
      'confirm the last of two falls',
      [100, 50, 20, 30],
      [
        [0, null],
        [0, 'unconfirmed'],
        [20, 'reset'],
        [10, null],
      ],
    ],
    [
      'take a decided reset without a second reading',
      [100, [4, 'reset']],
      [
        [0, null],
        [4, 'reset'],
      ],
    ],
    [
      'take a decided reset also where the value grew',
      [100, [104, 'reset']],
      [
        [0, null],
        [104, 'reset'],
      ],
    ],
    [
      'leave out a decided glitch: a spike',
      [100, [9999, 'glitch'], 101],
      [
        [0, null],
        [0, 'glitch'],
        [1, null],
      ],
    ],
    [
      'begin anew with another device',
      [100, [3, 'replaced'], 5],
      [
        [0, null],
        [0, null],
        [2, null],
      ],
    ],
    [
      'are not confirmed by what begins anew',
      [100, 4, [6, 'replaced']],
      [
        [0, null],
        [0, 'unconfirmed'],
        [0, null],
      ],
    ],
    [
      'skip a decided glitch when they look ahead',
      [100, 4, [200, 'glitch'], 6],
      [
        [0, null],
        [4, 'reset'],
        [0, 'glitch'],
        [2, null],
      ],
    ],
  ])('%s', (_name, given, expected) => {
    expect(told(readings(given))).toEqual(expected);
  });

  it('go on from the reading before those at hand', () => {
    const [step] = countSteps(readings([12]), { value: 10, placement: 1 });
    expect([toNumber(step!.delta), step!.previous]).toEqual([2, 10]);
  });

  it('belong to the hour of the later reading', () => {
    const given = [
      { id: 'a', at: HOUR_MS - 1, value: 10, placement: 1 },
      { id: 'b', at: HOUR_MS, value: 14, placement: 1 },
      { id: 'c', at: HOUR_MS + 5, value: 15, placement: 1 },
    ];
    const hours = sumByHour(countSteps(given)).map(({ hour, delta, last }) => [hour, delta, last?.value]);
    expect(hours).toEqual([
      [0, 0, 10],
      [HOUR_MS, 5, 15], // 4 + 1
    ]);
  });
});

describe('a counter that moves between placements (rules U10, U11)', () => {
  const at = (...[hour, value, placement, closes]: [number, number, number | null, number?]): CounterReading => ({
    id: `${hour}`,
    at: hour * HOUR_MS,
    value,
    placement,
    closes: closes ?? null,
  });
  const owned = (given: readonly CounterReading[]) =>
    countSteps(given).map(({ delta, placement, flag }) => [toNumber(delta), placement, flag]);

  it('gives what cannot be split to none, flagged', () => {
    expect(owned([at(1, 10, 1), at(2, 17, 2), at(3, 18, 2)])).toEqual([
      [0, 1, null],
      [7, null, 'unsplit'],
      [1, 2, null],
    ]);
  });

  it('is split by a closing reading at the very instant of the change', () => {
    expect(owned([at(1, 10, 1), at(2, 13, 2, 1), at(3, 17, 2)])).toEqual([
      [0, 1, null],
      [3, 1, null], // up to the swap
      [4, 2, null], // after it
    ]);
  });

  it('needs no flag where nothing was counted in between', () => {
    expect(owned([at(1, 10, 1), at(2, 10, 2)])).toEqual([
      [0, 1, null],
      [0, null, null],
    ]);
  });
});

describe('for any readings', () => {
  const any = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 3 })), { maxLength: 30 });
  const made = (given: [number, number][]): CounterReading[] =>
    given.map(([value, placement], index) => ({ id: `${index}`, at: index * 600_000, value, placement }));

  it('nothing is ever negative, and the order given does not matter', () => {
    fc.assert(
      fc.property(any, (given) => {
        const steps = countSteps(made(given));
        expect(steps.every(({ delta }) => delta.numerator >= 0n)).toBe(true);
        expect(countSteps(made(given).reverse())).toEqual(steps);
      }),
    );
  });

  it('a reading that does not lie below its predecessor is accepted, so that counting may begin at it', () => {
    fc.assert(
      fc.property(any, fc.nat(29), (given, from) => {
        const whole = made(given);
        const reading = whole[from];
        if (!reading || !isSurelyAccepted(reading, whole[from - 1])) return;
        const tail = countSteps(whole.slice(from + 1), reading);
        expect(countSteps(whole).slice(from + 1)).toEqual(tail);
      }),
    );
  });
});
