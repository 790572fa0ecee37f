import { benefitsApi, type LineBenefitView, type TrialBenefitView } from '#contracts';
import { CostLineEntity, TrialStageChangeEntity } from '#database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import { benefitLine, everySixMinutes, measuredUnit, type MeasuredUnit, recordAndCount } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { failure, opening, recordUsage, visit } from '../support/usage.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const read = ({ trial, manager }: Pick<MeasuredUnit, 'trial' | 'manager'>): Promise<TrialBenefitView> =>
  api.as(manager).call(benefitsApi.trial, { params: { id: trial.id } });

const firstLine = async (of: Pick<MeasuredUnit, 'trial' | 'manager'>): Promise<LineBenefitView> =>
  (await read(of)).lines[0]!;

describe('measured potential', () => {
  test('reads like rule B9', async () => {
    const of = await measuredUnit(api);
    await recordAndCount(api, of, [
      ...everySixMinutes('2024-05-06T05:00:00Z', 312).map(opening),
      ...everySixMinutes('2024-05-13T05:00:00Z', 3).map(failure),
      ...everySixMinutes('2024-05-14T05:00:00Z', 97).map(visit),
    ]);
    expect((await firstLine(of)).calculation).toEqual({
      events: 412,
      qualifying: 312,
      counterfactualShare: 0.3,
      countedUnits: 93.6, // 312 × 0.3
      minutesPerUnit: 2,
      grossHours: 3.12, // 93.6 × 2 / 60
      addedWorkHours: 0,
      failures: 3,
      failureMinutes: 10,
      failureHours: 0.5, // 3 × 10 / 60
      netHours: 2.62,
      hourlyCostOre: 33_620,
      potentialOre: 88_084, // 2.62 h × 336.20 kr = 880.844 kr
      manual: 0,
    });
  });

  test.each<{ name: string; early: string[]; late: string; days: Record<string, number> }>([
    {
      name: 'exactly the window later, in local time UTC+2', // the second falls to the first
      early: ['2024-06-03T08:00:00Z', '2024-06-03T08:04:59Z'],
      late: '2024-06-03T08:09:59Z',
      days: { '2024-06-03': 2 },
    },
    {
      name: 'across the hour', // 8:57 falls to the late 8:54; 9:01 still falls to 8:57, which does not count itself
      early: ['2024-06-03T08:57:00Z', '2024-06-03T09:01:00Z'],
      late: '2024-06-03T08:54:00Z',
      days: { '2024-06-03': 1 },
    },
    {
      name: 'across midnight', // 00:02 counted on the 4th until 23:59 of the 3rd came in late
      early: ['2024-06-03T22:02:00Z'],
      late: '2024-06-03T21:59:00Z',
      days: { '2024-06-03': 1, '2024-06-04': 0 },
    },
    {
      name: 'a day of 25 hours', // 22:00Z on the 26th to 23:00Z on the 27th
      early: ['2024-10-26T22:00:00Z', '2024-10-27T22:30:00Z'],
      late: '2024-10-27T23:30:00Z',
      days: { '2024-10-27': 2, '2024-10-28': 1 },
    },
    {
      name: 'a day of 23 hours', // 23:00Z on the 30th to 22:00Z on the 31st
      early: ['2024-03-30T23:00:00Z', '2024-03-31T21:30:00Z'],
      late: '2024-03-31T22:00:00Z',
      days: { '2024-03-31': 2, '2024-04-01': 1 },
    },
  ])('evaluates neighbours of a late event: $name', async ({ early, late, days }) => {
    const of = await measuredUnit(api);
    await recordAndCount(api, of, early.map(opening));
    await recordAndCount(api, of, [opening(late)]);
    const shown = (await read(of)).days.filter(({ day }) => day in days);
    expect(Object.fromEntries(shown.map(({ day, qualifying }) => [day, qualifying]))).toEqual(days);
    expect((await firstLine(of)).calculation?.qualifying).toBe(
      Object.values(days).reduce((sum, count) => sum + count, 0),
    );
  });

  test('leaves a pause out, and what comes after the judgement began (rule U9)', async () => {
    const of = await measuredUnit(api);
    const stages = [
      ['paused', '2024-02-01T09:00:00Z'],
      ['running', '2024-02-01T12:00:00Z'],
      ['judgement', '2024-02-02T12:00:00Z'],
    ] as const;
    for (const [stage, at] of stages)
      await api.db.manager.insert(TrialStageChangeEntity, { trialId: of.trial.id, stage, at: new Date(at) });
    await recordAndCount(
      api,
      of,
      ['2024-02-01T08:59:59Z', '2024-02-01T10:30:00Z', '2024-02-01T12:00:00Z', '2024-02-02T12:00:00Z'].map(opening),
    );
    expect((await firstLine(of)).calculation).toMatchObject({ events: 2, qualifying: 2 });
  });

  test.each([
    ['a test placement', { purpose: 'test' }, 0],
    ['a baseline', { purpose: 'baseline' }, 0],
    ['the comparator', { purpose: 'trial', arm: 'comparator' }, 0],
    ['the intervention', { purpose: 'trial', arm: 'intervention' }, 1],
  ] as const)('counts for %s as its purpose says (rule U9)', async (_name, { purpose, ...rest }, qualifying) => {
    const of = await measuredUnit(api);
    const device = await build.device(api, of.unit);
    const trial = purpose === 'test' ? {} : { trial: of.trial };
    const placement = await build.placement(api, { device, node: of.unit }, { purpose, ...trial, ...rest });
    await recordAndCount(api, { ...of, device, placement }, [opening('2024-02-01T09:00:00Z')]);
    expect((await firstLine(of)).calculation?.qualifying).toBe(qualifying);
  });

  test.each([
    [false, 0],
    [true, 1],
  ])('counts simulated usage only in a demo (%s)', async (demo, qualifying) => {
    const root = await build.municipality(api, { demo });
    const of = await measuredUnit(api, { root, simulated: true });
    await recordAndCount(api, of, [opening('2024-02-01T09:00:00Z')]);
    const view = await read(of);
    expect([view.lines[0]?.calculation?.qualifying, view.simulated]).toEqual([qualifying, demo]);
  });

  test('may be negative (rule B3)', async () => {
    const of = await measuredUnit(api);
    await recordAndCount(api, of, [opening('2024-02-01T09:00:00Z'), failure('2024-02-01T10:00:00Z')]);
    // 1 × 0.3 × 2 min − 10 min = −9.4 min = −0.156… h × 336.20 kr = −52.671… kr
    expect((await firstLine(of)).potentialOre).toBe(-5_267);
  });

  test('keeps municipalities apart', async () => {
    const [one, other] = [await measuredUnit(api), await measuredUnit(api)];
    await recordAndCount(api, one, [opening('2024-02-01T09:00:00Z')]);
    await recordAndCount(api, other, ['2024-02-01T09:01:00Z', '2024-02-01T09:30:00Z'].map(opening));
    expect([await firstLine(one), await firstLine(other)].map(({ calculation }) => calculation?.qualifying)).toEqual([
      1, 2,
    ]);
    const answer = await api.as(one.manager).raw(benefitsApi.trial, { params: { id: other.trial.id } });
    expect(answer.status).toBe(404);
  });
});

describe('plan and economy', () => {
  test.each([
    // 17/31 of January + all of February (leap) + 14/31 of March = 2 months
    { plan: { startsOn: '2024-01-15', endsOn: '2024-03-15', plannedMonthOre: 10_000 }, plannedOre: 20_000 },
    { plan: { startsOn: '2024-01-31', endsOn: '2024-02-01', plannedMonthOre: 10_000 }, plannedOre: 323 }, // 10 000 / 31
    { plan: { startsOn: '2024-04-01', endsOn: '2024-04-16', plannedMonthOre: 1 }, plannedOre: 1 }, // 15/30, half up
    { plan: { startsOn: '2900-01-01', endsOn: null, plannedMonthOre: 10_000 }, plannedOre: 0 },
  ])('plans $plannedOre öre to date by $plan', async ({ plan, plannedOre }) => {
    const unit = await build.node(api, await build.municipality(api));
    const trial = await build.trial(api, unit);
    await benefitLine(api, trial, plan);
    const manager = await build.user(api, { role: 'manager', node: unit });
    expect(await firstLine({ trial, manager })).toMatchObject({ plannedOre, potentialOre: null, calculation: null });
  });

  test('computes the check values, with redistribution beside (rules B1, B6)', async () => {
    const unit = await build.node(api, await build.municipality(api));
    const trial = await build.trial(api, unit, { investmentOn: '2024-01-01', horizonYears: 4, discountRate: 0.03 });
    const cost = { trialId: trial.id, name: 'Inköp', kind: 'one_off', category: 'financial', position: 1 } as const;
    await api.db.manager.insert(CostLineEntity, {
      ...cost,
      id: trial.id,
      amountOre: 12_000_000,
      startsOn: '2024-01-01',
    });
    await benefitLine(api, trial, { category: 'financial', plannedMonthOre: 500_000 });
    await benefitLine(api, trial, { plannedMonthOre: 100_000 });
    const { planned } = await read({ trial, manager: await build.user(api, { role: 'manager', node: unit }) });
    expect(planned.financialOnly).toMatchObject({
      npvOre: 10_302_590, // −120 000 + 60 000 × 3.717098 = 103 025.90 kr
      paybackYears: { kind: 'value', value: 2 },
      discountedPaybackYears: { kind: 'value', value: expect.closeTo(2.0946, 4) as number },
      roi: { kind: 'value', value: 1 }, // (240 000 − 120 000) / 120 000
    });
    expect(planned.includingRedistribution.npvOre).toBe(14_763_109); // −120 000 + 72 000 × 3.717098… = 147 631.085 kr
  });

  test('accumulates plan and potential by the day, ending at the lines’ own figures', async () => {
    const of = await measuredUnit(api);
    await recordAndCount(
      api,
      of,
      [...everySixMinutes('2024-05-06T05:00:00Z', 100), ...everySixMinutes('2024-05-08T05:00:00Z', 50)].map(opening),
    );
    const { days, lines } = await read(of);
    const on = (day: string) => days.find((shown) => shown.day === day);
    // 100 × 0.3 × 2 min = 1 h; 1 000 kr × (4 months + 6/31 of May)
    expect(on('2024-05-06')).toEqual({
      day: '2024-05-06',
      category: 'redistribution',
      plannedOre: 419_355,
      potentialOre: 33_620,
      qualifying: 100,
    });
    expect(on('2024-05-08')).toMatchObject({ potentialOre: 50_430, qualifying: 50 }); // 150 × 0.3 × 2 min = 1.5 h
    expect(days.at(-1)).toMatchObject({ plannedOre: lines[0]?.plannedOre, potentialOre: lines[0]?.potentialOre });
  });
});

test('says how much of the running time it knows, a swapped device once (rule U10)', async () => {
  const of = await measuredUnit(api);
  const stages = [['judgement', '2024-02-01T10:00:00Z']] as const;
  for (const [stage, at] of stages)
    await api.db.manager.insert(TrialStageChangeEntity, { trialId: of.trial.id, stage, at: new Date(at) });
  const [first, second] = [await build.device(api, of.unit), await build.device(api, of.unit)];
  const swapAt = new Date('2024-02-01T06:00:00Z');
  const old = await build.placement(
    api,
    { device: first, node: of.unit },
    { trial: of.trial, startsAt: new Date('2024-02-01T00:00:00Z'), endsAt: swapAt },
  );
  const fresh = await build.placement(
    api,
    { device: second, node: of.unit },
    { trial: of.trial, startsAt: swapAt, seriesId: old.seriesId },
  );
  await api.db.query('delete from placement where key = $1', [of.placement.key]);
  await recordUsage(
    api,
    { device: first, placement: old },
    ['2024-02-01T00:10:00Z', '2024-02-01T05:10:00Z'].map(opening),
  );
  await recordUsage(
    api,
    { device: second, placement: fresh },
    ['2024-02-01T06:10:00Z', '2024-02-01T11:10:00Z'].map(opening),
  );
  // 00–10 are ten hours, three of them with a sign of life; 11 lies after the running time
  expect((await read(of)).coverage).toEqual({ expected: 1, reporting: 1, expectedHours: 10, gapHours: 7 });
});
