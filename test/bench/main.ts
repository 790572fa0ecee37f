import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { benchExternal, describeExternal, type ExternalBenchOptions } from './external.js';
import { benchHistory, describeHistory } from './history.js';
import { benchIngest, type IngestBenchOptions, type IngestBenchResult } from './ingest.js';
import { benchLive, describeLive, type LiveBenchOptions } from './live.js';
import { benchMemory, describeMemory, type MemoryBenchOptions } from './memory.js';
import { benchPeers, describePeers, type PeersBenchOptions } from './peers.js';
import { benchReads, describeReads, type ReadsBenchOptions } from './reads.js';
import { benchStorage, describeStorage } from './storage.js';

const whole = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new InvalidArgumentError(`a whole number from ${least} on`);
  return value;
};

const program = new Command('npm run bench --').description(
  'Benchmarks. They print ratios against a limit that is measured in the same run; absolute figures hold for one machine only.',
);

program
  .command('ingest')
  .description('publish → commit → PUBACK through the broker, against the frozen reference limit, interleaved')
  .option('--rounds <n>', 'rounds; medians are printed', whole(1), 3)
  .option('--connections <n>', 'devices, each with a connection of its own', whole(1), 100)
  .option('--in-flight <n>', 'unacknowledged messages a device keeps', whole(1), 20)
  .option('--messages <n>', 'usages a round', whole(1000), 100_000)
  .option('--warm-up <n>', 'usages before those, which are not measured', whole(0), 40_000)
  .option('--per-message <n>', 'usages a message', whole(1), 1)
  .option('--per-second <n>', 'messages a second over all devices; 0 = as fast as acknowledgements allow', whole(0), 0)
  .option('--attributes', 'usages carry attributes, as a lock’s do; the limit’s rows have none', false)
  .option('--history <rows>', 'rows of other devices stored before each round', whole(0), 0)
  .option('--profile <folder>', 'write a CPU profile of ingest there for each round')
  .option('--json <file>', 'also write the result as JSON')
  .action(async ({ json, ...options }: IngestBenchOptions & { json?: string }) => {
    const result = await benchIngest(options);
    print(result);
    if (json) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
    if (result.lost !== 0 || result.doubled !== 0) process.exitCode = 1;
  });

program
  .command('history')
  .description('what a message costs on top of ever more stored rows, as a share of its cost in empty tables')
  .option('--rows <n...>', 'rows stored before', (text, all: number[] = []) => [...all, whole(1)(text)])
  .option('--messages <n>', 'usages a round', whole(1000), 100_000)
  .option('--rounds <n>', 'rounds; medians are printed', whole(1), 3)
  .option('--json <file>', 'also write the result as JSON')
  .action(async (options: { rows?: number[]; messages: number; rounds: number; json?: string }) => {
    const { rows = [1_000_000, 10_000_000], json } = options;
    const result = await benchHistory({ ...options, rows });
    process.stdout.write(describeHistory(result));
    if (json) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
  });

program
  .command('storage')
  .description('bytes of a stored usage and of the roll-ups, by how often a device is used')
  .option('--rows <n>', 'rows for the device that is used every minute', whole(1000), 1_000_000)
  .option('--json <file>', 'also write the result as JSON')
  .action(async ({ json, rows }: { rows: number; json?: string }) => {
    const result = await benchStorage({ rows });
    process.stdout.write(describeStorage(result));
    if (json) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
  });

program
  .command('reads')
  .description('how long the pages take, as people with different scopes ask the API for them, on top of stored usage')
  .option('--rows <n>', 'usages stored before', whole(1000), 1_000_000)
  .option('--devices <n>', 'devices of the municipality', whole(5000), 50_000)
  .option('--trials <n>', 'trials of the municipality', whole(2), 500)
  .option('--requests <n>', 'requests of each kind', whole(1), 100)
  .option('--keep <folder>', 'keep the filled database there; a further run with it fills only the hours since')
  .option('--only <text>', 'only kinds of request whose name holds it')
  .option('--json <file>', 'also write the result as JSON')
  .action(async ({ json, ...options }: ReadsBenchOptions & { json?: string }) => {
    const result = await benchReads(options);
    process.stdout.write(describeReads(result));
    if (json) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
  });

program
  .command('memory')
  .description('what the whole product takes, and what a further connection adds')
  .option('--devices <n>', 'devices of the whole, each with a message a minute', whole(1), 1000)
  .option('--seconds <n>', 'how long they send', whole(1), 120)
  .option('--connections <n>', 'connections to which the broker grows from there', whole(2), 10_000)
  .option('--json <file>', 'also write the result as JSON')
  .action(async ({ json, ...options }: MemoryBenchOptions & { json?: string }) => {
    const result = await benchMemory(options);
    process.stdout.write(describeMemory(result));
    if (json) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
  });

program
  .command('live')
  .description('publish → commit → notice → page read again → first delta that counts it, at every viewer of its unit')
  .option('--rounds <n>', 'rounds; medians are printed', whole(1), 1)
  .option('--connections <n>', 'devices, each with a connection of its own', whole(1), 500)
  .option('--per-second <n>', 'messages a second over all devices', whole(1), 5000)
  .option('--in-flight <n>', 'unacknowledged messages a device keeps', whole(1), 20)
  .option('--viewers <n>', 'people with a page open', whole(1), 200)
  .option('--views <n>', 'pages, each of a unit with its share of devices and viewers', whole(1), 10)
  .option('--seconds <n>', 'how long is measured', whole(1), 30)
  .option('--warm-up-seconds <n>', 'what is sent before and not measured', whole(1), 15)
  .option('--rule', 'a rule has the worker compute qualifying units meanwhile', false)
  .option('--profile <folder>', 'write CPU profiles of the API and ingest there for each round')
  .option('--json <file>', 'also write the result as JSON')
  .action(async ({ json, ...options }: LiveBenchOptions & { json?: string }) => {
    const result = await benchLive(options);
    process.stdout.write(describeLive(result));
    if (json) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
    if (result.unseen !== 0 || result.gaps !== 0 || result.acknowledged !== result.stored) process.exitCode = 1;
  });

program
  .command('external')
  .description('publish → Mosquitto → workers on shared subscriptions → commit, against the same limit, interleaved')
  .option('--rounds <n>', 'rounds; medians are printed', whole(1), 3)
  .option('--connections <n>', 'devices, each with a connection of its own', whole(1), 100)
  .option('--in-flight <n>', 'unacknowledged messages a device keeps', whole(1), 20)
  .option('--messages <n>', 'usages a round', whole(1000), 200_000)
  .option('--warm-up <n>', 'usages before those, which are not measured', whole(0), 40_000)
  .option('--workers <n>', 'ingest processes', whole(1), 2)
  .option('--attributes', 'usages carry attributes, as a lock’s do; the limit’s rows have none', false)
  .option('--profile <folder>', 'write a CPU profile of each worker there')
  .option('--json <file>', 'also write the result as JSON')
  .action(async ({ json, ...options }: ExternalBenchOptions & { json?: string }) => {
    const result = await benchExternal(options);
    process.stdout.write(describeExternal(result));
    if (json) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
    if (result.lost !== 0 || result.doubled !== 0) process.exitCode = 1;
  });

program
  .command('peers')
  .description(
    'the product and what one would pick instead (Node-RED, Nest), without and with a kill; docs/bench/peers.md',
  )
  .option('--rounds <n>', 'rounds without a kill; medians are printed', whole(1), 1)
  .option('--connections <n>', 'devices, each with a connection of its own', whole(1), 100)
  .option('--in-flight <n>', 'unacknowledged messages a device keeps', whole(1), 20)
  .option('--messages <n>', 'usages for each, in each round', whole(1000), 100_000)
  .option('--offered-per-second <n>', 'messages a second; 0 = as fast as acknowledgements allow', whole(0), 0)
  .option('--json <file>', 'also write the result as JSON')
  .action(async ({ json, ...options }: PeersBenchOptions & { json?: string }) => {
    const result = await benchPeers(options);
    process.stdout.write(describePeers(result));
    if (json) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
    const product = result.contenders.find(({ name }) => name === 'nyttospar');
    const faults = [product?.steady, product?.crashed].filter((run) => !run || run.lost !== 0 || run.doubled !== 0);
    if (faults.length > 0) process.exitCode = 1;
  });

function print(result: IngestBenchResult): void {
  const { cpuMsPer1000ByProcess: cpu } = result;
  const row = (name: string, value: string): string => `${name.padEnd(38)} ${value.padStart(14)}\n`;
  process.stdout.write(
    [
      `${result.machine.cpu}, ${result.machine.cores} cores, Node ${result.machine.node}\n`,
      row('reference limit, rows/s', result.limitPerSecond.toFixed(0)),
      row('durable through the broker, usages/s', result.durablePerSecond.toFixed(0)),
      row('ratio', result.ratio.toFixed(3)),
      row('CPU-ms per 1,000 (ingest + PostgreSQL)', `${cpu.ingest.toFixed(1)} + ${cpu.postgres.toFixed(1)}`),
      row('CPU-ms per 1,000 of the limit', cpu.limitPostgres.toFixed(1)),
      row('PUBACK p50 / p99, ms', `${result.ackP50Ms.toFixed(1)} / ${result.ackP99Ms.toFixed(1)}`),
      row('  in single-row commits', `${result.ackP50InCommits.toFixed(1)} / ${result.ackP99InCommits.toFixed(1)}`),
      row('memory per connection, kB', result.kbPerConnection.toFixed(1)),
      row('acknowledged / stored / rolled up', `${result.acknowledged} / ${result.stored} / ${result.rolledUp}`),
      row('lost / doubled', `${result.lost} / ${result.doubled}`),
    ].join(''),
  );
}

await program.parseAsync();
