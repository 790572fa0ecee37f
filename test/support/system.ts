import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { seedDemo } from '../../apps/api/src/demo/seed-demo.js';
import { SESSION_COOKIE } from '../../apps/api/src/identity/cookies.js';
import { Ingest } from '../../apps/ingest/src/ingest.js';
import { startApi, type TestApi } from './api.js';

/** The built pages. */
export const WEB_DIR = fileURLToPath(new URL('../../dist/web', import.meta.url));

/** Everything that a person with a browser and a device with MQTT meet: API, built pages, ingest, one database. */
export interface TestSystem {
  api: TestApi;
  ingest: Ingest;
  stop(): Promise<void>;
}

/** Starts it; with `demo` the demo municipality is there, without its simulator. */
export async function startSystem({ demo = false } = {}): Promise<TestSystem> {
  if (!existsSync(join(WEB_DIR, 'index.html'))) throw new Error('The web page is not built: run npm run build.');
  const dataDir = await mkdtemp(join(tmpdir(), 'nyttospar-system-'));
  const api = await startApi({ WEB_DIR, DATA_DIR: dataDir, DEMO: demo ? 'on' : 'off' });
  const log = pino({ level: 'silent' });
  const ingest = await Ingest.start({ databaseUrl: api.databaseUrl, bind: '127.0.0.1', mqttPort: 0, log });
  if (demo) await seedDemo(api.app);
  const stop = async (): Promise<void> => {
    await ingest.stop();
    await api.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { api, ingest, stop };
}

/** Logs in as the page does, and answers the session's token. */
export async function tokenOf(api: TestApi, email: string, password: string): Promise<string> {
  const response = await fetch(`${api.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const [, token] = new RegExp(`${SESSION_COOKIE}=([^;]+)`).exec(response.headers.getSetCookie().join()) ?? [];
  if (!token) throw new Error(`${email} was not let in: ${response.status} ${await response.text()}`);
  return token;
}
