import { devicesApi, liveApi, rejectsApi, systemApi } from '#contracts';
import { RECORD_LIFE } from '#database';
import { addDays, localDay } from '#domain';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Ingest } from '../../apps/ingest/src/ingest.js';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { device, municipality, node, placement, product, type TestDevice, user } from '../support/builders.js';
import { connect, publish } from '../support/mqtt.js';
import { opening, recordUsage } from '../support/usage.js';

const PATIENCE = { timeout: 15_000, interval: 50 };
const ZONE = 'Europe/Stockholm';
const HOUR = 3_600_000;

let api: TestApi;
let ingest: Ingest;
beforeAll(async () => {
  api = await startApi();
  const log = pino({ level: 'silent' });
  ingest = await Ingest.start({ databaseUrl: api.databaseUrl, bind: '127.0.0.1', mqttPort: 0, log });
});
afterAll(async () => {
  await ingest?.stop();
  await api?.close();
});

async function place() {
  const root = await municipality(api);
  const [unit, otherUnit] = [await node(api, root), await node(api, root)];
  const technician = api.as(await user(api, { role: 'technician', node: unit }));
  return { root, unit, otherUnit, technician };
}

const connected = (to: TestDevice) => connect({ port: ingest.port, publicId: to.publicId, secret: to.secret });
const topicOf = (of: TestDevice, channel: string): string => `wt/v1/${of.publicId}/${channel}`;
const usage = (id: string, agoMs: number) => ({ id, metric: 'unlock', at: Date.now() - agoMs });

describe('the three facts about a device (telemetry.md §3)', () => {
  test('a lock that goes to sleep is asleep, not silent; one whose line breaks is cut off', async () => {
    const { unit, technician } = await place();
    const [asleep, cut] = [await device(api, unit), await device(api, unit)];
    const client = await connected(asleep);
    await publish(client, topicOf(asleep, 'state'), { state: 'sleeping' });
    await client.endAsync();
    const other = await connect(
      { port: ingest.port, publicId: cut.publicId, secret: cut.secret },
      { will: { topic: topicOf(cut, 'state'), payload: Buffer.from('{"state":"lost"}'), qos: 1, retain: true } },
    );
    await publish(other, topicOf(cut, 'usage'), usage('a', 0));
    other.stream.destroy();
    const signalOf = async ({ id }: TestDevice) => (await technician.call(devicesApi.get, { params: { id } })).signal;
    await vi.waitFor(async () => {
      expect(await signalOf(asleep)).toMatchObject({ connected: false, connection: 'asleep', reporting: 'reporting' });
      expect(await signalOf(cut)).toMatchObject({ connected: false, connection: 'cut', reporting: 'reporting' });
    }, PATIENCE);
  });

  test('a battery is judged by its family, and its reading has an age', async () => {
    const { unit, technician } = await place();
    const lock = await device(api, unit);
    const client = await connected(lock);
    await publish(client, topicOf(lock, 'health'), { battery: 9, at: Date.now() - 30 * HOUR });
    await client.endAsync();
    await vi.waitFor(async () => {
      const { signal } = await technician.call(devicesApi.get, { params: { id: lock.id } });
      expect(signal).toMatchObject({ power: 'battery', battery: 9, batteryLevel: 'low', isBatteryOld: true });
    }, PATIENCE);
  });
});

describe('a clock that is wrong (rule U5)', () => {
  test('is told with its age, direction and size, and such a device is not called silent', async () => {
    const { unit, technician } = await place();
    const behind = await device(api, unit);
    const client = await connected(behind);
    await publish(client, topicOf(behind, 'usage'), usage('a', 5 * HOUR));
    await client.endAsync();
    await vi.waitFor(async () => {
      const { wrongClocks } = await technician.call(systemApi.read);
      expect(wrongClocks).toMatchObject([
        { deviceId: behind.id, clockSkewAt: expect.any(String) as string, refusedAsFuture: 0 },
      ]);
      expect(wrongClocks[0]?.clockSkewMs).toBeGreaterThan(4.9 * HOUR);
      const { signal } = await technician.call(devicesApi.get, { params: { id: behind.id } });
      expect(signal).toMatchObject({ reporting: 'reporting', clockSkewAt: expect.any(String) as string });
    }, PATIENCE);
  });

  test('that goes so far ahead that all is refused is in the list too', async () => {
    const { unit, technician } = await place();
    const ahead = await device(api, unit);
    const client = await connected(ahead);
    await publish(client, topicOf(ahead, 'usage'), usage('a', -HOUR));
    await client.endAsync();
    await vi.waitFor(async () => {
      const { wrongClocks, rejects } = await technician.call(systemApi.read);
      expect(wrongClocks).toMatchObject([{ deviceId: ahead.id, clockSkewMs: null, refusedAsFuture: 1 }]);
      expect(rejects.byCode).toEqual([{ code: 'time_in_future', count: 1 }]);
    }, PATIENCE);
    expect((await technician.call(rejectsApi.list, { query: {} })).total).toBe(1);
  });

  test('of another unit’s device is not in the list', async () => {
    const { otherUnit, technician } = await place();
    const theirs = await device(api, otherUnit);
    await api.db.query(
      `insert into device_signal (device_key, clock_skew_ms, clock_skew_at) values ($1, 9999999, now())`,
      [theirs.key],
    );
    expect((await technician.call(systemApi.read)).wrongClocks).toEqual([]);
  });

  test('rule U8: is told to its owner and where the device stands now, not where it stood', async () => {
    const { root, unit, otherUnit, technician: before } = await place();
    const owner = await node(api, root);
    const moved = await device(api, owner);
    const movedAt = new Date(Math.floor(Date.now() / HOUR) * HOUR - 3 * HOUR);
    await placement(api, { device: moved, node: unit }, { endsAt: movedAt });
    await placement(api, { device: moved, node: otherUnit }, { startsAt: movedAt });
    await api.db.query(
      `insert into device_signal (device_key, clock_skew_ms, clock_skew_at) values ($1, 9999999, now())`,
      [moved.key],
    );
    await api.db.query(
      `insert into rejected_count (hour, device_key, code, count)
      select $2::timestamptz + make_interval(hours => n), $1, 'time_in_future', case when n < 0 then 400 else 3 end
      from generate_series(-2, 1) n`,
      [moved.key, movedAt],
    );
    const clocksOf = async (as: ApiClient) => {
      const { wrongClocks, wrongClocksTotal } = await as.call(systemApi.read);
      expect(wrongClocks).toHaveLength(wrongClocksTotal);
      return wrongClocks.map(({ clockSkewMs, refusedAsFuture, nodeName }) => [clockSkewMs, refusedAsFuture, nodeName]);
    };
    const technicianAt = async (at: typeof unit) => api.as(await user(api, { role: 'technician', node: at }));
    expect(await clocksOf(before)).toEqual([]);
    expect(await clocksOf(await technicianAt(otherUnit))).toEqual([[9_999_999, 6, otherUnit.name]]);
    expect(await clocksOf(await technicianAt(owner))).toEqual([[9_999_999, 806, null]]);
  });

  test('late usage never moves the latest back, nor a right clock’s skew', async () => {
    const { unit, technician } = await place();
    const lock = await device(api, unit);
    const client = await connected(lock);
    const newest = usage('new', 0);
    await publish(client, topicOf(lock, 'usage'), newest);
    await publish(client, topicOf(lock, 'usage'), usage('late', 5 * HOUR));
    await client.endAsync();
    await vi.waitFor(async () => {
      const [{ rows } = { rows: 0 }] = await api.db.query<{ rows: number }[]>(
        'select count(*)::int as rows from usage where device_key = $1',
        [lock.key],
      );
      expect(rows).toBe(2);
      const { signal } = await technician.call(devicesApi.get, { params: { id: lock.id } });
      expect(Date.parse(signal?.lastSignalAt ?? '')).toBe(newest.at);
    }, PATIENCE);
  });
});

describe('unused is not silent (rule U12)', () => {
  const today = localDay(Date.now(), ZONE);
  /** In a day's first hour nothing is asked of it. */
  const isOver = ({ isOngoing }: { isOngoing: boolean }): boolean => !isOngoing;
  const noonOf = (daysAgo: number): Date => new Date(`${addDays(today, -daysAgo)}T11:00:00Z`);
  const alive = (of: TestDevice, at: Date): Promise<unknown> => api.db.query(RECORD_LIFE.text, [[of.key], [at]]);

  /** A lock that was used 5 days ago, alive and unused 4 days ago, and has been quiet otherwise. */
  async function lockWithDays() {
    const given = await place();
    const lock = await device(api, given.unit);
    const there = await placement(api, { device: lock, node: given.unit });
    await recordUsage(api, { device: lock, placement: there }, [opening(noonOf(5)), opening(noonOf(5))]);
    await alive(lock, noonOf(4));
    return { ...given, lock, there };
  }

  test('a device’s last 14 days are used, unused or unknown, and only known days make its utilisation', async () => {
    const { lock, technician } = await lockWithDays();
    const { days, utilisation } = await technician.call(devicesApi.days, { params: { id: lock.id } });
    expect(days.filter(isOver)).toHaveLength(13);
    expect(days.filter(({ use }) => use !== 'unknown')).toEqual([
      { day: addDays(today, -5), use: 'used', uses: 2, isOngoing: false },
      { day: addDays(today, -4), use: 'unused', uses: 0, isOngoing: false },
    ]);
    expect(utilisation).toEqual({ usedDays: 1, knownDays: 2, unknownDays: 11, share: 0.5 });
  });

  test('a unit’s days count its series, and a swap is one series (rule U10)', async () => {
    const { lock, unit, there, technician } = await lockWithDays();
    await api.db.query('update placement set ends_at = $2 where id = $1', [there.id, noonOf(3)]);
    const spare = await device(api, unit);
    await placement(api, { device: spare, node: unit }, { startsAt: noonOf(3), seriesId: there.seriesId });
    await alive(spare, noonOf(2));
    const bench = await device(api, unit);
    await placement(api, { device: bench, node: unit }, { purpose: 'test' });
    await alive(bench, noonOf(2));
    const { days, utilisation } = await technician.call(liveApi.unitDays, { params: { id: unit.id } });
    expect(days.filter(isOver).map(({ used, unused, unknown }) => used + unused + unknown)).toEqual(Array(13).fill(1));
    expect(days.filter(isOver).filter(({ unknown }) => unknown === 0)).toMatchObject([
      { day: addDays(today, -5), used: 1 },
      { day: addDays(today, -4), unused: 1 },
      { day: addDays(today, -2), unused: 1 },
    ]);
    expect(utilisation).toMatchObject({ usedDays: 1, knownDays: 3, unknownDays: 10 });
    expect(lock.id).not.toBe(spare.id);
  });

  test('what a device did at another unit is not told where it stands now (rule U8)', async () => {
    const { lock, there, otherUnit, root } = await lockWithDays();
    await api.db.query('update placement set ends_at = $2 where id = $1', [there.id, noonOf(3)]);
    await placement(api, { device: lock, node: otherUnit }, { startsAt: noonOf(3) });
    const neighbour = api.as(await user(api, { role: 'manager', node: otherUnit }));
    const { days } = await neighbour.call(devicesApi.days, { params: { id: lock.id } });
    expect(days.filter(isOver).map(({ day, use }) => [day, use])).toEqual(
      [3, 2, 1].map((daysAgo) => [addDays(today, -daysAgo), 'unknown']),
    );
    const stranger = api.as(await user(api, { role: 'manager', node: await node(api, root) }));
    expect((await stranger.raw(devicesApi.days, { params: { id: lock.id } })).status).toBe(404);
  });

  test('a sleep robot’s night belongs to its evening (rule U4), in its days and in today’s coverage', async () => {
    const { unit, technician } = await place();
    const robot = await device(api, unit, { product: await product(api, unit, { family: 'sleep_robot' }) });
    const there = await placement(api, { device: robot, node: unit });
    const twoAtNight = new Date(`${addDays(today, -4)}T00:00:00Z`);
    await recordUsage(api, { device: robot, placement: there }, [{ at: twoAtNight, metric: 'session', value: 600 }]);
    const { days } = await technician.call(devicesApi.days, { params: { id: robot.id } });
    expect(days.filter(({ use }) => use === 'used').map(({ day }) => day)).toEqual([addDays(today, -5)]);
    const { coverage } = await technician.call(liveApi.unit, { params: { id: unit.id } });
    const noon = noonHoursAgo();
    expect(coverage.expectedHours).toBe(noon);
  });
});

/** Whole hours since the last noon in the municipality. */
function noonHoursAgo(): number {
  const day = localDay(Date.now(), ZONE, 12);
  const noon = [10, 11].map((hour) => Date.parse(`${day}T${hour}:00:00Z`)).find((at) => hourIn(at) === '12') ?? NaN;
  return Math.floor((Date.now() - noon) / HOUR);
}
const hourIn = (at: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, hour: '2-digit', hourCycle: 'h23' }).format(at);
