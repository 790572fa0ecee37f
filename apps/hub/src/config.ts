import { resolve } from 'node:path';
import { z } from 'zod';

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((number) => number >= 1 && number <= 65_535);
const onOff = z.enum(['on', 'off']).transform((value) => value === 'on');
const urlOf = (pattern: RegExp) => z.string().refine((text) => pattern.test(text) && URL.canParse(text));

/** Everything that can be set, by environment or by flag: `HTTP_PORT=3001` is `--http-port 3001`. */
const SETTINGS = {
  HTTP_PORT: { schema: port.prefault('3000'), example: '3001', allowed: 'a port from 1 to 65535', is: 'pages and API' },
  MQTT_PORT: { schema: port.prefault('1883'), example: '1884', allowed: 'a port from 1 to 65535', is: 'devices' },
  MQTT_TLS_PORT: {
    schema: port.prefault('8883'),
    example: '8884',
    allowed: 'a port from 1 to 65535',
    is: 'devices with TLS, when there is a certificate',
  },
  MQTT_TLS_CERT: {
    schema: z.string().min(1).optional(),
    example: '/etc/nyttospar/cert.pem',
    allowed: 'a PEM file',
    is: 'the certificate of the built-in MQTT broker with its chain; opens the listener with TLS',
  },
  MQTT_TLS_KEY: {
    schema: z.string().min(1).optional(),
    example: '/etc/nyttospar/key.pem',
    allowed: 'a PEM file',
    is: 'the private key of that certificate',
  },
  BIND: {
    schema: z.union([z.ipv4(), z.ipv6(), z.literal('localhost')]).default('127.0.0.1'),
    example: '0.0.0.0',
    allowed: 'an IP address of this machine',
    is: 'the address to listen on; 127.0.0.1 is reached from this machine only',
  },
  DATA_DIR: {
    schema: z.string().min(1).default('./data'),
    example: '/var/lib/nyttospar',
    allowed: 'a folder that can be written',
    is: 'where the database and the logs are kept',
  },
  DATABASE_URL: {
    schema: urlOf(/^postgres(ql)?:\/\//).optional(),
    example: 'postgres://user:password@127.0.0.1:5432/nyttospar',
    allowed: 'a postgres:// URL',
    is: 'a PostgreSQL server of your own (17 or newer); the built-in one is started without it',
  },
  MQTT_URL: {
    schema: urlOf(/^mqtts?:\/\//).optional(),
    example: 'mqtts://broker.example:8883',
    allowed: 'an mqtt:// or mqtts:// URL',
    is: 'an MQTT 5 broker of your own, where ingest subscribes; the built-in one is used without it',
  },
  DEMO: {
    schema: onOff.prefault('on'),
    example: 'off',
    allowed: 'on or off',
    is: 'demo organisation with example data',
  },
  SIMULATOR: {
    schema: onOff.prefault('on'),
    example: 'off',
    allowed: 'on or off',
    is: 'simulated devices in the demo',
  },
} as const;

type Name = keyof typeof SETTINGS;

const NAMES = Object.keys(SETTINGS) as Name[];

const Schema = z.object({
  HTTP_PORT: SETTINGS.HTTP_PORT.schema,
  MQTT_PORT: SETTINGS.MQTT_PORT.schema,
  MQTT_TLS_PORT: SETTINGS.MQTT_TLS_PORT.schema,
  MQTT_TLS_CERT: SETTINGS.MQTT_TLS_CERT.schema,
  MQTT_TLS_KEY: SETTINGS.MQTT_TLS_KEY.schema,
  BIND: SETTINGS.BIND.schema,
  DATA_DIR: SETTINGS.DATA_DIR.schema,
  DATABASE_URL: SETTINGS.DATABASE_URL.schema,
  MQTT_URL: SETTINGS.MQTT_URL.schema,
  DEMO: SETTINGS.DEMO.schema,
  SIMULATOR: SETTINGS.SIMULATOR.schema,
});

/** How this installation runs; `dataDir` is absolute, `environment` is what the children inherit besides. */
export interface Settings {
  httpPort: number;
  mqttPort: number;
  /** The built-in broker’s listener with TLS; files are absolute. */
  mqttTls: { port: number; certFile: string; keyFile: string } | undefined;
  bind: string;
  dataDir: string;
  databaseUrl: string | undefined;
  mqttUrl: string | undefined;
  isDemo: boolean;
  hasSimulator: boolean;
  environment: NodeJS.ProcessEnv;
}

/** A setting that cannot be used; the message names it, what is allowed, and an example. */
export class BadSetting extends Error {
  override readonly name = 'BadSetting';
}

/** Reads flags first, then the environment, then the defaults; `help` when asked for. Throws `BadSetting`. */
export function readSettings(args: string[], environment: NodeJS.ProcessEnv = process.env): Settings | 'help' {
  if (args.includes('--help') || args.includes('-h')) return 'help';
  const given = { ...pickKnown(environment), ...parseFlags(args) };
  const parsed = Schema.safeParse(given);
  if (!parsed.success)
    throw new BadSetting(parsed.error.issues.map(({ path }) => explain(path[0] as Name, given)).join('\n'));
  const { data } = parsed;
  const mqttTls = tlsOf(data);
  if (data.MQTT_URL === undefined) refuseSamePorts(data, mqttTls !== undefined);
  return {
    httpPort: data.HTTP_PORT,
    mqttPort: data.MQTT_PORT,
    mqttTls,
    bind: data.BIND,
    dataDir: resolve(data.DATA_DIR),
    databaseUrl: data.DATABASE_URL,
    mqttUrl: data.MQTT_URL,
    isDemo: data.DEMO,
    hasSimulator: data.DEMO && data.SIMULATOR,
    environment,
  };
}

/** An empty variable counts as not set, as it does in a compose file. */
function pickKnown(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(NAMES.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}

function parseFlags(args: string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (let index = 0; index < args.length; index++) {
    const [flag = '', ...rest] = (args[index] ?? '').split('=');
    const name = NAMES.find((known) => flag === flagOf(known));
    if (!name) throw new BadSetting(`There is no setting ${flag}. The settings are: ${NAMES.map(flagOf).join(', ')}.`);
    const value = rest.length > 0 ? rest.join('=') : args[++index];
    if (!value) throw new BadSetting(`${flag} needs a value: ${SETTINGS[name].allowed}. Example: ${exampleOf(name)}`);
    given[name] = value;
  }
  return given;
}

const flagOf = (name: Name): string => `--${name.toLowerCase().replaceAll('_', '-')}`;

/** How to set it: `HTTP_PORT=3001 npm start`. */
export const exampleOf = (name: Name): string => `${name}=${SETTINGS[name].example} npm start`;

/** A URL may carry a password, so its value is not repeated. */
function explain(name: Name, given: Record<string, string>): string {
  const value = name.endsWith('_URL') ? '' : ` ("${given[name]}")`;
  return `${name}${value} must be ${SETTINGS[name].allowed}. Example: ${exampleOf(name)}`;
}

type Given = z.output<typeof Schema>;

function tlsOf({ MQTT_TLS_PORT, MQTT_TLS_CERT, MQTT_TLS_KEY }: Given): Settings['mqttTls'] {
  if (!MQTT_TLS_CERT && !MQTT_TLS_KEY) return undefined;
  if (MQTT_TLS_CERT && MQTT_TLS_KEY) {
    return { port: MQTT_TLS_PORT, certFile: resolve(MQTT_TLS_CERT), keyFile: resolve(MQTT_TLS_KEY) };
  }
  const missing = MQTT_TLS_CERT ? 'MQTT_TLS_KEY' : 'MQTT_TLS_CERT';
  throw new BadSetting(
    `${missing} is missing: a certificate and its key belong together. Example: ${exampleOf(missing)}`,
  );
}

function refuseSamePorts(data: Given, hasTls: boolean): void {
  const names: Name[] = ['HTTP_PORT', 'MQTT_PORT', ...(hasTls ? (['MQTT_TLS_PORT'] as const) : [])];
  for (const [index, name] of names.entries()) {
    const other = names.slice(index + 1).find((later) => data[later] === data[name]);
    if (!other) continue;
    throw new BadSetting(`${name} and ${other} are both ${data[name]}; they must differ. Example: ${exampleOf(name)}`);
  }
}

/** What `--help` prints. */
export function helpText(): string {
  const lines = NAMES.map((name) => `  ${name.padEnd(13)} ${SETTINGS[name].is}; ${SETTINGS[name].allowed}`);
  const how = 'Set them by environment (HTTP_PORT=3001 npm start) or by flag (npm start -- --http-port 3001).';
  return ['Nyttospår on one machine.', '', 'Settings:', ...lines, '', how].join('\n');
}
