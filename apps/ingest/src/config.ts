import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { TlsSettings } from './broker/listeners.js';
import { readLogin, type BrokerSettings } from './subscribe/broker-login.js';
import { WORKER_SLOTS } from './worker-slot.js';

const Settings = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'a postgres:// URL of the database' }),
  /** Address of the MQTT listeners. The plain one stays on loopback when there is one with TLS. */
  BIND: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port; the ready message tells which. */
  MQTT_PORT: z.coerce.number().int().min(0).max(65_535).default(1883),
  /** PEM files of a certificate and its key: with them there is a listener with TLS. Read again when they change. */
  MQTT_TLS_CERT: z.string().optional(),
  MQTT_TLS_KEY: z.string().optional(),
  MQTT_TLS_PORT: z.coerce.number().int().min(0).max(65_535).default(8883),
  /** `on`: the plain listener is beyond this machine too although there is one with TLS. */
  MQTT_PLAIN: z.enum(['on', 'loopback']).default('loopback'),
  /** An external MQTT 5 broker: ingest then subscribes there and listens on no port. */
  MQTT_URL: z
    .url({
      protocol: /^mqtts?$/,
      error: 'an mqtt:// or mqtts:// URL of an MQTT 5 broker; leave it out for the built-in one',
      abort: true,
    })
    .refine(isLoginReadable, { error: 'its user and password are percent-encoded: write % as %25, @ as %40' })
    .optional(),
  MQTT_USERNAME: z.string().optional(),
  MQTT_PASSWORD: z.string().optional(),
  /** A file of PEM certificates that vouch for the external broker's. */
  MQTT_CA: z.string().optional(),
  /** `off`: one worker with ordinary subscriptions, for Mosquitto before 2.0.12, which forgets shared ones at its restart. */
  MQTT_SHARED: z.enum(['on', 'off']).default('on'),
  /** After so long without a sign of life another worker takes what this one's session at the broker holds. */
  TAKE_OVER_SECONDS: z.coerce.number().min(1).max(86_400).default(60),
  /** The worker's slot among several on one database; the lowest free one unless given. */
  WORKER: z.coerce
    .number()
    .int()
    .min(0)
    .max(WORKER_SLOTS - 1)
    .optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

/** How ingest runs. */
export interface Config {
  readonly databaseUrl: string;
  readonly bind: string;
  readonly mqttPort: number;
  /** Null = the plain listener only. */
  readonly tls: TlsSettings | null;
  /** Null = the embedded broker. */
  readonly broker: BrokerSettings | null;
  readonly wantedSlot: number | undefined;
  readonly logLevel: string;
}

/** Reads the settings once; an error names each setting that is wrong, in one readable text. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const settings = Settings.safeParse(given);
  if (!settings.success) {
    const lines = settings.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`Ingest cannot start, its settings are wrong. ${lines.join('; ')}`);
  }
  const { DATABASE_URL, MQTT_PORT, LOG_LEVEL, WORKER } = settings.data;
  return {
    databaseUrl: DATABASE_URL,
    ...listenersOf(settings.data),
    mqttPort: MQTT_PORT,
    broker: brokerOf(settings.data),
    wantedSlot: WORKER,
    logLevel: LOG_LEVEL,
  };
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Whether only this machine reaches an address. */
export function isLoopback(bind: string): boolean {
  return LOOPBACK.includes(bind);
}

function listenersOf(settings: z.output<typeof Settings>): Pick<Config, 'bind' | 'tls'> {
  const { BIND: bind, MQTT_TLS_CERT: certFile, MQTT_TLS_KEY: keyFile, MQTT_TLS_PORT: port, MQTT_PLAIN } = settings;
  if (certFile === undefined && keyFile === undefined) return { bind, tls: null };
  if (certFile === undefined || keyFile === undefined) {
    throw new Error('Ingest cannot start: MQTT_TLS_CERT and MQTT_TLS_KEY belong together, one of them is missing.');
  }
  const isPlainBeyond = MQTT_PLAIN === 'on' || isLoopback(bind);
  return { bind: isPlainBeyond ? bind : '127.0.0.1', tls: { bind, port, certFile, keyFile } };
}

function isLoginReadable(url: string): boolean {
  try {
    return readLogin(url) !== null;
  } catch {
    return false;
  }
}

function brokerOf(settings: z.output<typeof Settings>): BrokerSettings | null {
  const { MQTT_URL, MQTT_USERNAME, MQTT_PASSWORD, MQTT_CA, TAKE_OVER_SECONDS } = settings;
  if (MQTT_URL === undefined) return null;
  const ca = MQTT_CA === undefined ? undefined : readCertificates(MQTT_CA);
  const login = readLogin(MQTT_URL, { username: MQTT_USERNAME, password: MQTT_PASSWORD, ca });
  return { login, isShared: settings.MQTT_SHARED === 'on', takeOverAfterMs: TAKE_OVER_SECONDS * 1000 };
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`Ingest cannot start: the file MQTT_CA (${file}) cannot be read.`, { cause });
  }
}
