import { z } from 'zod';

const Settings = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Address of the MQTT listener. It is plain TCP: leave it on loopback unless the network is trusted. */
  BIND: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port; the ready message tells which. */
  MQTT_PORT: z.coerce.number().int().min(0).max(65_535).default(1883),
  MQTT_URL: z
    .undefined({ error: 'an external broker is not supported yet: leave it out to use the built-in one' })
    .optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

/** How ingest runs. */
export interface Config {
  readonly databaseUrl: string;
  readonly bind: string;
  readonly mqttPort: number;
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
  const { DATABASE_URL, BIND, MQTT_PORT, LOG_LEVEL } = settings.data;
  return { databaseUrl: DATABASE_URL, bind: BIND, mqttPort: MQTT_PORT, logLevel: LOG_LEVEL };
}
