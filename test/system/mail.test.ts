import { identityApi, type NotificationPreferences, notificationsApi } from '#contracts';
import { DeviceEntity, UserAccountEntity } from '#database';
import type { NotificationKind } from '#domain';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { enqueue } from '../../apps/api/src/jobs/jobs.queries.js';
import { JobsService } from '../../apps/api/src/jobs/run/jobs.service.js';
import { Outbox } from '../../apps/api/src/notifications/raise/outbox.service.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { startClock, toldTo } from '../support/notifications.js';
import { runNode } from '../support/run-node.js';
import { startSmtp, type TestSmtp } from '../support/smtp.js';

const SOON = { timeout: 18_000, interval: 100 };
const PUBLIC_URL = 'https://nyttospar.example.se';
/** Far ahead, so that what is to leave later does not leave on its own while the test runs. */
const NOON = '2091-01-10T11:00:00Z';

const clock = startClock(NOON);
let smtp: TestSmtp;
let api: TestApi;
const settings = () => ({ SMTP_URL: smtp.url, MAIL_FROM: 'Nyttospår <spar@kommunen.example.se>', PUBLIC_URL });
beforeAll(async () => {
  smtp = await startSmtp();
  api = await startApi({ ...settings(), JOBS: 'queue' }, { clock });
});
afterAll(async () => {
  await api.close();
  await smtp.close();
});
beforeEach(() => clock.at(NOON));
afterEach(() => smtp.behave('take'));

/** A technician who is mailed about batteries too, and a device in their unit. */
async function town(chosen: Partial<NotificationPreferences> = {}, name?: string) {
  const root = await build.municipality(api, { name: 'Exempelby' });
  const unit = await build.node(api, root);
  const technician = await build.user(api, { role: 'technician', node: unit, ...(name && { name }) });
  await prefer(technician, chosen);
  return { root, unit, technician, device: await build.device(api, unit) };
}

async function prefer(person: build.TestUser, chosen: Partial<NotificationPreferences>): Promise<void> {
  const { preferences } = await api.as(person).call(notificationsApi.preferences);
  const channels = { ...preferences.channels, battery_low: { app: true, email: true } };
  await api.as(person).call(notificationsApi.setPreferences, { body: { ...preferences, channels, ...chosen } });
}

let last = 0;
async function raise(device: DeviceEntity, kind: NotificationKind = 'battery_low'): Promise<void> {
  const data = { assetTag: device.assetTag, battery: 9 };
  const raising = { kind, about: { device: device.id }, data, dedupeKey: String((last += 1)) } as const;
  const outbox = api.app.get(Outbox, { strict: false });
  await api.db.transaction((tx) => outbox.raise(tx, raising as never));
}

const mailsTo = ({ email }: { email: string }) => smtp.mails.filter(({ to }) => to.includes(email));
const mailTo = async (person: { email: string }, count = 1) => {
  await vi.waitFor(() => expect(mailsTo(person)).toHaveLength(count), SOON);
  return mailsTo(person)[count - 1]!;
};
/** When the mails to a person that wait are to leave. */
const dueTo = async ({ id }: { id: string }): Promise<string[]> => {
  const rows = await api.db.query<{ run_at: Date }[]>(
    `select run_at from graphile_worker.jobs where key like $1 order by run_at`,
    [`mail/${id}/%`],
  );
  return rows.map(({ run_at }) => run_at.toISOString());
};
/** The waiting mails' time has come. */
async function comeTo(instant: string): Promise<void> {
  clock.at(instant);
  await api.db.query(
    `select graphile_worker.reschedule_jobs(array_agg(id), run_at := now()) from graphile_worker.jobs where run_at <= $1`,
    [instant],
  );
}
/** Nothing that is enqueued for a person is left to be done. */
const settled = ({ id }: { id: string }) =>
  vi.waitFor(async () => {
    const left: unknown[] = await api.db.query(`select from graphile_worker.jobs where key like $1`, [`%/${id}/%`]);
    expect(left).toHaveLength(0);
  }, SOON);

describe('a mail', () => {
  test('says what happened, when and where, in the person’s language, and nothing that is not theirs to see', async () => {
    const { technician, device } = await town({}, 'Åsa <b>Öberg</b>');
    await raise(device);
    const mail = await mailTo(technician);
    expect(mail.headers['subject']).toBe(`Nyttospår: Lågt batteri i ${device.assetTag}: 9 %`);
    expect(mail.headers['from']).toContain('<spar@kommunen.example.se>');
    expect(mail.headers['list-unsubscribe']).toBe(`<${PUBLIC_URL}/notifications/preferences>`);
    expect(mail.text).toContain('Hej Åsa <b>Öberg</b>!');
    expect(mail.text).toContain('10 januari 2091 kl. 12:00');
    expect(mail.text).toContain(`${PUBLIC_URL}/devices/${device.id}`);
    expect(mail.html).toContain('Hej Åsa &lt;b&gt;Öberg&lt;/b&gt;!');
    expect(mail.html).toContain('<html lang="sv">');
    expect(mail.text + mail.html).not.toContain(technician.email);
  });

  test('is in English for who has chosen it', async () => {
    const { technician, device } = await town();
    await api.as(technician).call(identityApi.setLocale, { body: { locale: 'en' } });
    await raise(device);
    const mail = await mailTo(technician);
    expect(mail.headers['subject']).toBe(`Nyttospår: Low battery in ${device.assetTag}: 9%`);
    expect(mail.text).toContain('10 January 2091 at 12:00');
  });

  test('is known by the notification’s id, so that a repeat is seen as one', async () => {
    const { technician, device } = await town();
    await raise(device);
    const [told] = await toldTo(api, technician);
    const { headers } = await mailTo(technician);
    expect(headers['message-id']).toBe(`<${told?.id}.${technician.id}@kommunen.example.se>`);
  });

  test('goes to nobody by default for what is not critical', async () => {
    const { unit, device } = await town();
    const other = await build.user(api, { role: 'technician', node: unit });
    await raise(device);
    await raise(device, 'lost_device_speaks');
    expect((await mailTo(other)).headers['subject']).toContain('förlorad');
    await settled(other);
    expect(mailsTo(other)).toHaveLength(1);
  });

  test.each(['has not accepted the invitation', 'has left', 'is of a demo'])('goes to nobody who %s', async (what) => {
    const { root, technician, device } = await town();
    if (what === 'is of a demo') await api.db.query(`update org_node set demo = true where id = $1`, [root.id]);
    const change = what === 'has left' ? { disabledAt: new Date() } : { passwordHash: null };
    if (what !== 'is of a demo') await api.db.manager.update(UserAccountEntity, { id: technician.id }, change);
    await raise(device);
    await settled(technician);
    expect(mailsTo(technician)).toEqual([]);
  });
});

describe('quiet hours', () => {
  const NIGHT = { quiet: { fromHour: 22, toHour: 7 } };

  test.each([
    ['by day', NOON, null],
    ['in the evening', '2091-01-10T21:30:00Z', '2091-01-11T06:00:00.000Z'],
    ['after midnight', '2091-01-11T02:00:00Z', '2091-01-11T06:00:00.000Z'],
    ['in the night that summer time shortens', '2091-03-25T00:30:00Z', '2091-03-25T05:00:00.000Z'],
    ['in the night that winter time lengthens', '2091-10-28T00:30:00Z', '2091-10-28T06:00:00.000Z'],
  ])('hold back what happens %s', async (_when, now, due) => {
    const { technician, device } = await town(NIGHT);
    clock.at(now);
    await raise(device);
    if (due === null) return void (await mailTo(technician));
    expect(await dueTo(technician)).toEqual([due]);
    expect(mailsTo(technician)).toEqual([]);
  });

  test('end with one mail of all that came, without what was read or is over', async () => {
    const { technician, device } = await town(NIGHT);
    for (const hour of ['21', '22', '23']) {
      clock.at(`2091-01-10T${hour}:30:00Z`);
      await raise(device);
    }
    const [newest, , oldest] = await toldTo(api, technician);
    await api.as(technician).call(notificationsApi.markRead, { params: { id: newest?.id ?? '' } });
    await api.db.query(`update notification set closed_at = now() where id = $1`, [oldest?.id]);
    await raise(device);
    await comeTo('2091-01-11T06:00:00Z');
    const mail = await mailTo(technician);
    expect(mail.headers['subject']).toBe('Nyttospår: 2 nya notiser');
    expect(mail.text.match(/Lågt batteri/g)).toHaveLength(2);
    await settled(technician);
    expect(mailsTo(technician)).toHaveLength(1);
  });

  test.each([
    [false, 0],
    [true, 1],
  ])('let through what is critical only for who says so: %s', async (isCriticalAtOnce, mails) => {
    const { technician, device } = await town({ ...NIGHT, isCriticalAtOnce });
    clock.at('2091-01-10T22:30:00Z');
    await raise(device);
    await raise(device, 'lost_device_speaks');
    expect(await dueTo(technician)).toContain('2091-01-11T06:00:00.000Z');
    await vi.waitFor(() => expect(mailsTo(technician)).toHaveLength(mails), SOON);
    if (mails > 0) expect(mailsTo(technician)[0]?.headers['subject']).toContain('förlorad');
  });
});

test('a daily mail gathers the day’s, at the hour one has chosen', async () => {
  const { technician, device } = await town({ digestHour: 16 });
  for (const now of ['2091-01-10T11:00:00Z', '2091-01-10T13:00:00Z', '2091-01-10T15:30:00Z']) {
    clock.at(now);
    await raise(device);
  }
  expect(await dueTo(technician)).toEqual(['2091-01-10T15:00:00.000Z', '2091-01-11T15:00:00.000Z']);
  await comeTo('2091-01-10T15:00:00Z');
  expect((await mailTo(technician)).text.match(/Lågt batteri/g)).toHaveLength(2);
  await comeTo('2091-01-11T15:00:00Z');
  expect((await mailTo(technician, 2)).text.match(/Lågt batteri/g)).toHaveLength(1);
});

/** Another API process on the same database. */
const startOther = (env: Record<string, string> = {}) =>
  startApi(
    { ...settings(), JOBS: 'queue', ...env },
    { database: { url: api.databaseUrl, drop: async () => undefined }, clock },
  );

describe('a mail is sent once', () => {
  test('by two API processes that are both told to', async () => {
    const { technician, device } = await town({ digestHour: 16 });
    const other = await startOther();
    await raise(device);
    const dueAt = '2091-01-10T15:00:00.000Z';
    const tell = (key: number) =>
      api.db.transaction((tx) =>
        enqueue(tx, 'notifications.mail', {
          payload: { userId: technician.id, dueAt },
          jobKey: `x/${technician.id}/${key}`,
        }),
      );
    await Promise.all([1, 2, 3, 4, 5, 6].map(tell));
    await comeTo(dueAt);
    await mailTo(technician);
    await settled(technician);
    expect(mailsTo(technician)).toHaveLength(1);
    await other.close();
  });

  test('though the server would not have it at first; until then the person is shown that it waits', async () => {
    const { technician, device } = await town();
    smtp.behave('refuse');
    await raise(device);
    const failed = async (): Promise<unknown[]> =>
      api.db.query(`select from graphile_worker.jobs where key like $1 and last_error like '%try later%'`, [
        `mail/${technician.id}/%`,
      ]);
    await vi.waitFor(async () => expect(await failed()).toHaveLength(1), SOON);
    clock.at('2091-01-10T11:06:00Z');
    const { mail } = await api.as(technician).call(notificationsApi.preferences);
    expect(mail).toMatchObject({ isPossible: true, stuckSince: '2091-01-10T11:00:00.000Z' });
    smtp.behave('take');
    await mailTo(technician);
    await settled(technician);
    expect(mailsTo(technician)).toHaveLength(1);
    expect((await api.as(technician).call(notificationsApi.preferences)).mail.stuckSince).toBeNull();
  });
});

/** Last: they end the jobs of the process that the other tests use. */
describe('a mail under way', () => {
  beforeAll(() => api.app.get(JobsService, { strict: false }).onModuleDestroy());

  test('when its process dies is sent by another, as the same mail', async () => {
    const { technician, device } = await town({ digestHour: 16 });
    await raise(device);
    smtp.behave('hang');
    const before = smtp.offered;
    const env = { PATH: process.env.PATH, HTTP_PORT: '0', DATABASE_URL: api.databaseUrl, ...settings(), JOBS: 'queue' };
    const doomed = runNode('apps/api/src/main.ts', [], { env });
    await doomed.says(/"type":"ready"/);
    await comeTo('2091-01-10T15:00:00Z');
    await vi.waitFor(() => expect(smtp.offered).toBe(before + 1), SOON);
    doomed.child.kill('SIGKILL');
    await doomed.ended;
    smtp.behave('take');
    const other = await startOther();
    const mail = await mailTo(technician);
    const [told] = await toldTo(api, technician);
    expect(mail.headers['message-id']).toContain(`${told?.id}.`);
    await settled(technician);
    expect([mailsTo(technician).length, smtp.offered]).toEqual([1, before + 2]);
    await other.close();
  }, 60_000);

  test('when its process ends is given back in time', async () => {
    const { technician, device } = await town({ digestHour: 16 });
    await raise(device);
    smtp.behave('hang');
    const before = smtp.offered;
    const ending = await startOther({ LOG_LEVEL: 'silent' });
    await comeTo('2091-01-10T15:00:00Z');
    await vi.waitFor(() => expect(smtp.offered).toBe(before + 1), SOON);
    const began = Date.now();
    await ending.app.close();
    expect(Date.now() - began).toBeLessThan(10_000);
    smtp.behave('take');
    const other = await startOther();
    await mailTo(technician);
    await other.close();
  }, 60_000);
});
