import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { limitMs, moreAcknowledged, placedDevices, rounds } from '../support/chaos.js';
import { pickPort } from '../support/free-port.js';
import { makeDataFolder } from '../support/hub.js';
import { createInventory } from '../support/ingest.js';
import { findFaults, NO_FAULTS, startLoad } from '../support/load.js';
import { databaseUrl, startProduct } from '../support/product.js';

/** Target R1 on the built product as the README starts it: the supervisor is killed, everything under it has to cope. */

it(
  'acknowledged = stored through kill -9 of the whole product, which is ready again by one start',
  async () => {
    const folder = await makeDataFolder();
    onTestFinished(() => folder.remove());
    const { dataDir } = folder;
    const [http, mqtt] = [await pickPort(), await pickPort()];
    const flags = ['--http-port', http, '--mqtt-port', mqtt, '--data-dir', dataDir, '--demo', 'off'].map(String);
    let product = startProduct(flags);
    onTestFinished(async () => {
      const exit = once(product.child, 'exit');
      if (product.child.kill('SIGTERM')) await exit;
    });
    await product.untilReady;
    const open = async () => createInventory({ url: await databaseUrl(dataDir), drop: async () => undefined });
    const inventory = await open();
    const load = startLoad(await placedDevices(inventory, 8), mqtt);
    for (let round = 0; round < rounds(1); round += 1) {
      await moreAcknowledged(load, 300);
      product.child.kill('SIGKILL');
      await once(product.child, 'exit');
      product = startProduct(flags);
      await product.untilReady;
    }
    await moreAcknowledged(load, 300);
    await load.finish();
    expect(load.acknowledged.size).toBe(load.sent());
    const reader = await open();
    expect(await findFaults(reader, load)).toEqual(NO_FAULTS);
    await Promise.all([reader.drop(), inventory.drop()]);
  },
  limitMs(1) + 90_000 + rounds(1) * 30_000,
);
