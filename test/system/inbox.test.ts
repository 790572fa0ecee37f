import { once } from 'node:events';
import { upwardTopic } from '#contracts';
import { ENTER_INBOX } from '#database';
import pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Custody } from '../../apps/ingest/src/custody.js';
import { Inbox } from '../../apps/ingest/src/inbox/inbox.js';
import { createInventory, type Inventory, startCommitter, startIngest, type TestDevice } from '../support/ingest.js';
import { runNode } from '../support/run-node.js';

vi.setConfig({ testTimeout: 90_000 });

const cleanUps: (() => Promise<unknown>)[] = [];
let inventory: Inventory;
let device: TestDevice;
beforeEach(async () => {
  inventory = await createInventory();
  cleanUps.push(() => inventory.drop());
  device = await inventory.addDevice();
  await inventory.place(device);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const count = async (table: string): Promise<number> =>
  (await inventory.rows<{ count: number }>(`select count(*)::int as count from ${table}`))[0]?.count ?? 0;
const drained = () =>
  vi.waitFor(async () => expect(await count('usage_inbox')).toBe(0), { timeout: 60_000, interval: 50 });

/** Puts messages of some usages each into the inbox, every usage a second before the last. */
async function fill(messages: number, usagesEach: number, of: Pick<TestDevice, 'key' | 'publicId'> = device) {
  const now = Date.now();
  const payloads = Array.from({ length: messages }, (_, message) => {
    const usages = Array.from({ length: usagesEach }, (_, index) => {
      const number = message * usagesEach + index;
      return { id: `${number}`, metric: 'unlock', at: now - number * 1000 };
    });
    return Buffer.from(JSON.stringify(usages));
  });
  const same = <T>(value: T): T[] => payloads.map(() => value);
  const topic = upwardTopic(of.publicId, 'usage');
  const nothing = same(null);
  const values = [same(of.key), same('test'), 'http', same(topic), payloads, same(usagesEach), nothing, null];
  await inventory.pool.query({ ...ENTER_INBOX, values: [...values, nothing, null, nothing, 0] });
}

async function startProcess(): Promise<() => Promise<void>> {
  const env = { ...process.env, DATABASE_URL: inventory.url, MQTT_PORT: '0', MQTT_URL: '', LOG_LEVEL: 'error' };
  const ingest = runNode('apps/ingest/src/main.ts', [], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const kill = async (): Promise<void> => {
    const exit = once(ingest.child, 'exit');
    if (ingest.child.kill('SIGKILL')) await exit;
  };
  cleanUps.push(kill);
  await once(ingest.child, 'message');
  return kill;
}

test('while ingest is killed (-9) three times, nothing of the inbox is lost and nothing doubled', async () => {
  await fill(1_500, 40);
  for (let round = 0; round < 3; round += 1) {
    const before = await count('usage');
    const kill = await startProcess();
    await vi.waitFor(async () => expect(await count('usage')).toBeGreaterThan(before), {
      timeout: 30_000,
      interval: 5,
    });
    await kill();
    expect(await count('usage_inbox')).toBeGreaterThan(0);
  }
  await startProcess();
  await drained();
  const [hours] = await inventory.rows('select sum(count)::int as count from usage_hour');
  expect([await count('usage'), hours]).toEqual([60_000, { count: 60_000 }]);
});

test('several ingest processes share the inbox', async () => {
  await fill(400, 20);
  const all = await Promise.all([startIngest(inventory), startIngest(inventory)]);
  await drained();
  await Promise.all(all.map((ingest) => ingest.stop()));
  expect(await count('usage')).toBe(8_000);
});

test('a usage with neither id nor time is the same on every attempt (rule U1)', async () => {
  const committer = await startCommitter(inventory);
  cleanUps.push(() => committer.stop());
  const topic = upwardTopic(device.publicId, 'usage');
  await inventory.pool.query(
    `insert into usage_inbox (device_key, client_name, source, topic, payload) values ($1, 'test', 'http', $2, $3)`,
    [device.key, topic, Buffer.from('{"metric":"unlock"}')],
  );
  // The message is committed, and then the process dies before its row is removed: twice.
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const inbox = startInbox(async (entry) => {
      await committer.deliver([entry]);
      throw new Error('the process dies here');
    });
    await inbox.round();
    await inventory.pool.query('update usage_inbox set not_before = now(), attempts = 0');
  }
  expect(await count('usage_inbox')).toBe(1);
  await startInbox((entry) => committer.deliver([entry])).round();
  expect([await count('usage_inbox'), await count('usage')]).toEqual([0, 1]);
});

type Deliver = (entry: Parameters<Awaited<ReturnType<typeof startCommitter>>['deliver']>[0][number]) => Promise<void>;

/** An inbox whose messages go where the test wants. */
function startInbox(deliver: Deliver): Inbox {
  const pool = new pg.Pool({ connectionString: inventory.url, max: 2 });
  pool.on('error', () => undefined); // `end` does not wait for its connections: dropping the database may cut them
  cleanUps.push(() => pool.end());
  return new Inbox({
    pool,
    custody: new Custody(pool),
    log: pino({ level: 'silent' }),
    keptFromMs: () => 0,
    take: (entry) =>
      void deliver(entry).then(
        () => entry.done(),
        (error: Error) => entry.done(error),
      ),
  });
}

test('a message that cannot be stored holds up no other, and is tried again later, alone', async () => {
  const other = await inventory.addDevice();
  await fill(1, 1, other);
  await fill(3, 1);
  const batches: number[][] = [];
  const inbox = startInbox((entry) => {
    batches.push([entry.device?.key ?? 0]);
    return entry.device?.key === other.key ? Promise.reject(new Error('no')) : Promise.resolve();
  });
  await inbox.round();
  const left = await inventory.rows('select device_key, attempts, not_before > now() as later from usage_inbox');
  expect(left).toEqual([{ device_key: other.key, attempts: 1, later: true }]);
  expect(await inbox.measure()).toMatchObject({ waiting: 1, failing: 1 });
  await inbox.round();
  expect(batches).toHaveLength(4); // its time has not come
  await inventory.pool.query('update usage_inbox set not_before = now()');
  await fill(1, 1);
  await inbox.round();
  expect(batches.slice(4).map(([key]) => key)).toEqual([device.key, other.key]);
  expect(await inventory.rows('select attempts from usage_inbox')).toEqual([{ attempts: 2 }]);
});

test('a device that has been registered a moment ago is known', async () => {
  const ingest = await startIngest(inventory);
  cleanUps.push(() => ingest.stop());
  const fresh = await inventory.addDevice();
  await fill(1, 2, fresh);
  await drained();
  expect(await count('usage')).toBe(2);
  expect(await count('rejected_message')).toBe(0);
});
