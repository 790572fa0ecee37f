import { RECORD_LIFE, TrialEntity } from '#database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTrialBenefit } from '../../apps/api/src/benefits/trial-benefit.js';
import { startApi, type TestApi } from '../support/api.js';
import { device, municipality, node, placement, product, trial } from '../support/builders.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const START = Date.parse('2026-03-02T00:00:00Z');
const at = (hours: number): Date => new Date(START + hours * 3_600_000);

/** A trial that runs from hour 10 to 20 and again from hour 30 on, at a unit of its own. */
async function running(): Promise<{
  tried: TrialEntity;
  place: (series: string, from: number, to: number | null) => Promise<number>;
}> {
  const root = await municipality(api);
  const unit = await node(api, root);
  const of = await product(api, root);
  const tried = await trial(api, unit, { stage: 'approved' });
  for (const [stage, hour] of [
    ['running', 10],
    ['paused', 20],
    ['running', 30],
  ] as const)
    await api.db.query('insert into trial_stage_change (trial_id, stage, at) values ($1, $2, $3)', [
      tried.id,
      stage,
      at(hour),
    ]);
  const place = async (seriesId: string, from: number, to: number | null): Promise<number> => {
    const placed = await device(api, unit, { product: of });
    const terms = { trial: tried, seriesId, startsAt: at(from), endsAt: to === null ? null : at(to) };
    await placement(api, { device: placed, node: unit }, terms);
    return placed.key;
  };
  return { tried, place };
}

const alive = (deviceKey: number, hours: readonly number[]) =>
  api.db.query(RECORD_LIFE.text, [hours.map(() => deviceKey), hours.map(at)]);

const hours = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const SERIES = ['00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000a2'] as const;

test('rule U10: only whole hours in which the trial ran and the series stood there are asked for', async () => {
  const { tried, place } = await running();
  await alive(await place(SERIES[0], 12.5, null), hours(0, 60));
  const { coverage } = await readTrialBenefit(api.db.manager, tried, at(40.5));
  // 13 to 20 and 30 to 40.
  expect(coverage).toEqual({ expected: 1, reporting: 1, expectedHours: 17, gapHours: 0 });
});

test('rule U10: two devices of a series that were both alive in the hour of their swap make one hour, not two', async () => {
  const { tried, place } = await running();
  await alive(await place(SERIES[0], 0, 15.5), [10, 11, 12, 13, 14, 15, 16]);
  await alive(await place(SERIES[0], 15.5, null), [14, 15, 16, 18]);
  await place(SERIES[1], 0, null);
  const { coverage } = await readTrialBenefit(api.db.manager, tried, at(31));
  // Each is expected in 11 hours; the first was alive from 10 to 16 and at 18, the second never.
  expect(coverage).toEqual({ expected: 2, reporting: 1, expectedHours: 22, gapHours: 11 - 8 + 11 });
});

test('a trial that has not run yet expects nobody', async () => {
  const root = await municipality(api);
  const idea = await trial(api, await node(api, root), { stage: 'approved' });
  const { coverage } = await readTrialBenefit(api.db.manager, idea, at(40));
  expect(coverage).toEqual({ expected: 0, reporting: 0, expectedHours: 0, gapHours: 0 });
});
