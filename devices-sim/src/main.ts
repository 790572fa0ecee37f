import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_TIME_ZONE, FAMILY_CODES } from '#domain';
import type { z } from 'zod';
import { readConfig } from './config.js';
import { OUTAGE_MODES } from './device.js';
import { FleetDevice, readDevicesFile, TimeZone } from './devices-file.js';
import { Fleet } from './fleet.js';
import { assertLoopback, runLoad } from './load.js';
import { Memory } from './memory.js';
import { runFleet, stopSignal } from './process-life.js';

const DAY_MS = 86_400_000;
const log = (line: string) => console.log(line);

type RunOptions = Pick<z.input<typeof FleetDevice>, 'secret' | 'family' | 'seed' | 'activity' | 'outages'> & {
  device: string;
  url: string;
  zone: string;
  daysBack: number;
};

interface LoadOptions {
  url: string;
  devicesFile: string;
  rate: number;
  seconds: number;
  inFlight: number;
}

async function runDemo({ url }: { url: string }): Promise<void> {
  const { dataDir } = readConfig();
  const { zone, devices } = await readDevicesFile(join(dataDir, 'demo', 'devices.json'));
  const memory = await Memory.open(join(dataDir, 'simulator', 'acknowledged.json'));
  await runFleet(new Fleet({ url, zone, devices, memory, log }));
}

async function runOne({ device, url, zone, daysBack, ...behaviour }: RunOptions): Promise<void> {
  const since = new Date(Date.now() - daysBack * DAY_MS).toISOString();
  const one = FleetDevice.parse({ ...behaviour, publicId: device, since });
  await runFleet(new Fleet({ url, zone, devices: [one], memory: await Memory.open(null), log }));
}

async function runLoadMode({ devicesFile, ...plan }: LoadOptions): Promise<void> {
  assertLoopback(plan.url);
  const { devices } = await readDevicesFile(devicesFile);
  const result = await runLoad({ ...plan, devices }, stopSignal());
  console.log(JSON.stringify(result, null, 2));
}

/** A whole or broken number of at least `min`. */
function numberFrom(min: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number) || number < min) {
      throw new InvalidArgumentError(`Write a number from ${min}.`);
    }
    return number;
  };
}

function wholeFrom(min: number): (text: string) => number {
  return (text) => {
    const number = numberFrom(min)(text);
    if (!Number.isInteger(number)) throw new InvalidArgumentError('Write a whole number.');
    return number;
  };
}

function zoneOf(text: string): string {
  if (TimeZone.safeParse(text).success) return text;
  throw new InvalidArgumentError(`Write a time zone as ${DEFAULT_TIME_ZONE}.`);
}

const EXAMPLES = `
Examples:
  demo                                                         every device of DATA_DIR/demo/devices.json
  run --device lock-1 --secret S --family keyless_lock --days-back 30
  load --devices-file devices.json --rate 2000 --seconds 30    prints the result as JSON

Environment: MQTT_URL (mqtt://127.0.0.1:1883), DATA_DIR (data).
A devices file holds secrets: its mode must be 0600.`;

function commandLine(): Command {
  const program = new Command('sim')
    .description('Simulated devices: they speak the device contract over MQTT, each with its own credentials.')
    .addHelpText('after', EXAMPLES);
  const url = () => new Option('--url <url>', 'MQTT broker').default(readConfig().mqttUrl);

  program
    .command('demo')
    .description('all devices of the demonstration: their history first, then live')
    .addOption(url())
    .action(runDemo);
  program
    .command('run')
    .description('one device')
    .requiredOption('--device <id>', 'public id, also the MQTT user')
    .requiredOption('--secret <secret>', 'its secret')
    .addOption(new Option('--family <family>', 'what it is').choices(FAMILY_CODES).makeOptionMandatory())
    .addOption(url())
    .option('--seed <number>', 'another seed, another life', wholeFrom(Number.MIN_SAFE_INTEGER), 1)
    .option('--activity <factor>', 'factor on the usages per day', numberFrom(0), 1)
    .option('--days-back <days>', 'tell this much history first', numberFrom(0), 0)
    .addOption(new Option('--outages <mode>', 'usages of offline hours').choices(OUTAGE_MODES).default('late'))
    .option('--zone <zone>', 'time zone of its days', zoneOf, DEFAULT_TIME_ZONE)
    .action(runOne);
  program
    .command('load')
    .description('bounded load on this machine; reports sent, acknowledged, rate and latency as JSON')
    .requiredOption('--devices-file <file>', 'devices to log in as')
    .requiredOption('--rate <number>', 'messages a second over all devices', numberFrom(0.1))
    .requiredOption('--seconds <number>', 'how long', numberFrom(0.1))
    .option('--in-flight <number>', 'unacknowledged messages of one device', wholeFrom(1), 20)
    .addOption(url())
    .action(runLoadMode);
  return program;
}

try {
  await commandLine().parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
