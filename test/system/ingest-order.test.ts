import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUpwardTopic, upwardTopic } from '#contracts';
import type { Custody } from '../../apps/ingest/src/custody.js';
import { receive } from '../../apps/ingest/src/receive.js';
import type { Entry } from '../../apps/ingest/src/record/entry.js';
import {
  createInventory,
  startCommitter,
  type Inventory,
  type TestCommitter,
  type TestDevice,
} from '../support/ingest.js';

/** A message as sent: which device, on which channel, what. */
interface Sent {
  readonly device: 0 | 1;
  readonly channel: 'usage' | 'state' | 'health';
  readonly content: unknown;
}

const HOUR_MS = 3_600_000;
/** Just before midnight in Stockholm, so that hours, days and the placements' border all lie within reach. */
const BORDER_MS =
  Date.parse('2026-11-16T22:58:00Z') > Date.now() ? midnightBefore() : Date.parse('2026-11-16T22:58:00Z');

function midnightBefore(): number {
  const day = new Date(Date.now() - 26 * HOUR_MS).toISOString().slice(0, 10);
  return Date.parse(`${day}T22:58:00Z`);
}

const at = fc.integer({ min: -20, max: 20 }).map((steps) => BORDER_MS + steps * 97_003);
const mode = fc.constantFrom('breathe', 'music');
/** Each makes the messages of one thing that happened; repeated names are made distinct by their place. */
const happening = fc.oneof(
  fc.record({ at, length: fc.integer({ min: 0, max: 900_000 }), mode }).map(({ at, length, mode }) => (id: string) => [
    { id, metric: 'session', at, attributes: { mode } },
    { id, metric: 'session', at, until: at + length },
  ]),
  fc
    .record({ at, mode })
    .map(({ at, mode }) => (id: string) => [{ id, metric: 'session', at, value: 60, attributes: { mode } }]),
  fc
    .record({ at, value: fc.integer({ min: 0, max: 100 }) })
    .map(({ at, value }) => (id: string) => [{ id, metric: 'battery', at, value }]),
  fc
    .record({ at, value: fc.double({ min: 0, max: 100, noNaN: true }) })
    .map(({ at, value }) => () => [{ metric: 'battery', at, value }]),
);
const device = fc.constantFrom<0 | 1>(0, 1);
const usages = fc
  .array(fc.tuple(device, happening), { minLength: 1, maxLength: 25 })
  .map((list) =>
    list.flatMap(([device, make], index) =>
      make(`m${index}`).map((content): Sent => ({ device, channel: 'usage', content })),
    ),
  );
const states = fc
  .record({ device, at, state: fc.constantFrom('online', 'sleeping') })
  .map(({ device, at, state }): Sent => ({ device, channel: 'state', content: { state, at } }));
const healths = fc
  .record({
    device,
    at,
    battery: fc.option(fc.integer({ min: 0, max: 100 })),
    signal: fc.option(fc.integer({ min: -120, max: 0 })),
  })
  .map(({ device, at, battery, signal }): Sent => ({
    device,
    channel: 'health',
    content: { at, ...(battery === null ? {} : { battery }), ...(signal === null ? {} : { signal }) },
  }));
const messages = fc
  .tuple(usages, fc.array(states, { maxLength: 4 }), fc.array(healths, { maxLength: 4 }))
  .map((parts) => parts.flat());

/** The same messages in another order, some of them again, in batches of another size, with a restart in between. */
const delivery = messages.chain((sent) =>
  fc.record({
    sent: fc.constant(sent),
    again: fc.shuffledSubarray([...sent, ...sent, ...sent], { minLength: sent.length }),
    batch: fc.integer({ min: 1, max: 12 }),
  }),
);

describe('any order, repetition and division into batches', () => {
  let inventory: Inventory;
  let devices: TestDevice[];
  beforeAll(async () => {
    inventory = await createInventory();
    devices = [
      await inventory.addDevice({ family: 'sleep_robot' }),
      await inventory.addDevice({ family: 'sleep_robot' }),
    ];
    for (const device of devices) {
      await inventory.place(device, { to: new Date(BORDER_MS), unit: 0 });
      await inventory.place(device, { from: new Date(BORDER_MS + 5 * 60_000), unit: 1 });
    }
  });
  afterAll(async () => {
    await inventory?.drop();
  });

  let running: TestCommitter | undefined;
  afterAll(() => running?.stop());

  async function restart(): Promise<TestCommitter> {
    await running?.stop();
    running = await startCommitter(inventory);
    return running;
  }

  const deliver = (sent: readonly Sent[], { custody, deliver }: TestCommitter): Promise<void> =>
    deliver(sent.map((message) => entryOf(message, custody)));

  function entryOf({ device, channel, content }: Sent, custody: Custody): Entry {
    const topic = upwardTopic(devices[device]?.publicId ?? '', channel);
    const cached = custody.deviceByPublicId(parseUpwardTopic(topic)?.deviceId ?? '');
    if (!cached) throw new Error('the device is in the inventory');
    const window = { receivedAtMs: Date.now(), keptFromMs: 0 };
    const payload = Buffer.from(JSON.stringify(content));
    return receive({ device: cached, channel, clientName: 'test', topic, payload, receipt: { name: 'none' }, window });
  }

  /** All that a delivery leaves, except when it was received. */
  async function outcome(): Promise<unknown> {
    const tables = [
      'select device_key, at, message_key, until, value, placement_key, metric, flags, attributes from usage order by 1, 2, 3',
      'select hour, device_key, placement_key, metric, dimensions, count, sum, last_at from usage_hour order by 1, 2, 3, 4, 5',
      'select placement_key, day, claimed from dirty_day order by 1, 2',
      'select device_key, day, hours from device_life order by 1, 2',
      'select device_key, state, state_at, battery, battery_at, signal_dbm, signal_at from device_signal order by 1',
      'select code, sum(count) from rejected_count group by 1',
    ];
    return Promise.all(tables.map((sql) => inventory.rows(sql)));
  }

  async function clear(): Promise<void> {
    const tables = [
      'usage',
      'usage_hour',
      'dirty_day',
      'device_life',
      'device_signal',
      'rejected_message',
      'rejected_count',
    ];
    await inventory.pool.query(tables.map((table) => `delete from ${table};`).join(' '));
  }

  it('leaves the same usage, hours, marks, signs of life and signals', async () => {
    await fc.assert(
      fc.asyncProperty(delivery, async ({ sent, again, batch }) => {
        await clear();
        await deliver(sent, await restart());
        const expected = await outcome();
        await clear();
        const rest = sent.filter((message) => !again.includes(message));
        const all = [...again, ...rest];
        let committer = await restart();
        for (let from = 0; from < all.length; from += batch) {
          if (from > all.length / 2) committer = await restart();
          await deliver(all.slice(from, from + batch), committer);
        }
        expect(await outcome()).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('never rejects any of them', async () => {
    expect(await inventory.rows('select 1 as n from rejected_count')).toEqual([]);
  });

  it('counts each raw row with a value once in its hour', async () => {
    const sums = await inventory.rows(
      `select (select count(*)::int from usage where value is not null) as raw, (select coalesce(sum(count), 0)::int from usage_hour) as hours`,
    );
    expect(sums[0]?.['raw']).toBe(sums[0]?.['hours']);
    expect(sums[0]?.['raw']).toBeGreaterThan(0);
  });
});
