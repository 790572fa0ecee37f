import { FAMILIES, FAMILY_CODES, type FamilyCode, type Text } from '#domain';
import { Command, InvalidArgumentError, Option } from 'commander';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { judge } from './judge.js';
import { startKit, type KitOptions } from './kit.js';
import { logOf, type Run } from './observation.js';
import { printed, type Language } from './print.js';

interface Options {
  readonly family: FamilyCode;
  readonly address: string;
  readonly port: number;
  readonly minutes: number;
  readonly device?: string;
  readonly secret?: string;
  readonly json?: string;
  readonly log?: string;
  readonly lang: Language;
}

const NOT_PASSED = 1;
const NOT_RUN = 2;
const MINUTE_MS = 60_000;
const PAUSE_MAX_MS = 60_000;
const PAUSE_PART = 0.2;

const HELP = `
Point the device at the address and port with the user name and secret that are printed, and use it. During the run one
acknowledgement is withheld and connections are refused for a while: the device must lose nothing by it.

A required clause passes only when it was seen: heartbeats need a run longer than the family's interval
(${FAMILY_CODES.map((code) => `${code} ${FAMILIES[code].heartbeatSeconds / 60} min`).join(', ')}).

Exit code: 0 when every required clause passed, 1 when not, 2 when the kit could not run.

Examples:
  npm run conformance -- --family keyless_lock --address 0.0.0.0 --port 1884 --minutes 70 --json report.json
  npm run conformance -- --family sleep_robot --lang sv`;

function numberFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() === '' || !(number >= min && number <= max)) {
      throw new InvalidArgumentError(`Write a number from ${min} to ${max}.`);
    }
    return number;
  };
}

function deviceName(text: string): string {
  if (/^[\w.-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('Write 1 to 64 letters, digits, dots, dashes and underscores.');
}

function readOptions(): Options {
  return new Command('conformance')
    .description('Tests a real device against the device contract, clause by clause, and reports what it saw.')
    .addOption(new Option('--family <family>', 'what the device is').choices(FAMILY_CODES).makeOptionMandatory())
    .option('--address <address>', 'where to listen; 0.0.0.0 for devices on the network', '127.0.0.1')
    .option('--port <port>', 'where to listen, without TLS', numberFrom(0, 65_535), 1884)
    .option('--minutes <number>', 'how long to watch', numberFrom(0.1, 10_080), 10)
    .option('--device <id>', 'the device’s id, also its user name (else a new one)', deviceName)
    .option('--secret <secret>', 'its secret (else a new one)')
    .option('--json <file>', 'write the report as JSON')
    .option('--log <file>', 'write what was observed, one JSON a line: the report holds its SHA-256')
    .addOption(new Option('--lang <language>', 'of the report').choices(['sv', 'en']).default('en'))
    .addHelpText('after', HELP)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : NOT_RUN))
    .parse()
    .opts<Options>();
}

function kitOptions(options: Options): KitOptions {
  const durationMs = options.minutes * MINUTE_MS;
  return {
    family: options.family,
    deviceId: options.device ?? `kit-${randomBytes(4).toString('hex')}`,
    secret: options.secret ?? randomBytes(16).toString('base64url'),
    address: options.address,
    port: options.port,
    durationMs,
    pauseMs: Math.min(PAUSE_MAX_MS, durationMs * PAUSE_PART),
    tell: (what) => console.error(what[options.lang]),
    signal: interrupted(),
  };
}

/** Ctrl-C ends the run early, with its report. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

function invitation({ address, deviceId, secret }: KitOptions, port: number): Text {
  const facts = `MQTT 3.1.1, ${address}:${port}\n`;
  return {
    sv: `${facts}Användarnamn: ${deviceId}\nHemlighet:    ${secret}`,
    en: `${facts}User name: ${deviceId}\nSecret:    ${secret}`,
  };
}

async function report(run: Run, { json, log, lang }: Options): Promise<void> {
  const judged = judge(run);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(judged, null, 2)}\n`);
  if (log !== undefined) await writeFile(log, logOf(run.observations));
  console.log(printed(judged, lang));
  process.exitCode = judged.hasPassed ? 0 : NOT_PASSED;
}

try {
  const options = readOptions();
  const chosen = kitOptions(options);
  const kit = await startKit(chosen);
  console.error(invitation(chosen, kit.port)[options.lang]);
  await report(await kit.finished, options);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = NOT_RUN;
}
