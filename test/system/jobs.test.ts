import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { healthApi } from '#contracts';
import { migrate, NotificationEntity } from '#database';
import { ModuleRef } from '@nestjs/core';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import {
  countFailedJobs,
  enqueue,
  freeJobsOfTheDead,
  lastingFailures,
  removeJob,
} from '../../apps/api/src/jobs/jobs.queries.js';
import { JobsService } from '../../apps/api/src/jobs/run/jobs.service.js';
import { installJobs } from '../../apps/api/src/jobs/run/install.js';
import { Presence } from '../../apps/api/src/jobs/run/presence.js';
import { cronItems, enqueueDaily, isHourAt } from '../../apps/api/src/jobs/timetable.js';
import { Outbox } from '../../apps/api/src/notifications/raise/outbox.service.js';
import { settleJobs } from '../../apps/api/src/notifications/raise/settle.js';
import type { Config } from '../../apps/api/src/config.js';
import { CONFIG } from '../../apps/api/src/settings.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { urlOf, withClient } from '../support/connection.js';
import type { TestDatabase } from '../support/postgres.js';

const SOON = { timeout: 15_000, interval: 100 };

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ JOBS: 'queue' });
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.db.query(`delete from graphile_worker._private_jobs`);
});

/** A municipality with a notification of years ago: `notifications.forget` removes it, which is seen from outside. */
async function old(dedupeKey: string = randomUUID(), of = api): Promise<string> {
  const { id } = await build.municipality(of);
  const [at, closedAt] = [new Date('2020-01-01T00:00:00Z'), new Date('2020-01-02T00:00:00Z')];
  const row = { id: randomUUID(), kind: 'device_silent', severity: 'warning', link: '/', dedupeKey } as const;
  await of.db.manager.insert(NotificationEntity, { ...row, rootId: id, nodeId: id, createdAt: at, closedAt });
  return id;
}
const isForgotten = async (rootId: string, of = api): Promise<boolean> =>
  !(await of.db.manager.existsBy(NotificationEntity, { rootId }));
const forget = (rootId: string, options: object = {}) =>
  api.db.transaction((tx) => enqueue(tx, 'notifications.forget', { payload: { rootId }, ...options }));
const jobs = (): Promise<{ task_identifier: string; attempts: number; last_error: string | null; run_at: Date }[]> =>
  api.db.query(`select task_identifier, attempts, last_error, run_at from graphile_worker.jobs order by id`);

describe('a job', () => {
  test('is done soon after the transaction that enqueued it', async () => {
    const id = await old();
    await forget(id);
    await vi.waitFor(async () => expect(await isForgotten(id)).toBe(true), SOON);
    expect(await jobs()).toEqual([]);
  });

  test('of a transaction that is rolled back never was', async () => {
    const [id, after] = [await old(), await old()];
    const rolledBack = api.db.transaction(async (tx) => {
      await enqueue(tx, 'notifications.forget', { payload: { rootId: id } });
      throw new Error('thought better of it');
    });
    await expect(rolledBack).rejects.toThrow('thought better of it');
    await forget(after);
    await vi.waitFor(async () => expect(await isForgotten(after)).toBe(true), SOON);
    expect(await isForgotten(id)).toBe(false);
    expect(await jobs()).toEqual([]);
  });

  test('with a payload that is not its own is refused, and the transaction with it', async () => {
    const wrong = { payload: { rootId: 'x' } } as never;
    await expect(api.db.transaction((tx) => enqueue(tx, 'notifications.forget', wrong))).rejects.toThrow('rootId');
    expect(await jobs()).toEqual([]);
  });

  test('of a key waits once, at the last time given, and can be taken back', async () => {
    const id = await old();
    const [early, late] = [new Date('2090-01-01T00:00:00Z'), new Date('2091-01-01T00:00:00Z')];
    for (const runAt of [early, late]) await forget(id, { jobKey: 'one', runAt });
    expect(await jobs()).toMatchObject([{ run_at: late }]);
    await api.db.transaction((tx) => removeJob(tx, 'one'));
    expect(await jobs()).toEqual([]);
  });

  test('that fails is tried again later, is counted, and holds up no other', async () => {
    await api.db.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$;
       create trigger refuse before delete on notification for each row when (old.dedupe_key = 'poison') execute function refuse()`,
    );
    const [poison, good] = [await old('poison'), await old()];
    const began = Date.now();
    for (const id of [poison, good]) await forget(id);
    await vi.waitFor(async () => expect(await isForgotten(good)).toBe(true), SOON);
    await vi.waitFor(async () => expect((await jobs())[0]?.attempts).toBeGreaterThanOrEqual(2), SOON); // after some 2.7 s
    const [failed] = await jobs();
    expect(failed?.last_error).toContain('not this one');
    expect(failed?.run_at.getTime()).toBeGreaterThan(began + 2_000);
    const { body } = await api.raw(healthApi.ready);
    expect(body).toMatchObject({ parts: { jobs: { ok: true, message: 'failed at the last attempt: 1' } } });
    await api.db.query(`drop trigger refuse on notification`);
    await vi.waitFor(async () => expect(await isForgotten(poison)).toBe(true), SOON);
    expect(await countFailedJobs(api.db.manager)).toBe(0);
  });
});

test('jobs that cannot start since the database says nothing hold up the end of the process by seconds only', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const config = { ...api.app.get<Config>(CONFIG), databaseUrl: `postgres://x@127.0.0.1:${port}/x` };
  const service = new JobsService(api.db, api.app.get(ModuleRef), config);
  service.onApplicationBootstrap();
  await vi.waitFor(() => expect(sockets).not.toEqual([]), SOON);
  const began = Date.now();
  await service.onModuleDestroy();
  expect(Date.now() - began).toBeLessThan(10_000);
  sockets.forEach((socket) => socket.destroy());
  silent.close();
}, 20_000);

describe('a process that dies', () => {
  const lockedBy = async (pool: string, jobKey: string): Promise<void> => {
    await forget(await old(), { jobKey, runAt: new Date('2090-01-01T00:00:00Z') });
    await api.db.query(
      `update graphile_worker._private_jobs set locked_by = $1, locked_at = now() - interval '1 minute', run_at = now()
       where key = $2`,
      [pool, jobKey],
    );
  };

  test('leaves its jobs to the others, which those who live keep', async () => {
    const presence = new Presence(api.databaseUrl, 'pool-living');
    await presence.show();
    await lockedBy('pool-living', 'kept');
    await lockedBy('pool-dead', 'freed');
    await freeJobsOfTheDead(api.db.manager);
    const locked = (): Promise<unknown> =>
      api.db.query(`select key from graphile_worker.jobs where locked_by is not null`);
    await vi.waitFor(async () => expect(await locked()).toEqual([{ key: 'kept' }]), SOON);
    await presence.leave();
    await vi.waitFor(async () => {
      await freeJobsOfTheDead(api.db.manager);
      expect(await jobs()).toEqual([]);
    }, SOON);
  });

  test('is told from one that works: the pool’s own lock is seen', async () => {
    const pools: unknown[] = await api.db.query(
      `select from pg_stat_activity where application_name = 'nyttospar jobs presence' and datname = current_database()`,
    );
    expect(pools).toHaveLength(1);
    expect(await api.app.get(JobsService, { strict: false }).state()).toEqual({ isRunning: true, failed: 0 });
  });
});

describe('a job that keeps failing', () => {
  const failing = (attempts: number, key: string | null = null): Promise<unknown> =>
    api.db.query(
      `insert into graphile_worker._private_jobs (task_id, attempts, last_error, key, run_at, created_at)
       select id, $1, 'no', $2, now() + interval '1 day', now() - interval '6 minutes'
       from graphile_worker._private_tasks where identifier = 'notifications.forget'`,
      [attempts, key],
    );
  const settle = () =>
    settleJobs(
      {},
      { db: api.db, now: () => new Date(), get: () => outbox as never, signal: new AbortController().signal },
    );
  let outbox: Outbox;
  beforeAll(async () => {
    outbox = api.app.get(Outbox, { strict: false });
    await forget(await old());
  });

  test('is told to administrators once, until it does no longer', async () => {
    const admin = await build.user(api, { role: 'admin', node: await build.municipality(api) });
    for (let round = 0; round < 2; round++) await failing(6);
    for (let round = 0; round < 2; round++) await settle();
    const told = (): Promise<object[]> =>
      api.db.query(
        `select n.kind, n.data, n.closed_at is not null as over from notification n
       join notification_recipient r on r.notification_id = n.id where r.user_id = $1`,
        [admin.id],
      );
    const data = { job: 'notifications.forget', failing: 2 };
    expect(await told()).toEqual([{ kind: 'job_failed', data, over: false }]);
    await api.db.query(`delete from graphile_worker._private_jobs`);
    await settle();
    expect(await told()).toEqual([{ kind: 'job_failed', data, over: true }]);
  });

  test.each([
    ['five attempts', 5, null, 0],
    ['six attempts', 6, null, 1],
    ['one, by the timetable, for six minutes', 1, 'timetable/x/0', 1],
  ])('by %s counts as lasting: %i %s', async (...[, attempts, key, expected]) => {
    await failing(attempts, key);
    expect(await lastingFailures(api.db.manager)).toHaveLength(expected);
  });
});

describe('the timetable', () => {
  test('is one that the library takes, each line known by a name of its own', () => {
    const names = cronItems().map(({ identifier }) => identifier);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('jobs.daily');
  });

  test.each([
    ['2026-01-15T02:00:00Z', 'Europe/Stockholm', true],
    ['2026-01-15T02:15:00Z', 'Europe/Stockholm', false],
    ['2026-07-15T01:00:00Z', 'Europe/Stockholm', true],
    ['2026-03-29T01:00:00Z', 'Europe/Stockholm', true], // the clock goes from 2 to 3
    ['2026-10-25T02:00:00Z', 'Europe/Stockholm', true],
    ['2026-01-14T21:15:00Z', 'Asia/Kathmandu', true], // UTC+5:45
  ])('three o’clock at %s in %s: %s', (at, zone, isThree) => {
    expect(isHourAt(new Date(at), 3, zone)).toBe(isThree);
  });

  test('does a day’s job for each municipality by its own clock, once', async () => {
    const here = await build.municipality(api);
    const ended = await build.municipality(api, { validTo: '2024-01-01' });
    const there = await build.municipality(api, { timeZone: 'America/New_York' });
    await api.app.get(JobsService, { strict: false }).onModuleDestroy(); // leaves what is enqueued to be seen
    for (let round = 0; round < 2; round++) await enqueueDaily(api.db, new Date('2026-01-15T02:00:00Z'));
    const keys = await api.db.query<{ key: string }[]>(`select key from graphile_worker.jobs`);
    expect(new Set(keys.map(({ key }) => key)).size).toBe(keys.length);
    const roots = keys
      .filter(({ key }) => key.includes('notifications.forget'))
      .map(({ key }) => key.split('/').at(-1));
    expect(roots.filter((id) => id === here.id)).toHaveLength(1);
    expect(roots, 'rules K1–K3: what is kept of one that has ended goes in time').toContain(ended.id);
    expect(roots).not.toContain(there.id);
  });
});

describe('installing', () => {
  /** A database that a role of its own owns, without the jobs' tables. */
  async function ownedDatabase(): Promise<TestDatabase> {
    const { adminUrl, prefix } = inject('postgres');
    const name = `${prefix}owned`;
    await withClient(adminUrl, async (admin) => {
      await admin.query(`create role ${name} login password 'owner'`);
      await admin.query(
        `create database ${name} owner ${name} template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'`,
      );
    });
    const url = new URL(urlOf(name, adminUrl));
    Object.assign(url, { username: name, password: 'owner' });
    const drop = () =>
      withClient(adminUrl, async (admin) => {
        await admin.query(`drop database if exists ${name} with (force)`);
        await admin.query(`drop role if exists ${name}`);
      });
    return { url: url.href, drop };
  }

  test('needs no more than to own the database, and processes that start at once take turns', async () => {
    const database = await ownedDatabase();
    try {
      await migrate(database.url);
      await Promise.all([installJobs(database.url), installJobs(database.url), installJobs(database.url)]);
      const own = await startApi({ JOBS: 'queue' }, { database });
      const rootId = await old('x', own);
      await own.db.transaction((tx) => enqueue(tx, 'notifications.forget', { payload: { rootId } }));
      await vi.waitFor(async () => expect(await isForgotten(rootId, own)).toBe(true), SOON);
      await own.close();
    } finally {
      await database.drop();
    }
  });
});
