import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { upwardTopic, USAGE_FLAGS } from '#contracts';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { createInventory, startIngest, type Inventory, type TestDevice } from '../support/ingest.js';
import { connect, publish } from '../support/mqtt.js';

describe('a repeat', () => {
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

  async function send(device: TestDevice, ...payloads: unknown[]): Promise<void> {
    const client = await connect({ ...device, port: ingest.port });
    for (const payload of payloads) await publish(client, upwardTopic(device.publicId, 'usage'), payload);
    await client.endAsync();
  }
  const countOf = async ({ key }: TestDevice) => {
    const [row] = await inventory.rows<{ rows: number; count: number }>(
      `select (select count(*)::int from usage where device_key = $1) as rows,
        (select coalesce(sum(count), 0)::int from usage_hour where device_key = $1) as count`,
      [key],
    );
    return row;
  };
  const at = Date.now() - 60_000;

  it('changes nothing: in a message, in the next, on a new connection, after a restart', async () => {
    const device = await inventory.addDevice();
    const placement = await inventory.place(device);
    const usage = { id: 'one', metric: 'unlock', at, attributes: { result: 'success' } };
    await send(device, [usage, usage]);
    await inventory.pool.query('delete from dirty_day');
    await send(device, usage);
    await ingest.stop();
    ingest = await startIngest(inventory);
    await send(device, { ...usage, at: new Date(at).toISOString() });
    expect(await countOf(device)).toEqual({ rows: 1, count: 1 });
    expect(await inventory.rows('select 1 as n from dirty_day where placement_key = $1', [placement])).toEqual([]);
    expect(await inventory.rows('select 1 as n from rejected_count where device_key = $1', [device.key])).toEqual([]);
  });

  it('without an id is told by its content', async () => {
    const device = await inventory.addDevice();
    await send(device, { metric: 'unlock', at }, { at, metric: 'unlock' }, { metric: 'unlock', at: at + 1 });
    expect(await countOf(device)).toEqual({ rows: 2, count: 2 });
  });

  it('without a time is told by its id, and keeps the time of its first receipt', async () => {
    const device = await inventory.addDevice();
    await send(
      device,
      [
        { id: 'a', metric: 'unlock' },
        { id: 'a', metric: 'unlock' },
      ],
      { id: 'a', metric: 'unlock' },
      { id: 'b', metric: 'unlock' },
    );
    expect(await countOf(device)).toEqual({ rows: 2, count: 2 });
    const flags = await inventory.rows('select distinct flags from usage where device_key = $1', [device.key]);
    expect(flags).toEqual([{ flags: USAGE_FLAGS.receivedTime }]);
  });

  it('with neither is another usage, and the device is marked', async () => {
    const device = await inventory.addDevice();
    await send(device, [{ metric: 'unlock' }, { metric: 'unlock' }], { metric: 'unlock' });
    expect(await countOf(device)).toEqual({ rows: 3, count: 3 });
    const marked = () =>
      inventory.rows('select repeats_not_detectable from device_signal where device_key = $1', [device.key]);
    await vi.waitFor(async () => expect(await marked()).toEqual([{ repeats_not_detectable: true }]), 5_000);
  });

  it('with neither is a repeat only when redelivered as such in the same session', async () => {
    const device = await inventory.addDevice();
    const topic = upwardTopic(device.publicId, 'usage');
    const sendRaw = async (dup: boolean, clientId: string): Promise<void> => {
      const client = await connect({ ...device, port: ingest.port }, { clientId, clean: false });
      const acknowledged = new Promise((resolve) =>
        client.on('packetreceive', ({ cmd }) => cmd === 'puback' && resolve(cmd)),
      );
      const { generate } = await import('mqtt-packet');
      const packet = {
        cmd: 'publish',
        topic,
        payload: '{"metric":"unlock"}',
        qos: 1,
        messageId: 77,
        dup,
        retain: false,
      } as const;
      (client.stream as unknown as { write(bytes: Buffer): void }).write(generate(packet));
      await acknowledged;
      await client.endAsync(true);
    };
    await sendRaw(false, 'same');
    await sendRaw(true, 'same');
    expect(await countOf(device)).toEqual({ rows: 1, count: 1 });
    await sendRaw(true, 'another');
    await sendRaw(false, 'same');
    expect(await countOf(device)).toEqual({ rows: 3, count: 3 });
  });

  it('of the same id at another time is another usage', async () => {
    const device = await inventory.addDevice();
    await send(device, { id: '1', metric: 'unlock', at }, { id: '1', metric: 'unlock', at: at + 5 });
    expect(await countOf(device)).toEqual({ rows: 2, count: 2 });
  });
});

describe('a session', () => {
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

  const at = Date.now() - 3_600_000;
  const start = { id: 's', metric: 'session', at, attributes: { mode: 'music' } };
  const end = { id: 's', metric: 'session', at, until: at + 90_500 };

  async function after(...payloads: unknown[]): Promise<unknown> {
    const device = await inventory.addDevice({ family: 'sleep_robot' });
    await inventory.place(device);
    const client = await connect({ ...device, port: ingest.port });
    for (const payload of payloads) await publish(client, upwardTopic(device.publicId, 'usage'), payload);
    await client.endAsync();
    const [raw] = await inventory.rows(
      'select value, flags, attributes, until is not null as ended from usage where device_key = $1',
      [device.key],
    );
    const hours = await inventory.rows('select dimensions, count, sum::float8 from usage_hour where device_key = $1', [
      device.key,
    ]);
    const [rejects] = await inventory.rows<{ count: number }>(
      'select coalesce(sum(count), 0)::int as count from rejected_count where device_key = $1',
      [device.key],
    );
    return { raw, hours, rejects: rejects?.count };
  }

  const whole = {
    raw: { value: 90.5, flags: 0, attributes: { mode: 'music' }, ended: true },
    hours: [{ dimensions: 'music', count: 1, sum: 90.5 }],
    rejects: 0,
  };

  it('is open and not counted until its end is known', async () => {
    expect(await after(start, start)).toEqual({
      raw: { value: null, flags: USAGE_FLAGS.open, attributes: { mode: 'music' }, ended: false },
      hours: [],
      rejects: 0,
    });
  });

  it.each([
    ['start, end', [start, end]],
    ['end, start', [end, start]],
    ['start, end, start, end', [start, end, start, end]],
    [
      'both in one message, twice',
      [
        [start, end],
        [end, start],
      ],
    ],
    ['as a whole', [{ ...start, until: end.until }]],
    ['as a duration', [{ ...start, value: 90.5 }]],
  ])('is the same in the end: %s', async (_name, payloads) => {
    expect(await after(...payloads)).toEqual(whole);
  });

  it('keeps its first end; another one is rejected', async () => {
    expect(await after(start, end, { ...end, until: at + 1000 })).toEqual({ ...whole, rejects: 1 });
  });

  it('has its day evaluated again when its end comes', async () => {
    const device = await inventory.addDevice({ family: 'sleep_robot' });
    const placement = await inventory.place(device);
    const client = await connect({ ...device, port: ingest.port });
    await publish(client, upwardTopic(device.publicId, 'usage'), start);
    await inventory.pool.query('delete from dirty_day');
    await publish(client, upwardTopic(device.publicId, 'usage'), end);
    expect(await inventory.rows('select placement_key from dirty_day')).toEqual([{ placement_key: placement }]);
    await client.endAsync();
  });

  it('may get its end by id alone', async () => {
    const late = { id: 't', metric: 'session', attributes: { mode: 'music' } };
    const result = await after(late, [late], { id: 't', metric: 'session', value: 0 });
    expect(result).toMatchObject({ raw: { value: 0, flags: USAGE_FLAGS.receivedTime }, rejects: 0 });
  });
});
