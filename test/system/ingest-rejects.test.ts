import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { REJECT_CODES, upwardTopic } from '#contracts';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { createInventory, startIngest, type Inventory, type TestDevice } from '../support/ingest.js';
import { connect, publish, refusalOf } from '../support/mqtt.js';

const DAY_MS = 86_400_000;

describe('what cannot be taken', () => {
  let inventory: Inventory;
  let ingest: Ingest;
  beforeAll(async () => {
    inventory = await createInventory();
    ingest = await startIngest(inventory);
  });
  afterAll(async () => {
    await ingest?.stop();
    await inventory?.drop();
  });

  const rejectsOf = (device: Pick<TestDevice, 'key'>) =>
    inventory.rows<{ code: string; reason: string; payload: Buffer | null; payload_bytes: number }>(
      'select code, reason, payload, payload_bytes from rejected_message where device_key = $1 order by id',
      [device.key],
    );

  async function send(device: TestDevice, ...payloads: unknown[]): Promise<void> {
    const client = await connect({ ...device, port: ingest.port });
    for (const payload of payloads) await publish(client, upwardTopic(device.publicId, 'usage'), payload);
    await client.endAsync();
  }

  const now = Date.now();
  const robot = { family: 'sleep_robot' } as const;
  it.each([
    ['payload_too_large', {}, [Buffer.alloc(70 * 1024, 'a')]],
    ['not_json', {}, ['{"id":']],
    ['binary_payload', {}, [Buffer.from([0xff, 0xd8, 0xff, 0xe0])]],
    ['binary_payload', {}, ['\u0000\u0001']],
    ['schema', {}, ['[]']],
    ['schema', {}, [{ metric: 'unlock', attributes: { result: 'a\u0000b' } }]],
    ['unknown_metric', {}, [{ metric: 'fly', id: '1', at: now }]],
    ['value_out_of_range', {}, [{ metric: 'battery', id: '1', at: now, value: 101 }]],
    ['value_out_of_range', {}, [{ metric: 'battery', id: '1', at: now }]],
    ['value_out_of_range', {}, [{ metric: 'unlock', id: '1', at: now, attributes: { result: 'perhaps' } }]],
    ['value_out_of_range', robot, [{ metric: 'session', id: '1', at: now - 20 * 3_600_000, until: now }]],
    ['time_in_future', {}, [{ metric: 'unlock', id: '1', at: now + 10 * 60_000 }]],
    ['time_too_old', {}, [{ metric: 'unlock', id: '1', at: now - 120 * DAY_MS }]],
    ['session_times', {}, [{ metric: 'unlock', id: '1', at: now - 9_000, until: now }]],
    ['session_times', robot, [{ metric: 'session', id: '1', at: now, until: now - 1_000 }]],
    ['session_times', robot, [{ metric: 'session', id: '1', at: now - 60_000, until: now, value: 30 }]],
    [
      'id_reused',
      {},
      [
        { metric: 'unlock', id: '1', at: now },
        { metric: 'battery', id: '1', at: now, value: 4 },
      ],
    ],
    [
      'id_reused',
      {},
      [
        [
          { metric: 'battery', id: '1', at: now, value: 5 },
          { metric: 'battery', id: '1', at: now, value: 4 },
        ],
      ],
    ],
  ] as [string, object, unknown[]][])('%s is acknowledged and stored with its code', async (code, given, payloads) => {
    const device = await inventory.addDevice(given);
    await send(device, ...payloads);
    expect((await rejectsOf(device)).map((reject) => reject.code)).toEqual([code]);
    const counts = await inventory.rows('select code, count from rejected_count where device_key = $1', [device.key]);
    expect(counts).toEqual([{ code, count: 1 }]);
  });

  it('keeps 8 KiB of a payload and nothing of a binary one', async () => {
    const device = await inventory.addDevice();
    await send(device, Buffer.alloc(70 * 1024, 'a'), Buffer.from([0xff, 0xd8]));
    const kept = (await rejectsOf(device)).map(({ payload, payload_bytes }) => [
      payload?.length ?? null,
      payload_bytes,
    ]);
    expect(kept).toEqual([
      [8192, 71680],
      [null, 2],
    ]);
  });

  it('is stored a hundred times an hour and counted always', async () => {
    const device = await inventory.addDevice();
    await send(
      device,
      Array.from({ length: 70 }, () => ({})),
      Array.from({ length: 70 }, () => ({})),
    );
    expect(await rejectsOf(device)).toHaveLength(100);
    const counts = await inventory.rows('select count from rejected_count where device_key = $1', [device.key]);
    expect(counts).toEqual([{ count: 140 }]); // 2 × 70
  });

  it('topic_not_allowed: another device’s topic is acknowledged and goes nowhere', async () => {
    const [device, other] = [await inventory.addDevice(), await inventory.addDevice()];
    const client = await connect({ ...device, port: ingest.port });
    await publish(client, upwardTopic(other.publicId, 'usage'), { metric: 'unlock', id: '1', at: now });
    await publish(client, `wt/v1/${device.publicId}/other`, 'x');
    expect((await rejectsOf(device)).map(({ code }) => code)).toEqual(['topic_not_allowed', 'topic_not_allowed']);
    expect(
      await inventory.rows('select 1 as n from usage where device_key = any($1)', [[device.key, other.key]]),
    ).toEqual([]);
    await client.endAsync();
  });

  it('unknown_device: a log-in under a name that no device has', async () => {
    await refusalOf({ publicId: 'nobody-\u0001-here', secret: 'x', port: ingest.port });
    const find = () => inventory.rows('select client_name, code from rejected_message where device_key is null');
    await vi.waitFor(async () =>
      expect(await find()).toEqual([{ client_name: 'nobody-\ufffd-here', code: 'unknown_device' }]),
    );
  });

  it('device_retired: what is decoded between a device’s retirement and the end of its connection', async () => {
    const { receive } = await import('../../apps/ingest/src/receive.js');
    const { FAMILIES } = await import('#domain');
    const device = { id: '', key: 1, publicId: 'a', family: FAMILIES.keyless_lock, lifecycle: 'retired' as const };
    const facts = { simulated: false, timeZone: 'Europe/Stockholm', placements: [], credentials: [] };
    const received = {
      channel: 'usage' as const,
      clientName: 'a',
      topic: 't',
      payload: Buffer.from('{}'),
      receipt: { name: 'r' },
    };
    const window = { receivedAtMs: now, keptFromMs: 0 };
    const { rejections } = receive({ ...received, window, device: { ...device, ...facts } });
    expect(rejections.map(({ code }) => code)).toEqual(['device_retired']);
  });

  it('rate_limited: QoS 0 beyond the allowance; QoS 1 is slowed instead and all of it stored', async () => {
    const slow = await startIngest(inventory, { limits: { usagesPerSecond: 20, usagesAtOnce: 10 } });
    const [fast, slowed] = [await inventory.addDevice(), await inventory.addDevice()];
    const one = await connect({ ...fast, port: slow.port });
    for (let id = 0; id < 30; id += 1) {
      void one.publishAsync(
        upwardTopic(fast.publicId, 'usage'),
        JSON.stringify({ metric: 'unlock', id: `${id}`, at: now }),
      );
    }
    await vi.waitFor(async () => expect((await rejectsOf(fast)).at(-1)?.code).toBe('rate_limited'), 5_000);
    await one.endAsync();
    const two = await connect({ ...slowed, port: slow.port });
    const started = Date.now();
    const sent = Array.from({ length: 30 }, (_, id) =>
      publish(two, upwardTopic(slowed.publicId, 'usage'), { metric: 'unlock', id: `${id}`, at: now }),
    );
    await Promise.all(sent);
    expect(Date.now() - started).toBeGreaterThan(700); // (30 − 10) / 20 a second = 1 s
    expect(await inventory.rows('select 1 as n from usage where device_key = $1', [slowed.key])).toHaveLength(30);
    await two.endAsync();
    await slow.stop();
  });

  it('has a test here for every code but the one whose consents are not recorded yet', async () => {
    const rows = await inventory.rows<{ code: string }>('select distinct code from rejected_count');
    const seen = new Set([...rows.map(({ code }) => code), 'device_retired', 'consent_withdrawn']);
    expect(REJECT_CODES.filter((code) => !seen.has(code))).toEqual([]);
  });
});
