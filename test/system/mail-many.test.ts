import { notificationsApi } from '#contracts';
import type { OrgNodeEntity } from '#database';
import type { EntitySubscriberInterface } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Outbox } from '../../apps/api/src/notifications/raise/outbox.service.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { startClock } from '../support/notifications.js';

const MAIL = {
  SMTP_URL: 'smtp://127.0.0.1:9',
  MAIL_FROM: 'spar@kommunen.example.se',
  PUBLIC_URL: 'https://example.se',
};

let api: TestApi;
beforeAll(async () => {
  api = await startApi(MAIL, { clock: startClock('2091-01-10T11:00:00Z') });
});
afterAll(() => api.close());

/** A technician who wants one mail a day, at that hour. */
async function mailedAt(digestHour: number, node: OrgNodeEntity): Promise<build.TestUser> {
  const person = await build.user(api, { role: 'technician', node });
  const { preferences } = await api.as(person).call(notificationsApi.preferences);
  const channels = { ...preferences.channels, battery_low: { app: true, email: true } };
  await api.as(person).call(notificationsApi.setPreferences, { body: { ...preferences, channels, digestHour } });
  return person;
}

/** How many statements the API gives to raise a notification of a device. */
async function statementsToTell(
  { id, assetTag }: { id: string; assetTag: string },
  dedupeKey: string,
): Promise<number> {
  const outbox = api.app.get(Outbox, { strict: false });
  const about = { device: id };
  return api.db.transaction(async (tx) => {
    let given = 0;
    const counting: EntitySubscriberInterface = {
      afterQuery: ({ queryRunner }) => void (given += Number(queryRunner === tx.queryRunner)),
    };
    api.db.subscribers.push(counting);
    const raising = { kind: 'battery_low', about, data: { assetTag, battery: 9 }, dedupeKey } as const;
    await outbox.raise(tx, raising).finally(() => api.db.subscribers.splice(api.db.subscribers.indexOf(counting), 1));
    return given;
  });
}

/** When the mails to a person that wait are to leave. */
const dueTo = async ({ id }: { id: string }): Promise<string[]> => {
  const jobs = await api.db.query<{ run_at: Date }[]>(`select run_at from graphile_worker.jobs where key like $1`, [
    `mail/${id}/%`,
  ]);
  return jobs.map(({ run_at }) => run_at.toISOString());
};

test('many are told with as many statements as one, each at their own hour', async () => {
  const unit = await build.node(api, await build.municipality(api));
  const device = await build.device(api, unit);
  const first = await mailedAt(16, unit);
  const toOne = await statementsToTell(device, 'one');
  expect(toOne).toBeGreaterThan(1);
  const others = [];
  for (const hour of [15, 16, 17, 18]) others.push(await mailedAt(hour, unit));
  expect(await statementsToTell(device, 'many')).toBe(toOne);
  const due = await Promise.all([first, ...others].map(dueTo));
  expect(due).toEqual([15, 14, 15, 16, 17].map((utc) => [`2091-01-10T${utc}:00:00.000Z`]));
});
