import { benefitsApi, type LineBenefitView, type TrialBenefitView } from '#contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import { benefitLine, everySixMinutes, measuredUnit, type MeasuredUnit, recordAndCount } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { opening } from '../support/usage.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const read = ({ trial, manager }: Pick<MeasuredUnit, 'trial' | 'manager'>): Promise<TrialBenefitView> =>
  api.as(manager).call(benefitsApi.trial, { params: { id: trial.id } });

const firstLine = async (of: Pick<MeasuredUnit, 'trial' | 'manager'>): Promise<LineBenefitView> =>
  (await read(of)).lines[0]!;

describe('confirming what was realised (rule B3)', () => {
  const confirm = (
    { manager, trial, line, unit }: MeasuredUnit,
    body: { month?: string; confirmedOre: number; nodeId?: string },
  ) =>
    api.as(manager).raw(benefitsApi.confirm, {
      params: { id: trial.id, lineId: line.id },
      body: { nodeId: unit.id, month: '2024-05', actionTaken: 'Tiden gick till promenader.', ...body },
    });

  /** 100 openings in May: 1 h, 336.20 kr of potential there. */
  async function measured(): Promise<MeasuredUnit> {
    const of = await measuredUnit(api);
    await recordAndCount(api, of, everySixMinutes('2024-05-06T05:00:00Z', 100).map(opening));
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
    const kept = await api.db.query<unknown[]>(
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
    await recordAndCount(api, of, everySixMinutes('2024-05-20T05:00:00Z', 100).map(opening));
    expect(await firstLine(of)).toMatchObject({
      potentialOre: 67_240,
      realisedOre: 33_620,
      confirmations: [{ potentialOre: 33_620 }],
    });
  });

  test('takes a line without a rule at its word: 37 500 of 60 000 is 62.5 %', async () => {
    const of = await measuredUnit(api);
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
      await recordAndCount(
        api,
        { ...of, device, placement },
        everySixMinutes('2024-05-07T05:00:00Z', count).map(opening),
      );
    }
    await recordAndCount(api, of, [opening('2024-04-30T21:59:00Z')]); // still April in Sweden
    const { body } = await confirm(of, { confirmedOre: 1 });
    // (100 + 50) × 0.3 × 2 min = 1.5 h
    expect((body as TrialBenefitView).lines[0]?.confirmations).toMatchObject([{ potentialOre: 50_430 }]);
  });

  test('refuses a month that has not begun', async () => {
    const answer = await confirm(await measuredUnit(api), { month: '2900-01', confirmedOre: 1 });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'body.month' }] } });
  });

  test('refuses another unit, and one without devices of the trial', async () => {
    const [of, other] = [await measuredUnit(api), await measuredUnit(api)];
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
      const of = await measuredUnit(api);
      const manager = await build.user(api, { role, node: of.unit });
      expect((await confirm({ ...of, manager }, { confirmedOre: 1 })).status).toBe(403);
    },
  );

  test('is in the audit log', async () => {
    const of = await measured();
    await confirm(of, { confirmedOre: 20_000 });
    const entries = await api.db.query<unknown[]>(
      `select actor_id, changes from audit_log where action = 'benefit.confirmed' and subject_id = $1`,
      [of.trial.id],
    );
    expect(entries).toMatchObject([
      { actor_id: of.manager.id, changes: { confirmedOre: 20_000, potentialOre: 33_620, realisedOre: 20_000 } },
    ]);
  });
});
