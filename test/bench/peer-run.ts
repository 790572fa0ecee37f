import { setTimeout as delay } from 'node:timers/promises';
import type { Contender, Counted } from './contenders.js';
import { publish } from './product.js';
import { cpuMs } from './machine.js';
import type { LoadPlan, LoadResult } from './mqtt-load.js';

interface Counts {
  acknowledged: number;
  stored: number;
  /** Acknowledged to the device and not stored. */
  lost: number;
  doubled: number;
  /** Whether the rows stopped growing within the bound; otherwise what is lost may only be late. */
  hasSettled: boolean;
}

/** A run without a fault. Rates are usages a second. */
export interface SteadyRun extends Counts {
  storedPerSecond: number;
  acknowledgedPerSecond: number;
  /** Per 1,000 stored, from the first publish until the rows stopped growing; the product's broker is in its program. */
  cpuMsPer1000: { broker: number; program: number; postgres: number };
}

/** A run with one kill -9 of the program and a restart. */
export interface CrashRun extends Counts {
  offeredPerSecond: number;
}

interface RunPlan {
  messages: number;
  connections: number;
  inFlight: number;
}

const LOAD_WITHIN_MS = 300_000;

/** Publishes everything and waits until the rows stop growing. */
export async function runSteady(
  contender: Contender,
  plan: RunPlan & { offeredPerSecond: number; postgresPid: number },
): Promise<SteadyRun> {
  const sent = planLoad(contender, plan, plan.offeredPerSecond);
  const before = cpuOf(contender, plan.postgresPid);
  const load = await publish(sent, { timeoutMs: LOAD_WITHIN_MS });
  let after = before;
  const hasSettled = await settle(contender, plan.messages, () => (after = cpuOf(contender, plan.postgresPid)));
  const counted = await contender.count({ startMs: sent.startMs, usages: sent.messages });
  if (counted.stored < 2) throw new Error('Nothing was stored: the set-up is broken.');
  const per1000 = (name: keyof Cpu): number => (after[name] - before[name]) / (counted.stored / 1000);
  return {
    ...compare(load, counted),
    hasSettled,
    storedPerSecond: counted.stored / (counted.seconds ?? load.seconds),
    acknowledgedPerSecond: load.acknowledged / load.seconds,
    cpuMsPer1000: { broker: per1000('broker'), program: per1000('program'), postgres: per1000('postgres') },
  };
}

const CRASH_OFFERED_PER_SECOND = 10_000;

/** The same at 10,000 messages a second, with the program killed when half of them should have been sent. */
export async function runWithCrash(contender: Contender, plan: RunPlan): Promise<CrashRun> {
  const sent = planLoad(contender, plan, CRASH_OFFERED_PER_SECOND);
  const begun = Promise.withResolvers<void>();
  const crash = async (): Promise<void> => {
    await begun.promise;
    await delay((plan.messages / CRASH_OFFERED_PER_SECOND / 2) * 1000);
    await contender.crash();
  };
  const publishing = publish({ ...sent, comesBack: true }, { timeoutMs: LOAD_WITHIN_MS, onStart: begun.resolve });
  const [load] = await Promise.all([publishing, crash()]);
  const hasSettled = await settle(contender, plan.messages, () => undefined);
  const counted = await contender.count({ startMs: sent.startMs, usages: sent.messages });
  return { ...compare(load, counted), hasSettled, offeredPerSecond: CRASH_OFFERED_PER_SECOND };
}

function planLoad({ port, devices }: Contender, plan: RunPlan, perSecond: number): LoadPlan {
  const messages = Math.ceil(plan.messages / plan.connections);
  const startMs = (Math.floor(Date.now() / 1000) - messages - 3600) * 1000;
  return { port, devices, messages, perMessage: 1, inFlight: plan.inFlight, perSecond, startMs, hasAttributes: false };
}

/** Every load ends with all of its messages acknowledged: what is not there then is lost. */
const compare = ({ acknowledged }: LoadResult, { stored, doubled }: Counted): Omit<Counts, 'hasSettled'> => ({
  acknowledged,
  stored,
  lost: acknowledged - stored,
  doubled,
});

interface Cpu {
  broker: number;
  program: number;
  postgres: number;
}

function cpuOf(contender: Contender, postgresPid: number): Cpu {
  const { broker, program } = contender.pids();
  return { broker: broker === null ? 0 : cpuMs(broker), program: cpuMs(program), postgres: cpuMs(postgresPid) };
}

const QUIET_MS = 5_000;
const LOOK_AGAIN_MS = 500;
/** A program that takes more of a core than this is at work on what it holds, though no row may come for a while. */
const BUSY_SHARE = 0.2;
/** The slowest that is waited for: 400 rows a second, and two minutes. */
const settleWithinMs = (messages: number): number => 120_000 + messages * 2.5;

/** Waits until no row has come for 5 s from a program at rest; false when the bound is reached before. */
async function settle(contender: Contender, messages: number, onGrowth: () => void): Promise<boolean> {
  const startedAtMs = performance.now();
  let rows = -1;
  let quietSinceMs = startedAtMs;
  let looked = { atMs: startedAtMs, cpuMs: programCpuMs(contender) };
  while (performance.now() - startedAtMs < settleWithinMs(messages)) {
    const before = { rows, ...looked };
    rows = await contender.countRows();
    looked = { atMs: performance.now(), cpuMs: programCpuMs(contender) };
    const isBusy = looked.cpuMs - before.cpuMs > BUSY_SHARE * (looked.atMs - before.atMs);
    if (rows !== before.rows) onGrowth();
    if (rows !== before.rows || isBusy) quietSinceMs = looked.atMs;
    else if (looked.atMs - quietSinceMs >= QUIET_MS) return true;
    await delay(LOOK_AGAIN_MS);
  }
  return false;
}

const programCpuMs = (contender: Contender): number => cpuMs(contender.pids().program);
