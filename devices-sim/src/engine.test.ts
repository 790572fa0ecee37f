import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAMILIES, FAMILY_CODES, isAttributeValid, isValueInRange, localHour, type FamilyCode } from '#domain';
import { UsagePayload } from '#contracts';
import type { SimulatedDevice, Window } from './device.js';
import { reportsBetween, usageBetween, type SimulatedUsage } from './engine.js';
import { healthBetween } from './health.js';
import { nextOutageIn, offlineStretchAt } from './outages.js';

const ZONE = 'Europe/Stockholm';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.parse('2026-03-02T00:00:00+01:00');
const NINETY_DAYS: Window = { fromMs: START_MS, toMs: START_MS + 90 * DAY_MS };

const device = (family: FamilyCode, more: Partial<SimulatedDevice> = {}): SimulatedDevice => ({
  publicId: `${family}-1`,
  family,
  seed: 7,
  ...more,
});

const anyDevice = fc.record({
  publicId: fc.string({ minLength: 1, maxLength: 12 }),
  family: fc.constantFrom(...FAMILY_CODES),
  seed: fc.integer(),
  activity: fc.double({ min: 0, max: 8, noNaN: true }),
  outages: fc.constantFrom('late' as const, 'lost' as const),
});
/** Three moments in order, up to some days apart, anywhere in two years (clock changes included). */
const moments = fc
  .tuple(
    fc.integer({ min: 0, max: 730 * DAY_MS }),
    fc.integer({ min: 0, max: 2 * DAY_MS }),
    fc.integer({ min: 0, max: 2 * DAY_MS }),
  )
  .map(
    ([start, first, second]) =>
      [START_MS + start, START_MS + start + first, START_MS + start + first + second] as const,
  );

const ofMetric = (usages: readonly SimulatedUsage[], name: string) => usages.filter(({ metric }) => metric === name);
const count = (usages: readonly SimulatedUsage[], name: string) => ofMetric(usages, name).length;

/** Six standard deviations of a Poisson count: a right engine fails once in 10^9 seeds, a wrong rate at once. */
function expectAbout(actual: number, mean: number): void {
  expect(Math.abs(actual - mean)).toBeLessThanOrEqual(6 * Math.sqrt(mean));
}

describe('one life per device', () => {
  it('gives in two adjoining windows exactly what the window over both gives', () => {
    fc.assert(
      fc.property(anyDevice, moments, (one, [fromMs, middleMs, toMs]) => {
        const halves = [
          ...usageBetween(one, { fromMs, toMs: middleMs }, ZONE),
          ...usageBetween(one, { fromMs: middleMs, toMs }, ZONE),
        ];
        expect(halves).toEqual(usageBetween(one, { fromMs, toMs }, ZONE));
      }),
      { numRuns: 60 },
    );
  });

  it('sends in two adjoining windows exactly what it sends in the window over both, held back or not', () => {
    fc.assert(
      fc.property(anyDevice, moments, (one, [fromMs, middleMs, toMs]) => {
        const halves = [
          ...reportsBetween(one, { fromMs, toMs: middleMs }, ZONE),
          ...reportsBetween(one, { fromMs: middleMs, toMs }, ZONE),
        ];
        expect(halves).toEqual(reportsBetween(one, { fromMs, toMs }, ZONE));
      }),
      { numRuns: 60 },
    );
  });

  it('differs from device to device and from seed to seed', () => {
    const lives = [
      device('keyless_lock'),
      device('keyless_lock', { publicId: 'other' }),
      device('keyless_lock', { seed: 8 }),
    ];
    const told = lives.map((one) => JSON.stringify(usageBetween(one, NINETY_DAYS, ZONE).map(({ at }) => at)));
    expect(new Set(told).size).toBe(3);
  });

  it.each(FAMILY_CODES)('%s: ids are unique and the order is that of time', (family) => {
    const usages = usageBetween(device(family, { activity: 4 }), NINETY_DAYS, ZONE);
    expect(new Set(usages.map(({ id }) => id)).size).toBe(usages.length);
    const times = usages.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });
});

describe('messages', () => {
  it.each(FAMILY_CODES)('%s: every usage holds to the contract and to the family', (family) => {
    const metrics = new Map(FAMILIES[family].metrics.map((metric) => [metric.name, metric]));
    const usages = usageBetween(device(family), { ...NINETY_DAYS, toMs: START_MS + 20 * DAY_MS }, ZONE);
    expect(usages.length).toBeGreaterThan(20);
    for (const usage of usages) {
      expect(UsagePayload.parse(usage)).toEqual(usage);
      const metric = metrics.get(usage.metric);
      if (metric === undefined) throw new Error(`${family} declares no ${usage.metric}`);
      expect(isValueInRange(metric, usage.value ?? NaN)).toBe(true);
      expect(Object.keys(usage.attributes ?? {})).toEqual(Object.keys(metric.attributes));
      for (const [name, shape] of Object.entries(metric.attributes)) {
        expect(isAttributeValid(shape, usage.attributes?.[name])).toBe(true);
      }
    }
  });

  it('draws attributes as often as the family says', () => {
    const unlocks = ofMetric(usageBetween(device('keyless_lock', { activity: 20 }), NINETY_DAYS, ZONE), 'unlock');
    const failures = unlocks.filter(({ attributes }) => attributes?.['result'] === 'failure').length;
    expectAbout(failures, unlocks.length * 0.025);
    expectAbout(
      unlocks.filter(({ attributes }) => attributes?.['actor_role'] === 'relative').length,
      unlocks.length * 0.13,
    );
  });
});

describe('daily rhythm', () => {
  it('has the events per day of the family, times the activity', () => {
    for (const activity of [0, 0.5, 3]) {
      const unlocks = count(usageBetween(device('keyless_lock', { activity }), NINETY_DAYS, ZONE), 'unlock');
      expectAbout(unlocks, 6 * activity * 90);
    }
  });

  it('spreads them over the local hours by the family’s weights, across a clock change', () => {
    const weights = FAMILIES.keyless_lock.rhythm.metrics['unlock']?.hourlyWeights ?? [];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const unlocks = ofMetric(usageBetween(device('keyless_lock', { activity: 10 }), NINETY_DAYS, ZONE), 'unlock');
    const perHour = Array.from({ length: 24 }, () => 0);
    for (const { at } of unlocks) {
      const hour = localHour(Date.parse(at), ZONE);
      perHour[hour] = (perHour[hour] ?? 0) + 1;
    }
    expect(perHour).toHaveLength(24);
    perHour.forEach((counted, hour) => expectAbout(counted, (6 * 10 * 90 * (weights[hour] ?? 0)) / total));
  });

  it.each([
    ['2026-03-29', 23, 0], // 02:00–03:00 does not exist
    ['2026-10-25', 25, 2], // 02:00–03:00 comes twice
    ['2026-06-10', 24, 1],
  ])('%s has %i hours and its local hour 2 occurs %i times', (day, hours, twos) => {
    const fromMs = Date.parse(`${day}T00:00:00${day === '2026-03-29' ? '+01:00' : '+02:00'}`);
    const screen = device('smart_screen', { activity: 400 });
    const shown = ofMetric(usageBetween(screen, { fromMs, toMs: fromMs + hours * HOUR_MS }, ZONE), 'message_shown');
    const { eventsPerDay = 0, hourlyWeights = [] } = FAMILIES.smart_screen.rhythm.metrics['message_shown'] ?? {};
    const total = hourlyWeights.reduce((sum, weight) => sum + weight, 0);
    const inHourTwo = shown.filter(({ at }) => localHour(Date.parse(at), ZONE) === 2).length;
    expectAbout(inHourTwo, (eventsPerDay * 400 * (hourlyWeights[2] ?? 0) * twos) / total);
    expectAbout(shown.length, (eventsPerDay * 400 * (total + (twos - 1) * (hourlyWeights[2] ?? 0))) / total);
  });
});

describe('sessions', () => {
  it('never overlap on one device, however busy', () => {
    const usages = usageBetween(device('smart_screen', { activity: 12 }), NINETY_DAYS, ZONE);
    const sessions = usages.filter(({ until }) => until !== undefined);
    expect(sessions.length).toBeGreaterThan(1000);
    sessions
      .slice(1)
      .forEach(({ at }, index) =>
        expect(Date.parse(at)).toBeGreaterThanOrEqual(Date.parse(String(sessions[index]?.until))),
      );
  });

  it('last as long as the family says on average, and their value is until − at', () => {
    const robots = Array.from({ length: 20 }, (_, seed) => device('sleep_robot', { seed, activity: 0.2 }));
    const sessions = robots.flatMap((robot) => ofMetric(usageBetween(robot, NINETY_DAYS, ZONE), 'session'));
    for (const { at, until, value } of sessions)
      expect(value).toBe((Date.parse(String(until)) - Date.parse(at)) / 1000);
    const mean = sessions.reduce((sum, { value = 0 }) => sum + value, 0) / sessions.length;
    // 20 × 90 × 1.4 × 0.2 ≈ 504 sessions of 3000 ± 1500 s: standard error 67 s; a few are cut short by the next.
    expect(mean).toBeGreaterThan(2700);
    expect(mean).toBeLessThan(3270);
  });

  it('are sent when they end', () => {
    const robot = device('sleep_robot', { outages: 'none' });
    const reports = reportsBetween(robot, NINETY_DAYS, ZONE).filter(({ usage }) => usage.until !== undefined);
    expect(reports.length).toBeGreaterThan(50);
    for (const { sendAtMs, usage } of reports) expect(sendAtMs).toBe(Date.parse(String(usage.until)));
  });
});

describe('signs of life', () => {
  it('come every heartbeat interval although nothing is used', () => {
    const idle = device('keyless_lock', { activity: 0, outages: 'none' });
    const beats = healthBetween(idle, NINETY_DAYS);
    expect(beats).toHaveLength(90 * 24);
    beats.slice(1).forEach(({ atMs }, index) => expect(atMs - (beats[index]?.atMs ?? 0)).toBe(HOUR_MS));
  });

  it('show a battery that falls slowly, is refilled, and never leaves its range', () => {
    const { gauge } = FAMILIES.sleep_robot.rhythm.metrics['battery'] ?? {};
    const levels = healthBetween(device('sleep_robot'), NINETY_DAYS).map(({ health }) => health.battery ?? NaN);
    const refills = levels.filter((level, index) => level > (levels[index - 1] ?? Infinity)).length;
    // (100 − 15) % at 22 % a day: a charge every 3.86 days, 23 in 90 days.
    expect(refills).toBeGreaterThanOrEqual(22);
    expect(refills).toBeLessThanOrEqual(24);
    expect(Math.min(...levels)).toBeGreaterThanOrEqual(gauge?.refillBelow ?? 100);
    expect(Math.max(...levels)).toBeLessThanOrEqual(100);
  });

  it('mains devices tell of no battery', () => {
    expect(healthBetween(device('smart_screen'), NINETY_DAYS).every(({ health }) => health.battery === undefined)).toBe(
      true,
    );
  });
});

describe('outages', () => {
  const lock = device('keyless_lock', { activity: 10 });
  const outageMs = nextOutageIn(lock, NINETY_DAYS) ?? NaN;
  const stretch = offlineStretchAt(lock, outageMs) ?? { fromMs: NaN, toMs: NaN };

  it('silence the device, and what it kept comes when the network is back', () => {
    expect(stretch.fromMs).toBe(outageMs);
    expect(healthBetween(lock, stretch)).toEqual([]);
    expect(reportsBetween(lock, stretch, ZONE)).toEqual([]);
    const kept = usageBetween(lock, stretch, ZONE);
    const late = reportsBetween(lock, { fromMs: stretch.toMs, toMs: stretch.toMs + 1 }, ZONE).map(
      ({ usage }) => usage.id,
    );
    expect(kept.length).toBeGreaterThan(0);
    expect(late).toEqual(expect.arrayContaining(kept.map(({ id }) => id)));
  });

  it('lose what the device cannot keep', () => {
    const forgetful = { ...lock, outages: 'lost' as const };
    const sent = new Set(reportsBetween(forgetful, NINETY_DAYS, ZONE).map(({ usage }) => usage.id));
    const missing = usageBetween(forgetful, NINETY_DAYS, ZONE).filter(({ id }) => !sent.has(id));
    expect(missing.length).toBeGreaterThan(0);
    for (const { at } of missing) expect(offlineStretchAt(forgetful, Date.parse(at))).not.toBeNull();
  });

  it('come as often as the family says', () => {
    const screens = Array.from({ length: 10 }, (_, seed) => device('smart_screen', { seed }));
    const begun = screens
      .flatMap((screen) => hours(NINETY_DAYS).map((hour) => nextOutageIn(screen, hour)))
      .filter((ms) => ms !== null);
    expectAbout(begun.length, 10 * 90 * 24 * 0.002);
  });
});

function hours({ fromMs, toMs }: Window): Window[] {
  return Array.from({ length: (toMs - fromMs) / HOUR_MS }, (_, index) => ({
    fromMs: fromMs + index * HOUR_MS,
    toMs: fromMs + (index + 1) * HOUR_MS,
  }));
}
