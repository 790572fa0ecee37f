import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { limitMs, moreAcknowledged, placedDevices, rounds } from '../support/chaos.js';
import { pickPort } from '../support/free-port.js';
import { makeDataFolder } from '../support/hub.js';
import { createInventory } from '../support/ingest.js';
import { findFaults, NO_FAULTS, startLoad } from '../support/load.js';

/** Target R1 on the built product as the README starts it: the supervisor is killed, everything under it has to cope. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Product {
  child: ChildProcess;
  untilReady: Promise<void>;
}

function startProduct(flags: readonly string[]): Product {
  const child = spawn(process.execPath, ['apps/hub/start.js', ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  }
  const isReady = (): void => expect(text).toContain('Nyttospår is ready');
  return { child, untilReady: vi.waitFor(isReady, { timeout: 90_000, interval: 50 }) };
}

async function databaseUrl(dataDir: string): Promise<string> {
  const [, , , port] = (await readFile(`${dataDir}/postgres/postmaster.pid`, 'utf8')).split('\n');
  const password = (await readFile(`${dataDir}/postgres.password`, 'utf8')).trim();
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

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
