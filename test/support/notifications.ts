import type { SettledKind } from '#database';
import type { NotificationView } from '#contracts';
import { notificationsApi } from '#contracts';
import type { Type } from '@nestjs/common';
import type { JobContext } from '../../apps/api/src/jobs/job.js';
import { settleKind } from '../../apps/api/src/notifications/raise/settle.js';
import type { TestApi } from './api.js';
import * as build from './builders.js';

/** A clock that stands until it is moved. */
export interface TestClock {
  now: () => Date;
  at(instant: string): void;
}

export function startClock(instant: string): TestClock {
  let present = new Date(instant);
  return { now: () => present, at: (next) => (present = new Date(next)) };
}

/** What a handler gets, for a job that a test does itself. */
export const contextOf = (api: TestApi, clock: TestClock): JobContext => ({
  db: api.db,
  now: clock.now,
  get: <T>(service: Type<T>) => api.app.get(service, { strict: false }),
  signal: new AbortController().signal,
});

/** Does the round of a kind, as the timetable would. */
export const look = (api: TestApi, clock: TestClock, kind: SettledKind): Promise<void> =>
  settleKind({ kind }, contextOf(api, clock));

/** What a person is told in the pages, in their order. */
export const toldTo = async (api: TestApi, person: { token: string }): Promise<NotificationView[]> =>
  (await api.as(person).call(notificationsApi.list, { query: {} })).rows;

/** Ingest has just said that it works. */
export const hearIngest = (api: TestApi, status: object = { state: 'ok' }): Promise<unknown> =>
  api.db.query(
    `insert into service_heartbeat (service, at, status) values ('ingest', now(), $1)
     on conflict (service) do update set at = excluded.at, status = excluded.status`,
    [JSON.stringify(status)],
  );

/** What is last known of a device. */
export async function signal(
  api: TestApi,
  { key }: { key: number },
  given: { lastAt?: string; lastReceivedAt?: string; battery?: number },
): Promise<void> {
  await api.db.query(
    `insert into device_signal (device_key, last_at, last_received_at, battery) values ($1, $2, $3, $4)
     on conflict (device_key) do update set last_at = coalesce(excluded.last_at, device_signal.last_at),
       last_received_at = coalesce(excluded.last_received_at, device_signal.last_received_at),
       battery = coalesce(excluded.battery, device_signal.battery)`,
    [key, given.lastAt ?? null, given.lastReceivedAt ?? null, given.battery ?? null],
  );
}

/** Two units of a town, a technician of each and an administrator of all, and a lock that stands in the first. */
export async function town(api: TestApi) {
  const root = await build.municipality(api);
  const [north, south] = [await build.node(api, root), await build.node(api, root)];
  const technician = await build.user(api, { role: 'technician', node: north });
  const other = await build.user(api, { role: 'technician', node: south });
  const admin = await build.user(api, { role: 'admin', node: root });
  const device = await build.device(api, north);
  const placement = await build.placement(api, { device, node: north });
  return { root, north, south, technician, other, admin, device, placement };
}
export type Town = Awaited<ReturnType<typeof town>>;
