import { spawn } from 'node:child_process';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { TestDevice } from './ingest.js';

/** Where and as whom to connect. */
export interface Connecting extends Pick<TestDevice, 'publicId' | 'secret'> {
  readonly port: number;
}

/** A real MQTT client that does not come back by itself; rejects with the broker's refusal. */
export async function connect(
  { port, publicId, secret }: Connecting,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const login = { username: publicId, password: secret };
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
    ...login,
    reconnectPeriod: 0,
    connectTimeout: 15_000,
    ...options,
  });
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('the connection was closed')));
  });
  client.on('error', () => undefined);
  return client;
}

/** Publishes on a device's own channel and waits for the acknowledgement. */
export async function publish(client: MqttClient, topic: string, content: unknown): Promise<void> {
  const payload = Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content);
  await client.publishAsync(topic, payload, { qos: 1 });
}

/** The return code of a refused log-in, null when it was let in. */
export async function refusalOf(connecting: Connecting, options: IClientOptions = {}): Promise<number | string | null> {
  try {
    const client = await connect(connecting, options);
    await client.endAsync(true);
    return null;
  } catch (error) {
    const { code, message } = error as { code?: number | string; message: string };
    return code ?? message;
  }
}

/** Resolves when the client's connection is gone. */
export async function closed(client: MqttClient): Promise<void> {
  if (!client.connected) return;
  await new Promise<void>((resolve) => client.once('close', () => resolve()));
}

/** Runs `mosquitto_pub` with the payload on its standard input; resolves with its exit code and words. */
export async function mosquittoPub(
  { port, publicId, secret }: Connecting,
  given: { topic: string; payload: string | Buffer; args?: string[] },
): Promise<{ code: number | null; text: string }> {
  const who = ['-h', '127.0.0.1', '-p', String(port), '-u', publicId, '-P', secret];
  const child = spawn('mosquitto_pub', [...who, '-q', '1', '-t', given.topic, '-s', ...(given.args ?? [])]);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  child.stdin.on('error', () => undefined);
  child.stdin.end(given.payload);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('close', resolve).once('error', reject),
  );
  return { code, text };
}
