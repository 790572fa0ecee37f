import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { upwardTopic } from '#contracts';
import mqtt, { type MqttClient } from 'mqtt';
import { type Bird, CANARY_METRIC } from './keep-device.js';
import type { Probe } from './flight.js';

const RECONNECT_MS = 1_000;
const LOOK_MS = 25;
/** MQTT 3.1.1 return codes that say that the log-in itself is wrong. */
const REFUSALS = [4, 5];

/** Where a canary flies, and how long it waits. */
export interface Sky {
  readonly url: string;
  readonly ca: string | undefined;
  /** A usage whose row is not there by then is missed. */
  readonly missMs: number;
  /** Looks for the usage of an instant. */
  readonly hasRow: (deviceKey: number, at: Date) => Promise<boolean>;
  /** Aborted when it is to land. */
  readonly landing: AbortSignal;
}

/** One municipality's canary: an MQTT client as any device has it. */
export class Canary {
  private readonly client: MqttClient;
  private sent = 0;
  /** The broker did not know it: it needs a new secret. */
  isRefused = false;

  constructor(
    readonly bird: Bird,
    private readonly sky: Sky,
  ) {
    this.client = mqtt.connect(sky.url, {
      ...bird.login,
      clientId: bird.login.username,
      clean: true,
      reconnectPeriod: RECONNECT_MS,
      ...(sky.ca !== undefined && { ca: sky.ca }),
    });
    this.client.on('connect', () => (this.isRefused = false));
    this.client.on('error', (error) => (this.isRefused ||= REFUSALS.includes((error as { code?: number }).code ?? 0)));
  }

  /** Publishes one usage and looks for its row; what goes wrong on the way is a miss, a failing look throws. */
  async probe(): Promise<Probe> {
    const deadline = performance.now() + this.sky.missMs;
    if (!(await this.isConnectedBy(deadline))) return 'missed';
    const [at, sentAt] = [new Date(), performance.now()];
    if (!(await this.isAcknowledgedBy(deadline, at))) return 'missed';
    const ackMs = performance.now() - sentAt;
    while (performance.now() < deadline && !this.sky.landing.aborted) {
      if (await this.sky.hasRow(this.bird.deviceKey, at)) return { at, ackMs, rowMs: performance.now() - sentAt };
      await this.wait(LOOK_MS);
    }
    return 'missed';
  }

  async land(): Promise<void> {
    await this.client.endAsync(true);
  }

  private async isConnectedBy(deadline: number): Promise<boolean> {
    while (!this.client.connected && !this.isRefused && performance.now() < deadline && !this.sky.landing.aborted)
      await this.wait(LOOK_MS);
    return this.client.connected;
  }

  private async isAcknowledgedBy(deadline: number, at: Date): Promise<boolean> {
    const id = `${at.getTime().toString(36)}-${(this.sent += 1)}`;
    const usage = { id, metric: CANARY_METRIC, at: at.toISOString(), attributes: { topic: 'notice' } };
    const topic = upwardTopic(this.bird.login.username, 'usage');
    const acknowledged = this.client.publishAsync(topic, JSON.stringify(usage), { qos: 1 }).then(
      () => true,
      () => false,
    );
    // One that is not acknowledged in time is sent again when the broker is back, as a device does.
    return Promise.race([acknowledged, this.wait(deadline - performance.now()).then(() => false)]);
  }

  private async wait(ms: number): Promise<void> {
    await setTimeout(Math.max(0, ms), undefined, { signal: this.sky.landing, ref: false }).catch(() => undefined);
  }
}
