import { CHANGES_CHANNEL, healthApi } from '#contracts';
import { markTrialDays, TrialStageChangeEntity } from '#database';
import { qualify, type Usage } from '#domain';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createApp } from '../../apps/api/src/app.js';
import { readConfig } from '../../apps/api/src/config.js';
import { startApi, type TestApi } from '../support/api.js';
import { benefitLine, measurementRule } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { failure, insertUsage, opening, recordUsage, visit } from '../support/usage.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function lockInTrial() {
  const unit = await build.node(api, await build.municipality(api));
  const trial = await build.trial(api, unit);
  const line = await benefitLine(api, trial);
  const rule = await measurementRule(api, { line, trial });
  const device = await build.device(api, unit);
  const placement = await build.placement(api, { device, node: unit }, { trial });
  return { unit, trial, line, rule, device, placement };
}

/** What is stored for a placement by a rule version: day → [events, qualifying, failures]. */
async function storedBy(ruleKey: number): Promise<Record<string, number[]>> {
  const rows = await api.db.query<{ day: string; events: number; qualifying: number; failures: number }[]>(
    'select day::text as day, events, qualifying, failures from qualifying_day where rule_key = $1 order by day',
    [ruleKey],
  );
  return Object.fromEntries(rows.map(({ day, events, qualifying, failures }) => [day, [events, qualifying, failures]]));
}

const within = (longestMs: number, expectation: () => Promise<void>): Promise<void> =>
  vi.waitFor(expectation, { timeout: longestMs, interval: 20 });
const marks = (claimed: boolean): Promise<unknown[]> =>
  api.db.query('select * from dirty_day where claimed = $1', [claimed]);
const atRest = (): Promise<void> =>
  within(5_000, async () => expect([...(await marks(false)), ...(await marks(true))]).toEqual([]));

test('a figure is right within two seconds of its usage’s commit', async () => {
  const of = await lockInTrial();
  await recordUsage(api, of, [
    opening('2024-05-06T10:00:00Z'),
    visit('2024-05-06T11:00:00Z'),
    failure('2024-05-06T12:00:00Z'),
  ]);
  await within(2_000, async () => expect(await storedBy(of.rule.key)).toEqual({ '2024-05-06': [3, 1, 1] }));
});

test('says that it works', async () => {
  await within(6_000, async () => {
    const { body } = await api.raw(healthApi.ready);
    expect(body).toMatchObject({ parts: { worker: { ok: true } } });
  });
});

test('takes up claims that a crash has left', async () => {
  const of = await lockInTrial();
  await recordUsage(api, of, [opening('2024-05-06T10:00:00Z')]);
  await atRest();
  await api.db.query('delete from qualifying_day where rule_key = $1', [of.rule.key]);
  await api.db.query('insert into dirty_day (placement_key, day, claimed) values ($1, $2, true)', [
    of.placement.key,
    '2024-05-06',
  ]);
  await within(2_000, async () => expect(await storedBy(of.rule.key)).toEqual({ '2024-05-06': [1, 1, 0] }));
});

test('a mark whose usage is not committed yet is left until it is', async () => {
  const of = await lockInTrial();
  await recordUsage(api, of, [opening('2024-05-06T10:00:00Z')]);
  await atRest();
  await api.db.transaction(async (tx) => {
    await insertUsage(tx, of, [opening('2024-05-06T11:00:00Z')]);
    await api.db.query('select pg_notify($1, $2)', [CHANGES_CHANNEL, '{"kind":"usage","placements":null}']);
    await api.db.query('select pg_sleep(0.3)');
    expect(await storedBy(of.rule.key)).toEqual({ '2024-05-06': [1, 1, 0] });
  });
  await within(2_000, async () => expect(await storedBy(of.rule.key)).toEqual({ '2024-05-06': [2, 2, 0] }));
});

test('a placement-day that cannot be computed stops no other one, and is tried again', async () => {
  const [broken, sound] = [await lockInTrial(), await lockInTrial()];
  const badLine = await benefitLine(api, broken.trial);
  // No API stores such a filter: it stands for any fault of ours in one trial's rule.
  await measurementRule(api, { line: badLine, trial: broken.trial }, { filter: { result: null } as never });
  await recordUsage(api, broken, [opening('2024-05-06T10:00:00Z')]);
  await recordUsage(api, sound, [opening('2024-05-06T10:00:00Z')]);
  await within(2_000, async () => expect(await storedBy(sound.rule.key)).toEqual({ '2024-05-06': [1, 1, 0] }));
  expect(await marks(true)).toMatchObject([{ placement_key: broken.placement.key }]);
  await measurementRule(api, { line: badLine, trial: broken.trial }, { version: 2 });
  await within(6_000, async () => expect(await storedBy(broken.rule.key)).toEqual({ '2024-05-06': [1, 1, 0] }));
});

test('counts by the newest rule version and keeps what the older one counted (rule B10)', async () => {
  const of = await lockInTrial();
  await recordUsage(api, of, ['2024-05-06T10:00:00Z', '2024-05-06T10:04:00Z'].map(opening));
  await within(2_000, async () => expect(await storedBy(of.rule.key)).toEqual({ '2024-05-06': [2, 1, 0] }));
  const second = await measurementRule(api, of, { version: 2, deduplicateMinutes: 0 });
  await markTrialDays(api.db, of.trial.id, 0);
  await within(2_000, async () => expect(await storedBy(second.key)).toEqual({ '2024-05-06': [2, 2, 0] }));
  await recordUsage(api, of, [opening('2024-05-06T10:08:00Z')]);
  await within(2_000, async () => expect(await storedBy(second.key)).toEqual({ '2024-05-06': [3, 3, 0] }));
  expect(await storedBy(of.rule.key)).toEqual({ '2024-05-06': [2, 1, 0] });
});

test('a pause entered afterwards takes its usage out again', async () => {
  const of = await lockInTrial();
  await recordUsage(api, of, ['2024-05-06T10:00:00Z', '2024-05-06T12:00:00Z'].map(opening));
  await within(2_000, async () => expect(await storedBy(of.rule.key)).toEqual({ '2024-05-06': [2, 2, 0] }));
  await api.db.manager.insert(TrialStageChangeEntity, {
    trialId: of.trial.id,
    stage: 'paused',
    at: new Date('2024-05-06T11:00:00Z'),
  });
  await markTrialDays(api.db, of.trial.id, 0);
  await within(2_000, async () => expect(await storedBy(of.rule.key)).toEqual({ '2024-05-06': [1, 1, 0] }));
});

test('a day of very many usages is counted in parts, to the same figures', async () => {
  const of = await lockInTrial();
  // 12,000 usages some seconds apart, with gaps about as long as the window, so that parts are cut within windows.
  let at = Date.parse('2024-05-06T00:00:00Z');
  const times = Array.from({ length: 12_000 }, (_, index) => (at += index % 100 === 0 ? 290_000 + index : 2_000));
  await recordUsage(
    api,
    of,
    times.map((time) => opening(new Date(time))),
  );
  const usages = times.map((time): Usage => ({
    at: time,
    dimensions: { result: 'success', actor_role: 'staff' },
    value: 1,
  }));
  const whole = qualify(usages, { filter: {}, deduplicateMinutes: 5 }, [{ from: new Date(0), to: null }]);
  await within(5_000, async () => {
    const days = Object.values(await storedBy(of.rule.key));
    expect(days.reduce((sum, [events = 0]) => sum + events, 0)).toBe(12_000);
    expect(days.reduce((sum, [, qualifying = 0]) => sum + qualifying, 0)).toBe(whole.qualifying.length);
  });
});

test('a day whose raw usage is no longer kept stays as it was stored (rule K2)', async () => {
  const of = await lockInTrial();
  await recordUsage(api, of, ['2023-01-11T10:00:00Z', '2024-05-06T10:00:00Z'].map(opening));
  await within(2_000, async () => expect(Object.keys(await storedBy(of.rule.key))).toHaveLength(2));
  await api.db.query('drop table usage_20230109');
  await markTrialDays(api.db, of.trial.id, 0);
  await atRest();
  expect(await storedBy(of.rule.key)).toEqual({ '2023-01-11': [1, 1, 0], '2024-05-06': [1, 1, 0] });
});

test('one process computes, another stands by and takes over', async () => {
  const holders = (): Promise<{ pid: number }[]> =>
    api.db.query(`select pid from pg_locks where locktype = 'advisory' and objid = 7428321 and granted
      and database = (select oid from pg_database where datname = current_database())`);
  const other = await createApp(readConfig({ DATABASE_URL: api.databaseUrl, LOG_LEVEL: 'silent', HTTP_PORT: '0' }));
  await other.init();
  const [before, ...more] = await holders();
  expect(more).toEqual([]);
  await api.db.query('select pg_terminate_backend($1)', [before?.pid]);
  await within(5_000, async () => {
    const [after, ...others] = await holders();
    expect(after?.pid).toBeTypeOf('number');
    expect([after?.pid === before?.pid, others]).toEqual([false, []]);
  });
  const of = await lockInTrial();
  await recordUsage(api, of, [opening('2024-05-06T10:00:00Z')]);
  await within(3_000, async () => expect(await storedBy(of.rule.key)).toEqual({ '2024-05-06': [1, 1, 0] }));
  await other.close();
  await recordUsage(api, of, [opening('2024-05-07T10:00:00Z')]);
  await within(4_000, async () => expect(Object.keys(await storedBy(of.rule.key))).toHaveLength(2));
});
