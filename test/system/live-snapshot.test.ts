import { liveApi } from '#contracts';
import { type DeviceEntity, PlacementEntity } from '#database';
import { localDay } from '#domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { todayIn } from '../../apps/api/src/live/today.js';
import { startApi, type TestApi } from '../support/api.js';
import { measuredUnit, workerAtRest } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { opening, recordUsage, visit } from '../support/usage.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const setSignal = (device: DeviceEntity, lastAt: Date): Promise<unknown> =>
  api.db.query(
    `insert into device_signal (device_key, connected, last_at, last_received_at, battery, battery_at) values ($1, true, $2, $2, 71, $2)
    on conflict (device_key) do update set last_at = excluded.last_at`,
    [device.key, lastAt],
  );

describe('the snapshot of a unit', () => {
  test('holds its own and its places’ devices with today’s use', async () => {
    const { unit, manager, ...of } = await measuredUnit(api);
    const place = await build.node(api, unit, { kind: 'place', name: 'Rum 4' });
    const second = await build.device(api, unit, { assetTag: 'A-andra' });
    const there = await build.placement(api, { device: second, node: place }, { purpose: 'operation' });
    const now = new Date();
    await recordUsage(api, of, [opening(now), visit(now)]);
    await recordUsage(api, { device: second, placement: there }, [
      opening(now),
      { at: now, metric: 'battery', value: 71 },
    ]);
    await setSignal(second, now);
    const view = await api.as(manager).call(liveApi.unit, { params: { id: unit.id } });
    expect(view).toMatchObject({
      day: localDay(now.getTime(), 'Europe/Stockholm'),
      unit: { id: unit.id, demo: false },
      totals: [{ family: 'keyless_lock', metric: 'unlock', count: 3, sum: 3, manual: 0 }],
      hours: [{ metric: 'unlock', count: 3 }],
      coverage: { expected: expect.any(Number) as number },
    });
    expect(
      view.devices.map(({ nodeName, today, signal }) => [nodeName, today[0]?.count, signal.reporting, signal.battery]),
    ).toEqual([
      [unit.name, 2, 'never_seen', null],
      ['Rum 4', 1, 'reporting', 71],
    ]);
  });

  test('keeps the use of a device that was moved away in the totals, without the device', async () => {
    const { unit, manager, device, placement } = await measuredUnit(api);
    const now = Date.now();
    await recordUsage(api, { device, placement }, [opening(new Date(now))]);
    await api.db.manager.update(PlacementEntity, { id: placement.id }, { endsAt: new Date(now) });
    const view = await api.as(manager).call(liveApi.unit, { params: { id: unit.id } });
    expect([view.totals[0]?.count, view.devices]).toEqual([1, []]);
  });

  test('shows the unit’s part of a trial’s benefit against its part of the plan', async () => {
    const { root, trial, device, placement, manager, unit } = await measuredUnit(api);
    const other = await build.node(api, root);
    const away: PlacementEntity[] = [];
    for (let count = 0; count < 3; count += 1) {
      const lock = await build.device(api, other);
      away.push(await build.placement(api, { device: lock, node: other }, { trial }));
    }
    await recordUsage(api, { device, placement }, ['2024-05-06T10:00:00Z', '2024-05-06T11:00:00Z'].map(opening));
    const far = await build.device(api, other);
    await recordUsage(api, { device: far, placement: away[0]! }, [opening('2024-05-06T10:00:00Z')]);
    await workerAtRest(api);
    const whole = await api.as(manager).call(liveApi.trial, { params: { id: trial.id } });
    const { benefits } = await api.as(manager).call(liveApi.unit, { params: { id: unit.id } });
    // one of four series stands here; 2 × 0.3 × 2 min × 336.20 kr/h = 6.724 kr
    const planned = whole.benefit.lines[0]?.plannedOre ?? 0;
    expect(benefits).toMatchObject([
      { trialId: trial.id, category: 'redistribution', plannedOre: Math.round(planned / 4), potentialOre: 672 },
    ]);
  });

  test.each(['unit', 'trial'] as const)('of another municipality’s %s is not found', async (kind) => {
    const [one, other] = [await measuredUnit(api), await measuredUnit(api)];
    const answer = await api.as(one.manager).raw(liveApi[kind], { params: { id: other[kind].id } });
    expect(answer.status).toBe(404);
  });
});

test('the units overview adds places to their unit and shows nobody else’s', async () => {
  const { unit, root, manager, device, placement } = await measuredUnit(api);
  await measuredUnit(api);
  const place = await build.node(api, unit, { kind: 'place' });
  const second = await build.device(api, unit);
  await build.placement(api, { device: second, node: place });
  await recordUsage(api, { device, placement }, [opening(new Date())]);
  await setSignal(second, new Date());
  const { units } = await api.as(manager).call(liveApi.units);
  expect(units).toEqual([
    {
      id: unit.id,
      name: unit.name,
      kind: 'unit',
      parentName: root.name,
      devices: 2,
      connected: 1,
      reporting: 1,
      usageToday: 1,
      lastSignalAt: expect.any(String) as string,
      trials: 1,
    },
  ]);
});

test.each([
  { now: '2026-07-01T09:00:00Z', day: '2026-07-01', lock: '2026-06-30T22:00Z', robot: '2026-06-30T10:00Z' },
  { now: '2026-07-01T10:00:00Z', day: '2026-07-01', lock: '2026-06-30T22:00Z', robot: '2026-07-01T10:00Z' },
  // days of 25 and 23 hours
  { now: '2026-10-25T22:59:00Z', day: '2026-10-25', lock: '2026-10-24T22:00Z', robot: '2026-10-25T11:00Z' },
  { now: '2026-03-29T21:59:00Z', day: '2026-03-29', lock: '2026-03-28T23:00Z', robot: '2026-03-29T10:00Z' },
])('today at $now began at midnight for a lock and at noon for a sleep robot', ({ now, day, lock, robot }) => {
  const today = todayIn('Europe/Stockholm', new Date(now));
  expect(today.day).toBe(day);
  expect(today.fromByFamily).toMatchObject({ keyless_lock: Date.parse(lock), sleep_robot: Date.parse(robot) });
});
