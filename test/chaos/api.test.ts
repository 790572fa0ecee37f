import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { healthApi } from '#contracts';
import { expect, it, onTestFailed, onTestFinished, vi } from 'vitest';
import { limitMs, moreAcknowledged, placedDevices, rounds } from '../support/chaos.js';
import { pickPort } from '../support/free-port.js';
import { makeDataFolder } from '../support/hub.js';
import { startHttpLoad } from '../support/http-load.js';
import { createInventory, type Inventory } from '../support/ingest.js';
import { findFaults, IN_FLIGHT, type Load, NO_FAULTS, startLoad } from '../support/load.js';
import { childRunning, databaseUrl, type Product, startProduct } from '../support/product.js';

/** Target R1 on the built product: the API is killed under load, over and over, and the supervisor brings it back. */

const SPEAK_MQTT = 6;
const SPEAK_HTTP = 2;
/** The rounds at full size last minutes: devices that never pause would fill the disk with what nobody looks at. */
const PAUSE_MS = 100;
/** A program that ends five times within a minute is given up: no more than four kills may fall to one. */
const KILLS_IN_A_MINUTE = 4;
const MINUTE_MS = 61_000;
/** All but what the product itself has sent, to see that a usage comes through. */
const COUNT_USAGE = `select count(*)::int as n from usage where device_key in (select key from device where not is_canary)`;

interface Scene {
  product: Product;
  inventory: Inventory;
  http: string;
  mqttPort: number;
}

async function prepare(): Promise<Scene> {
  const folder = await makeDataFolder();
  onTestFinished(() => folder.remove());
  const { dataDir } = folder;
  const [httpPort, mqttPort] = [await pickPort(), await pickPort()];
  const flags = ['--http-port', httpPort, '--mqtt-port', mqttPort, '--data-dir', dataDir, '--demo', 'off'].map(String);
  const product = startProduct(flags);
  onTestFinished(async () => {
    const exit = once(product.child, 'exit');
    if (product.child.kill('SIGTERM')) await exit;
  });
  onTestFailed(() => console.error(product.text()));
  await product.untilReady;
  const inventory = await createInventory({ url: await databaseUrl(dataDir), drop: async () => undefined });
  onTestFinished(() => inventory.drop());
  return { product, inventory, http: `http://127.0.0.1:${httpPort}`, mqttPort };
}

/** Kills the API and waits until another one is ready; answers how much was acknowledged while nobody listened. */
async function killApi({ product, http }: Scene, load: Load): Promise<number> {
  const killed = (await childRunning('apps/api/', product.child)) ?? NaN;
  process.kill(killed, 'SIGKILL');
  const before = load.acknowledged.size;
  let last = before;
  const isReady = async (): Promise<void> => {
    const seen = load.acknowledged.size;
    const answer = await fetch(http + healthApi.ready.path).catch(() => null);
    if (answer === null) last = seen;
    expect(answer?.status).toBe(200);
    expect(await childRunning('apps/api/', product.child)).not.toBe(killed);
  };
  await vi.waitFor(isReady, { timeout: 60_000, interval: 20 });
  return last - before;
}

it(
  'stored once is what either way in acknowledged through kill -9 of the API, and MQTT goes on meanwhile',
  async () => {
    const scene = await prepare();
    const { product, inventory, http, mqttPort } = scene;
    const load = startLoad(await placedDevices(inventory, SPEAK_MQTT), mqttPort, PAUSE_MS);
    const posts = startHttpLoad(await placedDevices(inventory, SPEAK_HTTP), http);
    const killedAtMs: number[] = [];
    for (let round = 0; round < rounds(2); round += 1) {
      await Promise.all([moreAcknowledged(load, 400), moreAcknowledged(posts, 40)]);
      await delay(Math.max(0, (killedAtMs.at(-KILLS_IN_A_MINUTE) ?? -Infinity) + MINUTE_MS - performance.now()));
      killedAtMs.push(performance.now());
      expect(await killApi(scene, load)).toBeGreaterThan(SPEAK_MQTT * IN_FLIGHT);
    }
    await Promise.all([moreAcknowledged(load, 400), moreAcknowledged(posts, 40)]);
    await Promise.all([load.finish(), posts.finish()]);
    expect([load.acknowledged.size, posts.acknowledged.size]).toEqual([load.sent(), posts.sent()]);
    expect(posts.refusals).toEqual([]);
    expect(posts.repeated()).toBeGreaterThan(0);
    const waiting = () => inventory.rows('select id from usage_inbox limit 1');
    await vi.waitFor(async () => expect(await waiting()).toEqual([]), { timeout: 30_000, interval: 100 });
    const acknowledged = new Set([...load.acknowledged, ...posts.acknowledged]);
    expect(await findFaults(inventory, { acknowledged })).toEqual(NO_FAULTS);
    expect(await inventory.rows(COUNT_USAGE)).toEqual([{ n: acknowledged.size }]);
    expect(await inventory.rows('select * from rejected_message')).toEqual([]);
    expect(product.child.exitCode).toBeNull();
  },
  limitMs(2) + 90_000 + Math.ceil(rounds(2) / KILLS_IN_A_MINUTE) * MINUTE_MS,
);
