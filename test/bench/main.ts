import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { benchExternal, describeExternal, type ExternalBenchOptions } from './external.js';
import { benchHistory, describeHistory } from './history.js';
import { benchIngest, describeIngest, type IngestBenchOptions } from './ingest.js';
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

interface ToJson {
  /** File for the result as JSON. */
  json?: string;
}

const bench = (name: string, description: string): Command =>
  program.command(name).description(description).option('--json <file>', 'also write the result as JSON');

/** Tells people the result, and writes it as JSON where that is asked for. */
async function tell(
  description: string,
  { result, json }: { result: object; json: string | undefined },
): Promise<void> {
  process.stdout.write(description);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
}

bench('ingest', 'publish → commit → PUBACK through the broker, against the frozen reference limit, interleaved')
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
  .action(async ({ json, ...options }: IngestBenchOptions & ToJson) => {
    const result = await benchIngest(options);
    await tell(describeIngest(result), { result, json });
    if (result.lost !== 0 || result.doubled !== 0) process.exitCode = 1;
  });

bench('history', 'what a message costs on top of ever more stored rows, as a share of its cost in empty tables')
  .option('--rows <n...>', 'rows stored before', (text, all: number[] = []) => [...all, whole(1)(text)])
  .option('--messages <n>', 'usages a round', whole(1000), 100_000)
  .option('--rounds <n>', 'rounds; medians are printed', whole(1), 3)
  .action(async ({ json, ...options }: { rows?: number[]; messages: number; rounds: number } & ToJson) => {
    const result = await benchHistory({ rows: [1_000_000, 10_000_000], ...options });
    await tell(describeHistory(result), { result, json });
    if (result.steps.some(({ lost, doubled }) => lost !== 0 || doubled !== 0)) process.exitCode = 1;
  });

bench('storage', 'bytes of a stored usage and of the roll-ups, by how often a device is used')
  .option('--rows <n>', 'rows for the device that is used every minute', whole(1000), 1_000_000)
  .action(async ({ json, rows }: { rows: number } & ToJson) => {
    const result = await benchStorage({ rows });
    await tell(describeStorage(result), { result, json });
  });

bench('reads', 'how long the pages take, as people with different scopes ask the API for them, on top of stored usage')
  .option('--rows <n>', 'usages stored before', whole(1000), 1_000_000)
  .option('--devices <n>', 'devices of the municipality', whole(5000), 50_000)
  .option('--trials <n>', 'trials of the municipality', whole(2), 500)
  .option('--requests <n>', 'requests of each kind', whole(1), 100)
  .option('--keep <folder>', 'keep the filled database there; a further run with it fills only the hours since')
  .option('--only <text>', 'only kinds of request whose name holds it')
  .action(async ({ json, ...options }: ReadsBenchOptions & ToJson) => {
    const result = await benchReads(options);
    await tell(describeReads(result), { result, json });
  });

bench('memory', 'what the whole product takes, and what a further connection adds')
  .option('--devices <n>', 'devices of the whole, each with a message a minute', whole(1), 1000)
  .option('--seconds <n>', 'how long they send', whole(1), 120)
  .option('--connections <n>', 'connections to which the broker grows from there', whole(2), 10_000)
  .action(async ({ json, ...options }: MemoryBenchOptions & ToJson) => {
    const result = await benchMemory(options);
    await tell(describeMemory(result), { result, json });
  });

bench('live', 'publish → commit → notice → page read again → first delta that counts it, at every viewer of its unit')
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
  .action(async ({ json, ...options }: LiveBenchOptions & ToJson) => {
    const result = await benchLive(options);
    await tell(describeLive(result), { result, json });
    if (result.unseen !== 0 || result.gaps !== 0 || result.acknowledged !== result.stored) process.exitCode = 1;
  });

bench('external', 'publish → Mosquitto → workers on shared subscriptions → commit, against the same limit, interleaved')
  .option('--rounds <n>', 'rounds; medians are printed', whole(1), 3)
  .option('--connections <n>', 'devices, each with a connection of its own', whole(1), 100)
  .option('--in-flight <n>', 'unacknowledged messages a device keeps', whole(1), 20)
  .option('--messages <n>', 'usages a round', whole(1000), 200_000)
  .option('--warm-up <n>', 'usages before those, which are not measured', whole(0), 40_000)
  .option('--workers <n>', 'ingest processes', whole(1), 2)
  .option('--attributes', 'usages carry attributes, as a lock’s do; the limit’s rows have none', false)
  .option('--profile <folder>', 'write a CPU profile of each worker there')
  .action(async ({ json, ...options }: ExternalBenchOptions & ToJson) => {
    const result = await benchExternal(options);
    await tell(describeExternal(result), { result, json });
    if (result.lost !== 0 || result.doubled !== 0) process.exitCode = 1;
  });

bench(
  'peers',
  'the product and what one would pick instead (Node-RED, Nest), without and with a kill; docs/bench/peers.md',
)
  .option('--rounds <n>', 'rounds without a kill; medians are printed', whole(1), 1)
  .option('--connections <n>', 'devices, each with a connection of its own', whole(1), 100)
  .option('--in-flight <n>', 'unacknowledged messages a device keeps', whole(1), 20)
  .option('--messages <n>', 'usages for each, in each round', whole(1000), 100_000)
  .option('--offered-per-second <n>', 'messages a second; 0 = as fast as acknowledgements allow', whole(0), 0)
  .action(async ({ json, ...options }: PeersBenchOptions & ToJson) => {
    const result = await benchPeers(options);
    await tell(describePeers(result), { result, json });
    const product = result.contenders.find(({ name }) => name === 'nyttospar');
    const faults = [product?.steady, product?.crashed].filter((run) => !run || run.lost !== 0 || run.doubled !== 0);
    if (faults.length > 0) process.exitCode = 1;
  });

await program.parseAsync();
