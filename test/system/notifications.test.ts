import { notificationsApi } from '#contracts';
import { DeviceEntity, UserAccountEntity } from '#database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { forgetOld } from '../../apps/api/src/notifications/forget-old.js';
import { Outbox } from '../../apps/api/src/notifications/raise/outbox.service.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { contextOf, look, signal, startClock, toldTo, town, type Town } from '../support/notifications.js';

const NOON = '2031-03-10T11:00:00Z';

const clock = startClock(NOON);
let api: TestApi;
beforeAll(async () => {
  api = await startApi({}, { clock });
});
afterAll(() => api.close());
beforeEach(() => clock.at(NOON));

describe('who is told', () => {
  const raise = (device: DeviceEntity): Promise<void> =>
    api.db.transaction((tx) =>
      api.app.get(Outbox, { strict: false }).raise(tx, {
        kind: 'battery_low',
        about: { device: device.id },
        data: { assetTag: device.assetTag, battery: 9 },
        dedupeKey: String(device.key),
      }),
    );

  test.each<[string, (made: Town) => Promise<build.TestUser>, boolean]>([
    ['a technician above', ({ root }) => build.user(api, { role: 'technician', node: root }), true],
    ['a manager of the unit', ({ north }) => build.user(api, { role: 'manager', node: north }), false],
    [
      'a technician whose role has ended',
      async ({ north }) => {
        const who = await build.user(api, { node: north });
        const endsAt = new Date('2031-03-10T10:59:59Z');
        await build.grant(api, { userId: who.id, role: 'technician', node: north, endsAt });
        return who;
      },
      false,
    ],
    [
      'a technician of another town',
      async () => build.user(api, { role: 'technician', node: await build.municipality(api) }),
      false,
    ],
  ])('%s', async (_who, make, isTold) => {
    const made = await town(api);
    const who = await make(made);
    await raise(made.device);
    expect(await toldTo(api, who)).toHaveLength(isTold ? 1 : 0);
  });

  test('nobody by a closed account', async () => {
    const { technician, device } = await town(api);
    await api.db.manager.update(UserAccountEntity, { id: technician.id }, { disabledAt: new Date() });
    await raise(device);
    await api.db.manager.update(UserAccountEntity, { id: technician.id }, { disabledAt: null });
    expect(await toldTo(api, technician)).toEqual([]);
  });

  test('nobody when the transaction is rolled back', async () => {
    const { technician, device } = await town(api);
    const outbox = api.app.get(Outbox, { strict: false });
    const data = { assetTag: device.assetTag, battery: 9 };
    const raising = { kind: 'battery_low', about: { device: device.id }, data, dedupeKey: 'x' } as const;
    const rolledBack = api.db.transaction(async (tx) => {
      await outbox.raise(tx, raising);
      throw new Error('thought better of it');
    });
    await expect(rolledBack).rejects.toThrow('thought better of it');
    expect(await toldTo(api, technician)).toEqual([]);
  });
});

describe('one’s own notifications', () => {
  const some = async (count: number): Promise<Town> => {
    const made = await town(api);
    const outbox = api.app.get(Outbox, { strict: false });
    for (let index = 0; index < count; index++) {
      clock.at(new Date(Date.parse(NOON) + index * 60_000).toISOString());
      const data = { assetTag: made.device.assetTag, code: `code ${index}` };
      const raising = {
        kind: 'device_refused',
        about: { device: made.device.id },
        data,
        dedupeKey: `${index}`,
      } as const;
      await api.db.transaction((tx) => outbox.raise(tx, { ...raising, dedupeKey: `${made.device.key}/${index}` }));
    }
    return made;
  };
  const unread = async (person: build.TestUser): Promise<number> =>
    (await api.as(person).call(notificationsApi.unread)).unread;

  test('are listed unread first, then newest first, a page at a time', async () => {
    const { technician } = await some(4);
    const [newest] = await toldTo(api, technician);
    await api.as(technician).call(notificationsApi.markRead, { params: { id: newest?.id ?? '' } });
    const codes = (await toldTo(api, technician)).map(({ data }) => ('code' in data ? data.code : ''));
    expect(codes).toEqual(['code 2', 'code 1', 'code 0', 'code 3']);
    const page = await api.as(technician).call(notificationsApi.list, { query: { limit: 2, offset: 2 } });
    expect(page).toMatchObject({
      total: 4,
      unread: 3,
      rows: [{ data: { code: 'code 0' } }, { data: { code: 'code 3' } }],
    });
    expect((await api.as(technician).raw(notificationsApi.list, { query: { limit: 101 } })).status).toBe(400);
  });

  test('are read one by one, or all that came until one looked', async () => {
    const { technician } = await some(3);
    const rows = await toldTo(api, technician);
    for (let again = 0; again < 2; again++)
      await api.as(technician).call(notificationsApi.markRead, { params: { id: rows[2]?.id ?? '' } });
    expect(await unread(technician)).toBe(2);
    await api.as(technician).call(notificationsApi.markAllRead, { body: { until: rows[1]?.createdAt ?? '' } });
    expect(await unread(technician)).toBe(1);
  });

  test('are nobody else’s: not listed, not counted, not marked', async () => {
    const { technician, admin, other } = await some(2);
    expect([await unread(admin), await unread(other)]).toEqual([2, 0]);
    const [first] = await toldTo(api, technician);
    const asked = await api.as(other).raw(notificationsApi.markRead, { params: { id: first?.id ?? '' } });
    expect(asked).toMatchObject({ status: 404, body: { code: 'not_found' } });
    await api.as(other).call(notificationsApi.markAllRead, { body: { until: '2040-01-01T00:00:00Z' } });
    await api.as(admin).call(notificationsApi.markAllRead, { body: { until: '2040-01-01T00:00:00Z' } });
    expect([await unread(technician), await unread(admin)]).toEqual([2, 0]);
  });

  test('that are long over are removed in the municipality’s night, the others stay', async () => {
    const { root, technician, device } = await some(2);
    const outbox = api.app.get(Outbox, { strict: false });
    await api.db.transaction((tx) => outbox.close(tx, 'device_refused', `${device.key}/0`));
    clock.at('2032-03-11T02:00:00Z');
    await forgetOld({ rootId: root.id }, contextOf(api, clock));
    expect((await toldTo(api, technician)).map(({ data }) => data)).toMatchObject([{ code: 'code 1' }]);
  });
});

describe('how one wants to be told', () => {
  test('is by each kind’s own channels until one chooses; only what one’s roles receive is offered', async () => {
    const { technician } = await town(api);
    const view = await api.as(technician).call(notificationsApi.preferences);
    expect(view).toMatchObject({
      kinds: ['device_refused', 'lost_device_speaks', 'device_silent', 'battery_low', 'canary_silent'],
      timeZone: 'Europe/Stockholm',
      mail: { isPossible: false, address: technician.email, stuckSince: null },
      preferences: { quiet: null, digestHour: null, isCriticalAtOnce: false },
    });
    expect(view.preferences.channels.battery_low).toEqual({ app: true, email: false });
    expect(view.preferences.channels.lost_device_speaks).toEqual({ app: true, email: true });
  });

  test('is kept, logged, and holds for what comes', async () => {
    const { technician, admin, device } = await town(api);
    const { preferences } = await api.as(technician).call(notificationsApi.preferences);
    const channels = { ...preferences.channels, battery_low: { app: false, email: false } };
    const body = { channels, quiet: { fromHour: 22, toHour: 7 }, digestHour: 8, isCriticalAtOnce: true };
    const view = await api.as(technician).call(notificationsApi.setPreferences, { body });
    expect(view.preferences).toEqual(body);
    expect((await api.as(admin).call(notificationsApi.preferences)).preferences.quiet).toBeNull();
    await signal(api, device, { battery: 3 });
    await look(api, clock, 'battery_low');
    expect(await toldTo(api, technician)).toEqual([]);
    const logged: unknown[] = await api.db.query(
      `select from audit_log where actor_id = $1 and action = 'notification.preferences'`,
      [technician.id],
    );
    expect(logged).toHaveLength(1);
  });

  test.each([
    ['quiet hours without a length', { quiet: { fromHour: 7, toHour: 7 } }, 'body.quiet'],
    ['an hour that is none', { digestHour: 24 }, 'body.digestHour'],
    ['a kind that is missing', { channels: {} }, 'body.channels.device_refused'],
  ])('%s is refused at its field', async (_what, change, path) => {
    const { technician } = await town(api);
    const { preferences } = await api.as(technician).call(notificationsApi.preferences);
    const { status, body } = await api
      .as(technician)
      .raw(notificationsApi.setPreferences, { body: { ...preferences, ...change } });
    expect(status).toBe(400);
    expect((body as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
  });
});
