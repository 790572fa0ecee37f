import { once } from 'node:events';
import { pino } from 'pino';
import { readConfig } from '../../apps/ingest/src/config.js';
import { Ingest } from '../../apps/ingest/src/ingest.js';
import { WorkerSlot } from '../../apps/ingest/src/worker-slot.js';
import { runNode, type NodeProcess } from './run-node.js';

/** An ingest process that subscribes to an external broker. */
export interface Worker extends NodeProcess {
  /** Ends it at once, as a crash does, and waits. */
  kill(): Promise<void>;
  /** Asks it to drain and leave, and waits for how it ended. */
  drain(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts a worker and waits until it has subscribed; fails with its own words when it cannot. */
export async function startWorker(given: Surroundings, settings: NodeJS.ProcessEnv = {}): Promise<Worker> {
  const env = { PATH: process.env.PATH, DATABASE_URL: given.databaseUrl, MQTT_URL: given.brokerUrl, LOG_LEVEL: 'warn' };
  const worker = runNode('apps/ingest/src/main.ts', [], {
    env: { ...env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const told = once(worker.child, 'message') as Promise<[{ type: string; message?: string }]>;
  const [message] = await Promise.race([
    told,
    worker.ended.then(() => [{ type: 'ended', message: worker.text() }] as const),
  ]);
  if (message.type !== 'ready') throw new Error(message.message);
  const end = async (signal: NodeJS.Signals): ReturnType<Worker['drain']> => {
    worker.child.kill(signal);
    return worker.ended;
  };
  return { ...worker, kill: async () => void (await end('SIGKILL')), drain: () => end('SIGTERM') };
}

/** Where a worker finds its database and its broker. */
export interface Surroundings {
  databaseUrl: string;
  brokerUrl: string;
}

/** A worker in this process: quick to start; for what needs no process of its own. */
export interface WorkerHere {
  readonly slot: number;
  /** Drains, leaves, and gives its slot back; idempotent. */
  stop(): Promise<void>;
}

/** Starts a worker as its main program does, from settings; rejects with what the program would say. */
export async function startWorkerHere(
  { databaseUrl, brokerUrl }: Surroundings,
  settings: NodeJS.ProcessEnv = {},
): Promise<WorkerHere> {
  const config = readConfig({ DATABASE_URL: databaseUrl, MQTT_URL: brokerUrl, ...settings });
  const worker = await WorkerSlot.take(config.databaseUrl, config.wantedSlot);
  try {
    const ingest = await Ingest.start({ ...config, worker, log: pino({ level: 'silent' }) });
    const stop = async (): Promise<void> => {
      await ingest.stop();
      await worker.release();
    };
    return { slot: worker.number, stop };
  } catch (error) {
    await worker.release();
    throw error;
  }
}
