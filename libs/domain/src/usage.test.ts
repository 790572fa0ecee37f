import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEYLESS_LOCK } from './families/keyless-lock.js';
import type { Interval } from './interval.js';
import { countByDay, evaluationDays, qualify, type Usage } from './usage.js';

const rule = KEYLESS_LOCK.defaultRule;
const noon = Date.UTC(2026, 4, 1, 12);
const always: Interval[] = [{ from: new Date(0), to: null }];
const minutes = (at: number) => (at - noon) / 60_000;

const opening = (minute: number, result = 'success', role = 'staff'): Usage => ({
  at: noon + minute * 60_000,
  dimensions: { result, actor_role: role },
  value: 1,
});

const qualifyingMinutes = (events: Usage[], intervals = always) =>
  qualify(events, rule, intervals).qualifying.map(minutes);

describe('qualifying openings (rule B5)', () => {
  it.each<[string, Usage[], number[]]>([
    ['a lone opening', [opening(0)], [0]],
    ['not one within 5 minutes', [opening(0), opening(4.999)], [0]],
    ['one exactly 5 minutes later', [opening(0), opening(5)], [0, 5]],
    ['not one after an opening that does not qualify itself', [opening(0), opening(4), opening(8)], [0]],
    ['one after a failure', [opening(0, 'failure'), opening(1)], [1]],
    ['one after a relative', [opening(0, 'success', 'relative'), opening(1)], [1]],
    ['one of several at the same instant', [opening(0), { ...opening(0), id: 'b' }, { ...opening(0), id: 'a' }], [0]],
    ['none that is not closed (rule U3)', [{ ...opening(0), value: null }, opening(1)], [1]],
    ['both sides of an hour', [opening(-2), opening(1), opening(10)], [-2, 10]],
  ])('counts %s', (_name, events, expected) => {
    expect(qualifyingMinutes(events)).toEqual(expected);
  });

  it('looks back across the start of an interval, but counts only inside it (rule U9)', () => {
    const running = [{ from: new Date(noon), to: new Date(noon + 60 * 60_000) }];
    expect(qualifyingMinutes([opening(-3), opening(0)], running)).toEqual([]);
    expect(qualifyingMinutes([opening(-6), opening(0), opening(60)], running)).toEqual([0]);
  });

  it('counts every use when nothing is deduplicated', () => {
    const twice = [{ ...opening(0), id: 'a' }, { ...opening(0), id: 'b' }, opening(1)];
    expect(qualify(twice, { ...rule, deduplicateMinutes: 0 }, always).qualifying).toHaveLength(3);
  });

  it('counts each failure of those the rule names, and all events', () => {
    const events = [opening(0, 'failure'), opening(1, 'failure'), opening(2, 'failure', 'relative'), opening(3)];
    const result = qualify(events, rule, always);
    expect(result.failures.map(minutes)).toEqual([0, 1]);
    expect(result.events).toHaveLength(4);
  });

  it('has no failures without a failure filter', () => {
    expect(qualify([opening(0, 'failure')], { filter: {}, deduplicateMinutes: 0 }, always).failures).toEqual([]);
  });
});

describe('any order, any repetition, same result', () => {
  const anyUsage = fc
    .record({
      minute: fc.integer({ min: 0, max: 240 }).map((quarter) => quarter / 4),
      result: fc.constantFrom('success', 'failure'),
      role: fc.constantFrom('staff', 'relative'),
      id: fc.option(fc.constantFrom('a', 'b', 'c')),
    })
    .map(({ minute, result, role, id }) => ({ ...opening(minute, result, role), id }));
  // A device never uses an id twice at the same instant for other content: that is rejected at the door (rule U2).
  const usages = fc.uniqueArray(anyUsage, { maxLength: 60, selector: ({ at, id }) => `${Number(at)} ${id ?? ''}` });
  const running = [{ from: new Date(noon + 10 * 60_000), to: new Date(noon + 50 * 60_000) }];

  it('holds for shuffled and repeated events', () => {
    const shuffled = usages.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2, maxLength: events.length * 2 }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([events, delivered]) => {
        expect(qualify(delivered, rule, running)).toEqual(qualify(events, rule, running));
      }),
    );
  });

  it('agrees with the rule read word by word', () => {
    fc.assert(
      fc.property(usages, (events) => {
        const passing = [
          ...new Set(
            events
              .filter(({ dimensions }) => dimensions.result === 'success' && dimensions.actor_role === 'staff')
              .map(({ at }) => Number(at)),
          ),
        ];
        const literal = passing.filter((at) => !passing.some((other) => other < at && at - other < 300_000));
        expect(qualify(events, rule, always).qualifying).toEqual(literal.sort((a, b) => a - b));
      }),
    );
  });

  it('gives each day the same count from the day and the window before it alone', () => {
    fc.assert(
      fc.property(usages, fc.integer({ min: 0, max: 60 }), (events, cut) => {
        const from = noon + cut * 60_000;
        const day = [{ from: new Date(from), to: null }];
        const partial = events.filter(({ at }) => Number(at) > from - 300_000);
        expect(qualify(partial, rule, day)).toEqual(qualify(events, rule, day));
      }),
    );
  });
});

describe('days that a usage may change', () => {
  const division = { zone: 'Europe/Stockholm', dayStartsAtHour: 0 };

  it.each([
    ['2026-05-01T12:00:00Z', 5, ['2026-05-01']],
    ['2026-05-01T21:58:00Z', 5, ['2026-05-01', '2026-05-02']], // 23:58 local
    ['2026-05-01T21:58:00Z', 0, ['2026-05-01']],
    ['2026-03-28T22:30:00Z', 1440, ['2026-03-28', '2026-03-29', '2026-03-30']], // 24 h over a 23-hour day
  ])('%s with %d minutes changes %j', (at, deduplicateMinutes, days) => {
    expect(evaluationDays(new Date(at), { deduplicateMinutes }, division)).toEqual(days);
  });

  it('counts by local day', () => {
    const instants = ['2026-05-01T21:00:00Z', '2026-05-01T22:00:00Z', '2026-05-02T10:00:00Z'].map(Date.parse);
    expect([...countByDay(instants, division)]).toEqual([
      ['2026-05-01', 1],
      ['2026-05-02', 2],
    ]);
  });
});
