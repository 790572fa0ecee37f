import { performance } from 'node:perf_hooks';
import { FAMILIES } from '#domain';
import { Connection } from './connection.js';
import type { FleetDevice } from './devices-file.js';
import { usageEndingAt } from './engine.js';
import { eachBounded } from './pace.js';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadPlan {
  readonly url: string;
  readonly devices: readonly FleetDevice[];
  /** Messages a second over all devices, one usage each. */
  readonly rate: number;
  readonly seconds: number;
  /** Messages of one device that may wait for their acknowledgement. */
  readonly inFlight: number;
}

/** What was sent and acknowledged; latency is publish → PUBACK. `null`: nothing was acknowledged. */
export interface LoadResult {
  readonly devices: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly seconds: number;
  readonly acknowledgedPerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number } | null;
}

interface Lane {
  readonly device: FleetDevice;
  readonly connection: Connection;
  waiting: number;
}

const CONNECTS_AT_ONCE = 50;
const TICK_MS = 5;
const LAST_ACKNOWLEDGEMENTS_MS = 10_000;
const LOOPBACK_HOSTS = ['localhost', '[::1]', '::1'];

/** Load is for one's own machine only: it must never reach a server in service. */
export function assertLoopback(url: string): void {
  const { hostname } = new URL(url);
  if (LOOPBACK_HOSTS.includes(hostname) || /^127(\.\d{1,3}){3}$/.test(hostname)) return;
  throw new Error(`Load goes to this machine only (127.0.0.1, ::1, localhost), not to ${hostname}.`);
}

/** Sends at the wanted rate, slower where acknowledgements lag, and waits for the last ones. Refuses remote URLs. */
export async function runLoad(plan: LoadPlan, signal: AbortSignal): Promise<LoadResult> {
  assertLoopback(plan.url);
  const lanes = await openLanes(plan);
  try {
    return await new LoadRun(plan, lanes).run(signal);
  } finally {
    await Promise.all(lanes.map(({ connection }) => connection.leave().catch(() => connection.cut())));
  }
}

async function openLanes({ url, devices }: LoadPlan): Promise<Lane[]> {
  const lanes: Lane[] = [];
  try {
    await eachBounded(devices, CONNECTS_AT_ONCE, async (device) => {
      lanes.push({ device, connection: await Connection.open({ url, ...device }), waiting: 0 });
    });
  } catch (error) {
    for (const { connection } of lanes) connection.cut();
    throw error;
  }
  return lanes;
}

class LoadRun {
  private readonly latencies: number[] = [];
  private readonly startedAt = performance.now();
  /** Makes ids unlike those of any other run. */
  private readonly name = Date.now().toString(36);
  private sent = 0;
  private failed = 0;
  private turn = 0;

  constructor(
    private readonly plan: LoadPlan,
    private readonly lanes: readonly Lane[],
  ) {}

  async run(signal: AbortSignal): Promise<LoadResult> {
    const { seconds, rate } = this.plan;
    while (this.elapsedSeconds() < seconds && !signal.aborted) {
      this.sendUpTo(Math.floor(this.elapsedSeconds() * rate));
      await sleep(TICK_MS);
    }
    const lasted = this.elapsedSeconds();
    await this.lastAcknowledgements();
    return this.result(Math.max(lasted, this.elapsedSeconds()));
  }

  private elapsedSeconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  /** Round robin over the lanes that have room; when none has, the rate falls behind rather than memory growing. */
  private sendUpTo(target: number): void {
    for (let full = 0; this.sent < target && full < this.lanes.length;) {
      const lane = this.lanes[this.turn++ % this.lanes.length];
      if (lane === undefined || lane.waiting >= this.plan.inFlight || !lane.connection.isOpen) full++;
      else {
        full = 0;
        this.send(lane);
      }
    }
  }

  private send(lane: Lane): void {
    const [ordinal, begunAt] = [this.sent++, performance.now()];
    const { metric } = FAMILIES[lane.device.family].defaultRule;
    const usage = usageEndingAt(lane.device, metric, { id: `load-${this.name}-${ordinal}`, atMs: Date.now(), ordinal });
    lane.waiting++;
    lane.connection
      .publish('usage', usage)
      .then(() => this.latencies.push(performance.now() - begunAt))
      .catch(() => this.failed++)
      .finally(() => lane.waiting--);
  }

  private async lastAcknowledgements(): Promise<void> {
    const patientUntil = performance.now() + LAST_ACKNOWLEDGEMENTS_MS;
    while (this.latencies.length + this.failed < this.sent && performance.now() < patientUntil) await sleep(1);
  }

  private result(seconds: number): LoadResult {
    const acknowledged = this.latencies.length;
    return {
      devices: this.lanes.length,
      sent: this.sent,
      acknowledged,
      failed: this.failed,
      seconds: round(seconds),
      acknowledgedPerSecond: round(acknowledged / seconds),
      latencyMs: acknowledged === 0 ? null : spreadOf(this.latencies),
    };
  }
}

function spreadOf(latencies: readonly number[]): NonNullable<LoadResult['latencyMs']> {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number) => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

const round = (number: number) => Math.round(number * 100) / 100;
