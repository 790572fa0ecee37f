import { devicesApi } from '#contracts';
import { DeviceEntity, PlacementEntity } from '#database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import { hearIngest, look, signal, startClock, toldTo, town, type Town } from '../support/notifications.js';

const NOON = '2031-03-10T11:00:00Z';

const clock = startClock(NOON);
let api: TestApi;
beforeAll(async () => {
  api = await startApi({}, { clock });
  await hearIngest(api);
});
afterAll(() => api.close());
beforeEach(() => clock.at(NOON));

const refused = (device: { key: number }, code: string, hour: string): Promise<unknown> =>
  api.db.query(
    `insert into rejected_count (hour, device_key, code, count) values ($1, $2, $3, 1)
     on conflict (hour, device_key, code) do update set count = rejected_count.count + 1`,
    [hour, device.key, code],
  );

describe('a device that falls silent', () => {
  /** A lock is silent after three times its hour. */
  const SPOKE = '2031-03-10T07:59:59Z';
  const silent = async (): Promise<Town> => {
    const made = await town(api);
    await signal(api, made.device, { lastAt: SPOKE });
    return made;
  };

  test('is told once to technicians whose role reaches its owner, with a link to it', async () => {
    const { technician, other, admin, device } = await silent();
    for (let round = 0; round < 3; round++) await look(api, clock, 'device_silent');
    expect(await toldTo(api, technician)).toMatchObject([
      {
        kind: 'device_silent',
        severity: 'warning',
        link: `/devices/${device.id}`,
        data: { assetTag: device.assetTag, lastSignalAt: '2031-03-10T07:59:59.000Z' },
        createdAt: '2031-03-10T11:00:00.000Z',
        closedAt: null,
        readAt: null,
      },
    ]);
    expect([await toldTo(api, other), await toldTo(api, admin)]).toEqual([[], []]);
  });

  test('closes by itself when it speaks, and may fall silent again', async () => {
    const { technician, device } = await silent();
    await look(api, clock, 'device_silent');
    await signal(api, device, { lastAt: '2031-03-10T11:00:00Z' });
    await look(api, clock, 'device_silent');
    expect(await toldTo(api, technician)).toMatchObject([{ closedAt: '2031-03-10T11:00:00.000Z' }]);
    clock.at('2031-03-10T14:00:01Z');
    await look(api, clock, 'device_silent');
    expect(await toldTo(api, technician)).toMatchObject([
      { createdAt: '2031-03-10T14:00:01.000Z', closedAt: null },
      { createdAt: '2031-03-10T11:00:00.000Z' },
    ]);
  });

  test.each<[string, (made: Town) => Promise<unknown>]>([
    ['at its limit, which is still in time', ({ device }) => signal(api, device, { lastAt: '2031-03-10T08:00:00Z' })],
    ['that stands nowhere', ({ placement }) => api.db.manager.delete(PlacementEntity, { id: placement.id })],
    ['in repair', ({ device }) => api.db.manager.update(DeviceEntity, { id: device.id }, { lifecycle: 'in_repair' })],
    [
      'with a longer interval of its own',
      ({ device }) => api.db.manager.update(DeviceEntity, { id: device.id }, { expectedIntervalSeconds: 7200 }),
    ],
    ['never heard of', ({ device }) => api.db.query(`delete from device_signal where device_key = $1`, [device.key])],
  ])('is not one %s', async (_what, change) => {
    const made = await silent();
    await change(made);
    await look(api, clock, 'device_silent');
    expect(await toldTo(api, made.technician)).toEqual([]);
  });

  test('cannot be told while ingest is not there, nor as long after as it could have spoken', async () => {
    const { technician } = await silent();
    await api.db.query(`update service_heartbeat set at = now() - interval '2 minutes'`);
    await look(api, clock, 'device_silent');
    await hearIngest(api, { state: 'ok', startedAt: '2031-03-10T08:30:00Z' });
    await look(api, clock, 'device_silent');
    expect(await toldTo(api, technician)).toEqual([]);
    clock.at('2031-03-10T11:30:01Z');
    await look(api, clock, 'device_silent');
    expect(await toldTo(api, technician)).toHaveLength(1);
    await hearIngest(api);
  });
});

test('a battery is low under 15 %, until it has 20 %', async () => {
  const { technician, device } = await town(api);
  const steps = [15, 14, 19, 20, 14];
  const open: number[] = [];
  for (const battery of steps) {
    await signal(api, device, { battery });
    await look(api, clock, 'battery_low');
    open.push((await toldTo(api, technician)).filter(({ closedAt }) => closedAt === null).length);
  }
  expect(open).toEqual([0, 1, 1, 0, 1]);
  expect(await toldTo(api, technician)).toHaveLength(2);
});

describe('a device that starts to be refused', () => {
  test('is told once for each reason, over after a quiet hour, and new after it', async () => {
    const { technician, admin, other, device } = await town(api);
    const steps: [now: string, hours: [code: string, hour: string][]][] = [
      ['2031-03-10T10:05:00Z', [['schema', '2031-03-10T10:00:00Z']]],
      ['2031-03-10T10:06:00Z', [['schema', '2031-03-10T10:00:00Z']]],
      ['2031-03-10T11:06:00Z', [['time_in_future', '2031-03-10T11:00:00Z']]],
      ['2031-03-10T12:00:00Z', []],
      ['2031-03-10T12:30:00Z', [['schema', '2031-03-10T12:00:00Z']]],
    ];
    for (const [now, hours] of steps) {
      clock.at(now);
      for (const [code, hour] of hours) await refused(device, code, hour);
      await look(api, clock, 'device_refused');
    }
    const codes = (await toldTo(api, technician)).map(({ data, closedAt }) => ({ ...data, isOver: closedAt !== null }));
    expect(codes).toEqual([
      { assetTag: device.assetTag, code: 'schema', isOver: false },
      { assetTag: device.assetTag, code: 'time_in_future', isOver: false },
      { assetTag: device.assetTag, code: 'schema', isOver: true },
    ]);
    expect(await toldTo(api, admin)).toHaveLength(3);
    expect(await toldTo(api, other)).toEqual([]);
  });
});

describe('rule U8: a lost device that speaks', () => {
  test('raises an alarm when it is heard after it was lost, until it is found', async () => {
    const { technician, device } = await town(api);
    const edit = (lifecycle: 'lost' | 'in_repair') =>
      api.as(technician).call(devicesApi.edit, { params: { id: device.id }, body: { lifecycle } });
    const lately = new Date(Date.now() - 60_000).toISOString();
    await signal(api, device, { lastReceivedAt: lately });
    await edit('lost');
    await look(api, clock, 'lost_device_speaks');
    expect(await toldTo(api, technician)).toEqual([]);
    await signal(api, device, { lastReceivedAt: new Date(Date.now() + 1_000).toISOString() });
    await look(api, clock, 'lost_device_speaks');
    expect(await toldTo(api, technician)).toMatchObject([{ severity: 'critical', closedAt: null }]);
    await edit('in_repair');
    await look(api, clock, 'lost_device_speaks');
    expect((await toldTo(api, technician))[0]?.closedAt).not.toBeNull();
  });
});

test('rule U6: ingest with few partitions ahead is told to the installation’s administrators alone', async () => {
  const { admin, technician } = await town(api);
  await hearIngest(api, { state: 'degraded', partitionWeeksAhead: 1 });
  await look(api, clock, 'ingest_degraded');
  expect(await toldTo(api, admin)).toMatchObject([{ kind: 'ingest_degraded', data: { weeksAhead: 1 }, link: '/' }]);
  expect(await toldTo(api, technician)).toEqual([]);
  await hearIngest(api);
  await look(api, clock, 'ingest_degraded');
  expect((await toldTo(api, admin))[0]?.closedAt).not.toBeNull();
});
