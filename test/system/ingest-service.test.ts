import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHANGES_CHANNEL, MAX_NOTICE_BYTES, RAW_DAYS, upwardTopic } from '#contracts';
import { partitionName, RECORD_LIFE } from '#database';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { noticeOf, Notices } from '../../apps/ingest/src/notices.js';
import { makeNeededPartitions, mondayOf, WEEKS_AHEAD, weeksAhead } from '../../apps/ingest/src/partitions.js';
import { receive } from '../../apps/ingest/src/receive.js';
import type { Entry } from '../../apps/ingest/src/record/entry.js';
import {
  createInventory,
  startCommitter,
  startIngest,
  type Inventory,
  type TestCommitter,
  type TestDevice,
} from '../support/ingest.js';
import { connect, publish } from '../support/mqtt.js';

const DAY_MS = 86_400_000;
let inventory: Inventory;
beforeAll(async () => (inventory = await createInventory()));
afterAll(() => inventory?.drop());

const usagesOf = ({ key }: TestDevice) => inventory.rows('select 1 as n from usage where device_key = $1', [key]);

/** A decoded usage message of a device, as the broker would hand it over. */
function decoded({ custody }: TestCommitter, { publicId }: TestDevice, content: unknown): Entry {
  const device = custody.deviceByPublicId(publicId);
  if (!device) throw new Error('the device is in the inventory');
  const window = { receivedAtMs: Date.now(), keptFromMs: 0 };
  const payload = Buffer.from(JSON.stringify(content));
  return receive({
    device,
    channel: 'usage',
    clientName: 'test',
    topic: 'test',
    payload,
    receipt: { name: 'none' },
    window,
  });
}
const unlock = (id: string, at = Date.now()) => ({ id, metric: 'unlock', at });

describe('ingest beside the messages', () => {
  let ingest: Ingest;
  beforeAll(async () => (ingest = await startIngest(inventory)));
  afterAll(() => ingest?.stop());

  it('tells which placements changed, ids only, after the commit', async () => {
    const device = await inventory.addDevice();
    const placement = await inventory.place(device);
    const listener = new pg.Client({ connectionString: inventory.url });
    await listener.connect();
    const notices: unknown[] = [];
    listener.on('notification', ({ payload }) => notices.push(JSON.parse(payload ?? '')));
    await listener.query(`listen ${CHANGES_CHANNEL}`);
    const client = await connect({ ...device, port: ingest.port });
    await publish(client, upwardTopic(device.publicId, 'usage'), unlock('a'));
    await vi.waitFor(() => expect(notices).toContainEqual({ kind: 'usage', placements: [placement] }), 5_000);
    await vi.waitFor(() => expect(notices).toContainEqual({ kind: 'signal', placements: [placement] }), 5_000);
    await Promise.all([client.endAsync(), listener.end()]);
  });

  it('target S6: tells of use at once, then at most ten times a second, and of all of it', async () => {
    const client = new pg.Client({ connectionString: inventory.url });
    await client.connect();
    const notices: { placements: number[] }[] = [];
    client.on('notification', ({ payload }) => notices.push(JSON.parse(payload ?? '') as { placements: number[] }));
    await client.query(`listen ${CHANGES_CHANNEL}`);
    const own = new Notices(inventory.pool, pino({ level: 'silent' }));
    const began = Date.now();
    own.note('usage', 900_000);
    await vi.waitFor(() => expect(notices).toContainEqual({ kind: 'usage', placements: [900_000] }));
    for (let key = 900_001; key < 900_100; key += 1) {
      own.note('usage', key);
      await delay(5);
    }
    const told = () => notices.filter(({ placements }) => placements.every((key) => key >= 900_000));
    await vi.waitFor(() => expect(new Set(told().flatMap(({ placements }) => placements)).size).toBe(100));
    expect(told().length).toBeLessThanOrEqual(Math.ceil((Date.now() - began) / 100) + 1);
    expect(told().length).toBeGreaterThan(1);
    own.stop();
    await client.end();
  });

  it('names no placements when they are too many for a notice', () => {
    const many = Array.from({ length: 2_000 }, (_, key) => 100_000 + key);
    expect(noticeOf('usage', many)).toBe('{"kind":"usage","placements":null}');
    expect(noticeOf('usage', many.slice(0, 1_000)).length).toBeLessThanOrEqual(MAX_NOTICE_BYTES);
  });

  it('says that it works, with its counters', async () => {
    const [beat] = await inventory.rows<{ status: object }>(
      `select status from service_heartbeat where service = 'ingest'`,
    );
    expect(beat?.status).toMatchObject({ state: 'ok', waiting: 0, partitionWeeksAhead: WEEKS_AHEAD });
  });

  it('makes up at its start for what a crash kept from being noticed', async () => {
    const device = await inventory.addDevice();
    const at = new Date();
    await inventory.pool.query(
      `insert into usage_hour (hour, device_key, placement_key, metric, count, sum, last_at)
       values (date_trunc('hour', $2::timestamptz), $1, 0, 1, 1, 1, $2)`,
      [device.key, at],
    );
    await inventory.pool.query(RECORD_LIFE.text, [[device.key], [at]]);
    await inventory.pool.query('insert into device_signal (device_key, connected) values ($1, true)', [device.key]);
    await (await startIngest(inventory)).stop();
    const signal = await inventory.rows('select connected, last_at from device_signal where device_key = $1', [
      device.key,
    ]);
    expect(signal).toEqual([{ connected: false, last_at: at }]);
  });
});

describe('partitions', () => {
  it('reach from the oldest raw kept to eight weeks ahead, each made once by two who try', async () => {
    const now = Date.now();
    const [one, two] = await Promise.all([
      makeNeededPartitions(inventory.pool, now),
      makeNeededPartitions(inventory.pool, now),
    ]);
    expect(one).toEqual(two);
    expect(one.fromMs).toBeLessThanOrEqual(now - RAW_DAYS * DAY_MS);
    expect(weeksAhead(one, now)).toBe(WEEKS_AHEAD);
    expect(new Date(mondayOf(now)).getUTCDay()).toBe(1);
    expect(mondayOf(Date.parse('2026-11-16T00:00:00Z'))).toBe(Date.parse('2026-11-16T00:00:00Z')); // a Monday
    expect(mondayOf(Date.parse('2026-11-15T23:59:59Z'))).toBe(Date.parse('2026-11-09T00:00:00Z'));
  });

  it('are made when a row finds none', async () => {
    const device = await inventory.addDevice();
    const committer = await startCommitter(inventory);
    const at = Date.now() - 30 * DAY_MS;
    await inventory.pool.query(`drop table ${partitionName(mondayOf(at))}`);
    await committer.deliver([decoded(committer, device, unlock('a', at))]);
    expect(await usagesOf(device)).toHaveLength(1);
    await committer.stop();
  });
});

describe('a batch', () => {
  it('with a row that the database refuses stores the others and rejects that one', async () => {
    const device = await inventory.addDevice();
    const committer = await startCommitter(inventory);
    const entries = Array.from({ length: 9 }, (_, id) => decoded(committer, device, unlock(`${id}`)));
    const poison = entries.map((entry, index) =>
      index === 4
        ? { ...entry, drafts: entry.drafts.map((draft) => ({ ...draft, attributes: '{"a":"\\u0000"}' })) }
        : entry,
    );
    await committer.deliver(poison);
    expect(await usagesOf(device)).toHaveLength(8);
    const rejects = await inventory.rows('select code, reason from rejected_message where device_key = $1', [
      device.key,
    ]);
    expect(rejects).toEqual([
      { code: 'value_out_of_range', reason: expect.stringContaining('unsupported Unicode') as string },
    ]);
    await committer.stop();
  });

  it('of one process and of another with the same ids in opposite order: no deadlock, nothing twice', async () => {
    const device = await inventory.addDevice();
    await inventory.place(device);
    const [one, two] = [await startCommitter(inventory, 0), await startCommitter(inventory, 1)];
    const at = Date.now();
    for (let round = 0; round < 10; round += 1) {
      const usages = Array.from({ length: 200 }, (_, id) => unlock(`${round}-${id}`, at));
      await Promise.all([
        one.deliver(usages.map((usage) => decoded(one, device, usage))),
        two.deliver(usages.toReversed().map((usage) => decoded(two, device, usage))),
      ]);
    }
    expect(await usagesOf(device)).toHaveLength(2_000); // 10 × 200
    const hours = await inventory.rows('select sum(count)::int as count from usage_hour where device_key = $1', [
      device.key,
    ]);
    expect(hours).toEqual([{ count: 2_000 }]);
    await Promise.all([one.stop(), two.stop()]);
  });

  it('is not stored at all when its connection breaks, and the next one is', async () => {
    const device = await inventory.addDevice();
    const committer = await startCommitter(inventory);
    await committer.deliver([decoded(committer, device, unlock('a'))]);
    const lock = await inventory.pool.connect();
    await lock.query('begin; lock table usage_hour');
    const broken = expect(committer.deliver([decoded(committer, device, unlock('b'))])).rejects.toThrow(
      'the message could not be stored',
    );
    const end = `select pg_terminate_backend(pid) as ended from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    await vi.waitFor(async () => expect(await inventory.rows(end)).toEqual([{ ended: true }]));
    await broken;
    await lock.query('rollback');
    lock.release();
    await committer.deliver([decoded(committer, device, unlock('c'))]);
    expect(await usagesOf(device)).toHaveLength(2);
    await committer.stop();
  });
});
