import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import {
  limitMs,
  moreAcknowledged,
  placedDevices,
  rounds,
  startDurableDatabase,
  startIngestProcess,
} from '../support/chaos.js';
import type { Inventory } from '../support/ingest.js';
import { findFaults, NO_FAULTS, startLoad } from '../support/load.js';
import { startRelay } from '../support/relay.js';

/** Target R1: whatever fails, what was acknowledged is stored, once, and nobody has to lend a hand. */

it(
  'acknowledged = stored through a network that falls silent in mid-load and comes back',
  async () => {
    const { postgres, inventory } = await startDurableDatabase();
    const ingest = await startIngestProcess(postgres.url);
    const relay = await startRelay(ingest.port);
    onTestFinished(() => relay.close());
    const load = startLoad(await placedDevices(inventory, 8), relay.port);
    for (let round = 0; round < rounds(3); round += 1) {
      await moreAcknowledged(load, 300);
      relay.fallSilent();
      await delay(300);
      relay.recover();
    }
    await moreAcknowledged(load, 300);
    await load.finish();
    expect(load.acknowledged.size).toBe(load.sent());
    expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
  },
  limitMs(3),
);

it(
  'acknowledged = stored through a PostgreSQL that stands still for seconds',
  async () => {
    const { postgres, inventory } = await startDurableDatabase();
    const ingest = await startIngestProcess(postgres.url);
    const load = startLoad(await placedDevices(inventory, 8), ingest.port);
    for (let round = 0; round < rounds(2); round += 1) {
      await moreAcknowledged(load, 300);
      const servers = processTree(postgres.pid);
      signalAll(servers, 'SIGSTOP');
      await delay(2_000).finally(() => signalAll(servers, 'SIGCONT'));
    }
    await moreAcknowledged(load, 300);
    await load.finish();
    expect(load.acknowledged.size).toBe(load.sent());
    expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
  },
  limitMs(2),
);

/** One that was about to end is gone by the time it is told. */
function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
    }
  }
}

const canLimit = spawnSync('prlimit', ['--version']).status === 0;

it.runIf(canLimit || process.env['REQUIRE_ALL'] === '1')(
  'acknowledged = stored through a disk that is full until somebody makes room',
  async () => {
    const database = await startDurableDatabase();
    const { inventory } = database;
    const ingest = await startIngestProcess(database.postgres.url);
    await fillAWalSegment(inventory);
    const load = startLoad(await placedDevices(inventory, 8), ingest.port);
    for (let round = 0; round < rounds(2); round += 1) {
      await moreAcknowledged(load, 300);
      // A file that may not grow is what a full disk looks like to the table; WAL segments are there already.
      limitFileSize(processTree(database.postgres.pid), String(WAL_SEGMENT_BYTES));
      await delay(1_500);
      const before = load.acknowledged.size;
      await delay(500);
      // A row or two may still fit into a page that is there.
      expect(load.acknowledged.size - before, 'nearly nothing can be stored').toBeLessThan(20);
      expect(await findFaults(inventory, load), 'nothing is acknowledged that cannot be stored').toEqual(NO_FAULTS);
      limitFileSize(processTree(database.postgres.pid), 'unlimited');
    }
    await moreAcknowledged(load, 300);
    await load.finish();
    expect(load.acknowledged.size).toBe(load.sent());
    expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
  },
  limitMs(2),
);

const WAL_SEGMENT_BYTES = 16 * 2 ** 20;

/** Usage of another device, until this week's table is about as large as a WAL segment: beyond it no file may grow. */
async function fillAWalSegment(inventory: Inventory): Promise<void> {
  const { key } = await inventory.addDevice();
  const at = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
  const size = `select pg_relation_size(tableoid) as bytes from usage limit 1`;
  let count = 0;
  for (let bytes = 0; bytes < WAL_SEGMENT_BYTES - 65_536; count += 4_000) {
    await inventory.pool.query(
      `insert into usage (device_key, at, message_key, received_at, value, metric)
       select $1, $2, $3::int + n, $2, 1, 1 from generate_series(1, 4000) n`,
      [key, at, count],
    );
    bytes = Number((await inventory.rows<{ bytes: string }>(size))[0]?.bytes);
  }
  await inventory.pool.query(
    `insert into usage_hour (hour, device_key, placement_key, metric, count, sum, last_at)
     values ($2, $1, 0, 1, $3::int, $3::int, $2)`,
    [key, at, count],
  );
}

function limitFileSize(pids: readonly number[], limit: string): void {
  for (const pid of pids) {
    // A server process may have ended meanwhile. Only its own account may limit it.
    try {
      const { uid, gid } = statSync(`/proc/${pid}`);
      execFileSync('prlimit', ['--pid', String(pid), `--fsize=${limit}:unlimited`], { stdio: 'pipe', uid, gid });
    } catch (cause) {
      if (readdirSync('/proc').includes(String(pid))) throw cause;
    }
  }
}

/** A process and all its children. */
function processTree(root: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
      } catch {
        return [];
      }
    });
  const children = (pid: number): number[] =>
    parents.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...children(child.pid)]);
  return [root, ...children(root)];
}
