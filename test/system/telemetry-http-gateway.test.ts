import { gatewaysApi } from '#contracts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ApiWithIngest, startApiWithIngest, usageOf } from '../support/api-with-ingest.js';
import * as build from '../support/builders.js';

/** A gateway’s token over HTTP: it speaks for the devices that it is granted, each by name. */

let system: ApiWithIngest;
beforeAll(async () => (system = await startApiWithIngest()));
afterAll(() => system.close());

async function prepare() {
  const { api } = system;
  const unit = await build.node(api, await build.municipality(api));
  const as = api.as(await build.user(api, { role: 'technician', node: unit }));
  const body = { ownerNodeId: unit.id, name: 'Leverantörens moln', ecosystem: 'zigbee2mqtt' as const };
  const { gateway, credentials } = await as.call(gatewaysApi.register, { body });
  const device = await build.device(api, unit);
  await build.placement(api, { device, node: unit });
  const grant = (): Promise<unknown> =>
    as.call(gatewaysApi.addChild, {
      params: { id: gateway.id },
      body: { externalName: 'dörr 7', deviceId: device.id },
    });
  const page = () => as.call(gatewaysApi.get, { params: { id: gateway.id } });
  const authorization = `Bearer ${gateway.publicId}:${credentials.secret}`;
  const send = async (content: object, channel = '') => {
    const url = `${api.url}/api/telemetry${channel}`;
    const headers = { 'content-type': 'application/json', authorization };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(content) });
    return { status: answer.status, body: (await answer.json()) as object };
  };
  return { as, gateway, device, grant, page, send };
}

const unlock = (id: string) => ({ id, metric: 'unlock', at: Date.now(), attributes: { result: 'success' } });
const until = (assert: () => Promise<void>) => vi.waitFor(assert, { timeout: 10_000, interval: 50 });

describe('a gateway that speaks HTTP', () => {
  test('has the usage of its device stored once, whichever of its names it says (rule U1)', async () => {
    const { device, grant, page, send } = await prepare();
    await grant();
    const usages = [unlock('a')];
    for (const name of ['dörr 7', device.publicId, ' dörr 7 '])
      expect(await send({ device: name, usages })).toMatchObject({ status: 202, body: { accepted: 1 } });
    await send({ device: 'dörr 7', state: 'online' }, '/state');
    await until(async () => {
      expect(await usageOf(system.api, device)).toHaveLength(1);
      const rows: object[] = await system.api.db.query('select state from device_signal where device_key = $1', [
        device.key,
      ]);
      expect(rows).toEqual([{ state: 'online' }]);
    });
    expect((await page()).gateway.lastReceivedAt).not.toBeNull();
  });

  test('speaks for no device that it is not granted; the name is listed on its page', async () => {
    const { device, page, send, grant } = await prepare();
    const stranger = await prepare();
    const refused = { status: 403, body: { code: 'device_not_yours' } };
    expect(await send({ device: 'dörr 7', usages: [unlock('a')] })).toMatchObject(refused);
    expect(await page()).toMatchObject({ heard: [{ externalName: 'dörr 7', messages: 1 }] });
    await grant();
    expect(await send({ device: stranger.device.publicId, usages: [unlock('a')] })).toMatchObject(refused);
    expect(await send({ device: 'nul\0', usages: [unlock('a')] })).toMatchObject(refused);
    expect([...(await usageOf(system.api, device)), ...(await usageOf(system.api, stranger.device))]).toEqual([]);
  });

  test('has to say whom it speaks for', async () => {
    const { send, grant } = await prepare();
    await grant();
    for (const content of [unlock('a'), [unlock('a')], { device: '', usages: [unlock('a')] }])
      expect(await send(content)).toMatchObject({ status: 422, body: { code: 'device_not_named' } });
  });

  test('that is closed is let in no more', async () => {
    const { as, gateway, send, grant } = await prepare();
    await grant();
    await as.call(gatewaysApi.close, { params: { id: gateway.id } });
    expect(await send({ device: 'dörr 7', usages: [unlock('a')] })).toMatchObject({ status: 401 });
  });

  test('that sends 70 kB is answered 413', async () => {
    const { send, grant } = await prepare();
    await grant();
    const tooLarge = { device: 'dörr 7', usages: [unlock('a')], more: 'x'.repeat(70_000) };
    expect(await send(tooLarge)).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  });
});
