import { type NodeProcess, runNode } from '../support/run-node.js';
import type { LoadPlan, LoadResult } from './mqtt-load.js';

/** What one of the product's programs runs on. */
export interface ProductPlan {
  databaseUrl: string;
  port: number;
  /** Folder for a CPU profile; profiling itself costs some speed. */
  profile?: string;
}

const environment = ({ databaseUrl, profile }: ProductPlan, settings: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  DATABASE_URL: databaseUrl,
  ...settings,
  ...(profile && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }),
});

/** Starts ingest with its own broker as a process of its own, and waits until it is ready. */
export async function startIngest(plan: ProductPlan): Promise<NodeProcess> {
  const env = environment(plan, { MQTT_PORT: String(plan.port), BIND: '127.0.0.1' });
  const ingest = runNode('apps/ingest/src/main.ts', [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env });
  const ready = new Promise<void>((resolve, reject) => {
    ingest.child.on('message', (said: { type: string; message?: string }) => {
      if (said.type === 'ready') resolve();
      if (said.type === 'failed') reject(new Error(said.message));
    });
    void ingest.ended.then(() => reject(new Error(`ingest ended:\n${ingest.text()}`)));
  });
  await ready;
  return ingest;
}

/** Starts the API as a process of its own, without the canary, and waits until it is ready. */
export async function startApi(plan: ProductPlan, settings: NodeJS.ProcessEnv): Promise<NodeProcess> {
  const env = environment(plan, { HTTP_PORT: String(plan.port), CANARY: 'off', ...settings });
  const api = runNode('apps/api/src/main.ts', [], { env });
  await api.says(/"type":"ready"/).catch(async (cause: unknown) => {
    await stop(api);
    throw cause;
  });
  return api;
}

/** Ends a program in its own time. */
export async function stop(program: NodeProcess): Promise<void> {
  program.child.kill('SIGTERM');
  await program.ended;
}

/**
 * Runs the publisher to its end, telling when all are connected and when the warm-up is over. One that takes longer than
 * `timeoutMs` (0 = no bound) is killed and fails.
 */
export async function publish(
  plan: LoadPlan,
  given: { timeoutMs?: number; onConnected?: () => void; onStart?: () => void } = {},
): Promise<LoadResult> {
  const bound = { timeout: given.timeoutMs ?? 0, killSignal: 'SIGKILL' } as const;
  const load = runNode('test/bench/mqtt-load.ts', [], { stdio: ['pipe', 'pipe', 'pipe', 'ipc'], ...bound });
  load.child.on('message', ({ type }: { type: 'connected' | 'publishing' }) =>
    type === 'connected' ? given.onConnected?.() : given.onStart?.(),
  );
  load.child.stdin?.end(JSON.stringify(plan));
  const { code } = await load.ended;
  if (code !== 0) throw new Error(`The publisher failed:\n${load.text()}`);
  return JSON.parse(load.text()) as LoadResult;
}
