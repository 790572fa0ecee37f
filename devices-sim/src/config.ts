import { z } from 'zod';

const Environment = z.object({
  /** Where the devices' broker listens. */
  MQTT_URL: z.url({ protocol: /^mqtts?$/ }).default('mqtt://127.0.0.1:1883'),
  /** Holds `demo/devices.json`; the simulator keeps its notes in `simulator/`. */
  DATA_DIR: z.string().min(1).default('data'),
});

export interface Config {
  readonly mqttUrl: string;
  readonly dataDir: string;
}

/** Reads the environment once; throws with one readable line per setting that is wrong. */
export function readConfig(): Config {
  const result = Environment.safeParse(process.env);
  if (!result.success) throw new Error(`The environment is not as expected:\n${z.prettifyError(result.error)}`);
  return { mqttUrl: result.data.MQTT_URL, dataDir: result.data.DATA_DIR };
}
