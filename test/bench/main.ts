import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { benchIngest, type IngestBenchResult } from './ingest.js';

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
  .option('--attributes', 'usages carry attributes, as a lock’s do; the limit’s rows have none', false)
  .option('--profile <folder>', 'write a CPU profile of ingest there for each round')
  .option('--json <file>', 'also write the result as JSON')
  .action(
    async ({
      json,
      ...options
    }: {
      json?: string;
      rounds: number;
      connections: number;
      inFlight: number;
      messages: number;
      attributes: boolean;
      profile?: string;
    }) => {
      const result = await benchIngest(options);
      print(result);
      if (json) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
      if (result.lost !== 0 || result.doubled !== 0) process.exitCode = 1;
    },
  );

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
      row('acknowledged / stored / rolled up', `${result.acknowledged} / ${result.stored} / ${result.rolledUp}`),
      row('lost / doubled', `${result.lost} / ${result.doubled}`),
    ].join(''),
  );
}

await program.parseAsync();
