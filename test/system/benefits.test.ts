import { benefitsApi, type LineBenefitView, type TrialBenefitView } from '#contracts';
import { CostLineEntity, type OrgNodeEntity, TrialStageChangeEntity } from '#database';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import { benefitLine, measurementRule } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { failure, type GivenUsage, opening, recordUsage, visit } from '../support/usage.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A unit with a lock in a running trial that the keyless rule measures, and people around it. */
async function setting(given: { root?: OrgNodeEntity; simulated?: boolean } = {}) {
  const root = given.root ?? (await build.municipality(api));
  const unit = await build.node(api, root);
  const trial = await build.trial(api, unit);
  const line = await benefitLine(api, trial);
  const rule = await measurementRule(api, { line, trial });
  const device = await build.device(api, unit, { simulated: given.simulated ?? false });
  const placement = await build.placement(api, { device, node: unit }, { trial });
  const manager = await build.user(api, { role: 'manager', node: unit });
  return { root, unit, trial, line, rule, device, placement, manager };
}
type Setting = Awaited<ReturnType<typeof setting>>;

const read = ({ trial, manager }: Pick<Setting, 'trial' | 'manager'>): Promise<TrialBenefitView> =>
  api.as(manager).call(benefitsApi.trial, { params: { id: trial.id } });

const firstLine = async (of: Pick<Setting, 'trial' | 'manager'>): Promise<LineBenefitView> =>
  (await read(of)).lines[0]!;

/** Until the worker has nothing left to do: a figure is right within two seconds. */
const computed = (): Promise<void> =>
  vi.waitFor(async () => expect(await api.db.query('select * from dirty_day')).toEqual([]), {
    timeout: 2_000,
    interval: 25,
  });

async function record(of: Setting, usages: readonly GivenUsage[]): Promise<void> {
  await recordUsage(api, of, usages);
  await computed();
}

const everySixMinutes = (from: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => new Date(Date.parse(from) + index * 360_000).toISOString());

describe('measured potential', () => {
  test('reads like rule B9', async () => {
    const of = await setting();
    await record(of, [
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
    });
  });

  test.each<[string, string[], string[], Record<string, number>]>([
    // Local time is UTC+2. The second is within 5 minutes of the first, exactly 5 minutes later is not.
    ['the window', ['2024-06-03T08:00:00Z', '2024-06-03T08:04:59Z'], ['2024-06-03T08:09:59Z'], { '2024-06-03': 2 }],
    // 10:57 falls to the late 10:54; 11:01 still falls to 10:57, which does not count itself.
    [
      'across the hour',
      ['2024-06-03T08:57:00Z', '2024-06-03T09:01:00Z'],
      ['2024-06-03T08:54:00Z'],
      { '2024-06-03': 1 },
    ],
    // 00:02 counted on the 4th until 23:59 of the 3rd came in late.
    ['across midnight', ['2024-06-03T22:02:00Z'], ['2024-06-03T21:59:00Z'], { '2024-06-03': 1, '2024-06-04': 0 }],
    // 27 October has 25 hours: 22:00Z on the 26th to 23:00Z on the 27th.
    [
      'a day of 25 hours',
      ['2024-10-26T22:00:00Z', '2024-10-27T22:30:00Z'],
      ['2024-10-27T23:30:00Z'],
      { '2024-10-27': 2, '2024-10-28': 1 },
    ],
    // 31 March has 23: 23:00Z on the 30th to 22:00Z on the 31st.
    [
      'a day of 23 hours',
      ['2024-03-30T23:00:00Z', '2024-03-31T21:30:00Z'],
      ['2024-03-31T22:00:00Z'],
      { '2024-03-31': 2, '2024-04-01': 1 },
    ],
  ])('evaluates neighbours of a late event: %s', async (_name, early, late, days) => {
    const of = await setting();
    await record(of, early.map(opening));
    await record(of, late.map(opening));
    const shown = (await read(of)).days.filter(({ day }) => day in days);
    expect(Object.fromEntries(shown.map(({ day, qualifying }) => [day, qualifying]))).toEqual(days);
    expect((await firstLine(of)).calculation?.qualifying).toBe(
      Object.values(days).reduce((sum, count) => sum + count, 0),
    );
  });

  test('leaves a pause out, and what comes after the judgement began (rule U9)', async () => {
    const of = await setting();
    const stages = [
      ['paused', '2024-02-01T09:00:00Z'],
      ['running', '2024-02-01T12:00:00Z'],
      ['judgement', '2024-02-02T12:00:00Z'],
    ] as const;
    for (const [stage, at] of stages)
      await api.db.manager.insert(TrialStageChangeEntity, { trialId: of.trial.id, stage, at: new Date(at) });
    await record(
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
    const of = await setting();
    const device = await build.device(api, of.unit);
    const trial = purpose === 'test' ? {} : { trial: of.trial };
    const placement = await build.placement(api, { device, node: of.unit }, { purpose, ...trial, ...rest });
    await record({ ...of, device, placement }, [opening('2024-02-01T09:00:00Z')]);
    expect((await firstLine(of)).calculation?.qualifying).toBe(qualifying);
  });

  test.each([
    [false, 0],
    [true, 1],
  ])('counts simulated usage only in a demo (%s)', async (demo, qualifying) => {
    const root = await build.municipality(api, { demo });
    const of = await setting({ root, simulated: true });
    await record(of, [opening('2024-02-01T09:00:00Z')]);
    const view = await read(of);
    expect([view.lines[0]?.calculation?.qualifying, view.simulated]).toEqual([qualifying, demo]);
  });

  test('may be negative (rule B3)', async () => {
    const of = await setting();
    await record(of, [opening('2024-02-01T09:00:00Z'), failure('2024-02-01T10:00:00Z')]);
    // 1 × 0.3 × 2 min − 10 min = −9.4 min = −0.156… h × 336.20 kr = −52.671… kr
    expect((await firstLine(of)).potentialOre).toBe(-5_267);
  });

  test('keeps municipalities apart', async () => {
    const [one, other] = [await setting(), await setting()];
    await record(one, [opening('2024-02-01T09:00:00Z')]);
    await record(other, ['2024-02-01T09:01:00Z', '2024-02-01T09:30:00Z'].map(opening));
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
    ['two months in three', '2024-01-15', '2024-03-15', 10_000, 20_000],
    ['one day of a 31-day month', '2024-01-31', '2024-02-01', 10_000, 323], // 322.58
    ['half an öre, up', '2024-04-01', '2024-04-16', 1, 1], // 15/30
    ['nothing yet', '2900-01-01', null, 10_000, 0],
  ])('plans to date: %s', async (_name, startsOn, endsOn, plannedMonthOre, plannedOre) => {
    const unit = await build.node(api, await build.municipality(api));
    const trial = await build.trial(api, unit);
    await benefitLine(api, trial, { startsOn, endsOn, plannedMonthOre });
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
    const of = await setting();
    await record(
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
  const of = await setting();
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

describe('confirming what was realised (rule B3)', () => {
  const confirm = (
    { manager, trial, line, unit }: Setting,
    body: { month?: string; confirmedOre: number; nodeId?: string },
  ) =>
    api.as(manager).raw(benefitsApi.confirm, {
      params: { id: trial.id, lineId: line.id },
      body: { nodeId: unit.id, month: '2024-05', actionTaken: 'Tiden gick till promenader.', ...body },
    });

  /** 100 openings in May: 1 h, 336.20 kr of potential there. */
  async function measured(): Promise<Setting> {
    const of = await setting();
    await record(of, everySixMinutes('2024-05-06T05:00:00Z', 100).map(opening));
    return of;
  }

  test.each([
    ['less than measured', 20_000, 20_000],
    ['more than measured', 50_000, 33_620],
    ['nothing', 0, 0],
  ])('takes %s', async (_name, confirmedOre, realisedOre) => {
    const of = await measured();
    const { body } = await confirm(of, { confirmedOre });
    const line = (body as TrialBenefitView).lines[0];
    expect(line).toMatchObject({ realisedOre, potentialOre: 33_620 });
    expect(line?.confirmations).toMatchObject([
      { confirmedOre, potentialOre: 33_620, realisedOre, nodeId: of.unit.id, month: '2024-05-01' },
    ]);
  });

  test('takes a second one of the month in the first’s place and keeps the first', async () => {
    const of = await measured();
    await confirm(of, { confirmedOre: 10_000 });
    await confirm(of, { confirmedOre: 30_000 });
    expect(await firstLine(of)).toMatchObject({ realisedOre: 30_000, confirmations: [{ confirmedOre: 30_000 }] });
    const kept = await api.db.query(
      'select version, confirmed_ore from realisation_confirmation where benefit_line_id = $1 order by 1',
      [of.line.id],
    );
    expect(kept).toEqual([
      { version: 1, confirmed_ore: 10_000 },
      { version: 2, confirmed_ore: 30_000 },
    ]);
  });

  test('keeps the potential it saw when data comes later', async () => {
    const of = await measured();
    await confirm(of, { confirmedOre: 33_620 });
    await record(of, everySixMinutes('2024-05-20T05:00:00Z', 100).map(opening));
    expect(await firstLine(of)).toMatchObject({
      potentialOre: 67_240,
      realisedOre: 33_620,
      confirmations: [{ potentialOre: 33_620 }],
    });
  });

  test('takes a line without a rule at its word: 37 500 of 60 000 is 62.5 %', async () => {
    const of = await setting();
    const line = await benefitLine(api, of.trial, {
      plannedMonthOre: 500_000,
      startsOn: '2024-01-01',
      endsOn: '2025-01-01',
      position: 0,
    });
    const { body } = await confirm({ ...of, line }, { confirmedOre: 3_750_000 });
    expect((body as TrialBenefitView).lines[0]).toMatchObject({
      plannedOre: 6_000_000,
      realisedOre: 3_750_000,
      realisationRate: { kind: 'value', value: 0.625 },
      confirmations: [{ potentialOre: null }],
    });
  });

  test('counts only what the unit and its places measured in that month', async () => {
    const of = await measured();
    const place = await build.node(api, of.unit, { kind: 'place' });
    const other = await build.node(api, of.root);
    for (const [at, count] of [
      [place, 50],
      [other, 70],
    ] as const) {
      const device = await build.device(api, of.unit);
      const placement = await build.placement(api, { device, node: at }, { trial: of.trial });
      await record({ ...of, device, placement }, everySixMinutes('2024-05-07T05:00:00Z', count).map(opening));
    }
    await record(of, [opening('2024-04-30T21:59:00Z')]); // still April in Sweden
    const { body } = await confirm(of, { confirmedOre: 1 });
    // (100 + 50) × 0.3 × 2 min = 1.5 h
    expect((body as TrialBenefitView).lines[0]?.confirmations).toMatchObject([{ potentialOre: 50_430 }]);
  });

  test('refuses a month that has not begun', async () => {
    const answer = await confirm(await setting(), { month: '2900-01', confirmedOre: 1 });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'body.month' }] } });
  });

  test('refuses another unit, and one without devices of the trial', async () => {
    const [of, other] = [await setting(), await setting()];
    const empty = await build.node(api, of.unit, { kind: 'place' });
    for (const { id } of [other.unit, empty, of.root]) {
      expect((await confirm(of, { nodeId: id, confirmedOre: 1 })).status).toBe(404);
    }
    expect((await confirm({ ...of, trial: other.trial }, { confirmedOre: 1 })).status).toBe(404);
    expect((await confirm({ ...of, line: other.line }, { confirmedOre: 1 })).status).toBe(404);
  });

  test.each(['technician', 'project_lead', 'admin', 'auditor', 'decider', 'staff'] as const)(
    'is no matter of a %s',
    async (role) => {
      const of = await setting();
      const manager = await build.user(api, { role, node: of.unit });
      expect((await confirm({ ...of, manager }, { confirmedOre: 1 })).status).toBe(403);
    },
  );

  test('is in the audit log', async () => {
    const of = await measured();
    await confirm(of, { confirmedOre: 20_000 });
    const entries = await api.db.query(
      `select actor_id, changes from audit_log where action = 'benefit.confirmed' and subject_id = $1`,
      [of.trial.id],
    );
    expect(entries).toMatchObject([
      { actor_id: of.manager.id, changes: { confirmedOre: 20_000, potentialOre: 33_620, realisedOre: 20_000 } },
    ]);
  });
});
