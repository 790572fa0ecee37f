import { commandTopics, upwardTopic } from '#contracts';
import type { FamilyCode, Text } from '#domain';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Listener } from './listener.js';
import type { Observation, Run } from './observation.js';

/** How to run the kit. */
export interface KitOptions {
  readonly family: FamilyCode;
  readonly deviceId: string;
  readonly secret: string;
  readonly address: string;
  readonly port: number;
  readonly durationMs: number;
  /** How long connections are refused, once. */
  readonly pauseMs: number;
  /** Tells the person at the device what to do. */
  readonly tell: (what: Text) => void;
  readonly signal?: AbortSignal;
}

/** A kit that is running. */
export interface Kit {
  readonly port: number;
  /** Resolves at the end of the run, or when the signal aborts. */
  readonly finished: Promise<Run>;
}

/** Usages acknowledged before one is withheld: the device must work before it is disturbed. */
const USAGES_BEFORE = 3;
/** A device that is seldom used is disturbed at its first usage from this part of the run on, or refused without it. */
const WITHHOLD_BY = 0.4;
const PAUSE_BY = 0.55;
/** After the repeat came, and before the device is refused. */
const CALM_MS = 3_000;
const LOOK_MS = 250;

/** Starts listening; rejects when the port is not to be had. */
export async function startKit(options: KitOptions): Promise<Kit> {
  const watching = new Watching(options);
  const listener = await Listener.start({
    ...options,
    observe: (observation) => watching.observe(observation),
    acknowledges: (topic, qos) => watching.acknowledges(topic, qos),
  });
  return { port: listener.port, finished: watching.run(listener) };
}

/**
 * A run: watch the device at work, withhold one acknowledgement and cut the connection, wait for the repeat, refuse
 * connections for a while, watch the device come back. A command is sent as soon as the device has subscribed.
 */
class Watching {
  private readonly observations: Observation[] = [];
  private readonly startedAtMs = Date.now();
  private acknowledgedUsages = 0;
  private withheldAtMs: number | null = null;
  private repeatedAtMs: number | null = null;

  constructor(private readonly options: KitOptions) {}

  observe(observation: Observation): void {
    this.observations.push(observation);
  }

  acknowledges(topic: string, qos: number): boolean {
    if (qos !== 1 || topic !== upwardTopic(this.options.deviceId, 'usage')) return true;
    if (this.withheldAtMs !== null) {
      this.repeatedAtMs ??= Date.now();
      return true;
    }
    this.acknowledgedUsages += 1;
    if (this.acknowledgedUsages <= USAGES_BEFORE && this.part < WITHHOLD_BY) return true;
    this.withheldAtMs = Date.now();
    return false;
  }

  async run(listener: Listener): Promise<Run> {
    this.options.tell(TELL.start);
    await this.until(() => this.isTimeToRefuse, listener);
    if (!this.isOver) await this.refuse(listener);
    await this.until(() => false, listener);
    await listener.stop();
    const { family, deviceId } = this.options;
    // A copy: connections that were just cut still end.
    const observations = [...this.observations];
    return { family, deviceId, startedAtMs: this.startedAtMs, endedAtMs: Date.now(), observations };
  }

  private async refuse(listener: Listener): Promise<void> {
    this.options.tell(TELL.pause(this.options.pauseMs / 1000));
    this.note('pause_began');
    listener.isRefusing = true;
    listener.cut();
    await this.wait(this.options.pauseMs);
    listener.isRefusing = false;
    this.note('pause_ended');
    this.options.tell(TELL.again);
  }

  private async until(isSo: () => boolean, listener: Listener): Promise<void> {
    while (!this.isOver && !isSo()) {
      await this.wait(LOOK_MS);
      await this.sendCommand(listener);
    }
  }

  /** Sent once. */
  private async sendCommand(listener: Listener): Promise<void> {
    const own = commandTopics(this.options.deviceId);
    const hears = this.observations.some((one) => one.kind === 'subscribe' && one.filter === own);
    if (!hears || this.observations.some(({ kind }) => kind === 'command')) return;
    const commandId = `kit-${randomBytes(4).toString('hex')}`;
    this.observe({ kind: 'command', atMs: Date.now(), connection: 0, commandId });
    await listener.command(commandId);
  }

  private note(kind: 'pause_began' | 'pause_ended'): void {
    this.observe({ kind, atMs: Date.now(), connection: 0 });
  }

  private get isTimeToRefuse(): boolean {
    const isCalm = this.repeatedAtMs !== null && Date.now() - this.repeatedAtMs >= CALM_MS;
    return isCalm || (this.part >= PAUSE_BY && this.observations.length > 0);
  }

  private get part(): number {
    return (Date.now() - this.startedAtMs) / this.options.durationMs;
  }

  private get isOver(): boolean {
    return this.part >= 1 || this.options.signal?.aborted === true;
  }

  private async wait(ms: number): Promise<void> {
    const { signal } = this.options;
    await sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

const TELL = {
  start: {
    sv: 'Använd apparaten några gånger, jämnt fördelat över körningen.',
    en: 'Use the device a few times, spread over the run.',
  },
  pause: (seconds: number): Text => ({
    sv: `Anslutningar nekas nu i ${seconds} s. Använd apparaten under tiden: det ska sparas och skickas efteråt.`,
    en: `Connections are refused for ${seconds} s now. Use the device meanwhile: it must keep that and send it later.`,
  }),
  again: {
    sv: 'Anslutningar tas emot igen. Använd apparaten ännu några gånger.',
    en: 'Connections are taken again. Use the device a few more times.',
  },
} as const satisfies Record<string, Text | ((seconds: number) => Text)>;
