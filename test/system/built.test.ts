import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { healthApi, liveApi } from '#contracts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SESSION_COOKIE } from '../../apps/api/src/identity/cookies.js';
import { pickPort } from '../support/free-port.js';
import { makeDataFolder } from '../support/hub.js';

/** The built product, started by the very command of the README: modules that only the build breaks show here. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: Awaited<ReturnType<typeof makeDataFolder>>;
beforeAll(async () => {
  folder = await makeDataFolder();
});
afterAll(() => folder.remove());

async function start(): Promise<{ url: string; said: () => string; stop: () => Promise<number | null> }> {
  const [http, mqtt] = [await pickPort(), await pickPort()];
  const flags = ['--http-port', String(http), '--mqtt-port', String(mqtt), '--data-dir', folder.dataDir];
  const child = spawn('npm', ['start', '--silent', '--', ...flags], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const stop = (): Promise<number | null> => (child.kill('SIGTERM'), ended);
  await vi
    .waitFor(() => expect(text).toContain('Nyttospår is ready'), { timeout: 90_000, interval: 100 })
    .catch(async (cause: unknown) => {
      await stop();
      throw cause;
    });
  return { url: `http://127.0.0.1:${http}`, said: () => text, stop };
}

async function logIn(url: string): Promise<string> {
  const body = JSON.stringify({ email: 'tekniker@demo.example', password: 'prova-exempelby' });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/session`, { method: 'POST', headers, body });
  const [, token] = new RegExp(`(${SESSION_COOKIE}=[^;]+)`).exec(answer.headers.getSetCookie().join()) ?? [];
  return token ?? '';
}

/** What the overview shows: uses today, and when the newest signal came. */
async function readOverview(url: string, cookie: string): Promise<{ uses: number; signalAt: string }> {
  const answer = await fetch(url + liveApi.units.path, { headers: { cookie } });
  const { units } = (await answer.json()) as { units: { usageToday: number; lastSignalAt: string | null }[] };
  const signals = units.map(({ lastSignalAt }) => lastSignalAt ?? '').sort();
  return { uses: units.reduce((sum, { usageToday }) => sum + usageToday, 0), signalAt: signals.at(-1) ?? '' };
}

/** The simulated night is calm: in 90 s something comes but once in some hundred nights, by day within seconds. */
const SOON = { timeout: 90_000, interval: 500 };

test('starts with its demo, moves, stops in order, and keeps its data for the next start', async () => {
  const first = await start();
  try {
    await vi.waitFor(() => expect(first.said()).toContain('tekniker@demo.example'));
    expect((await fetch(first.url + healthApi.ready.path)).status).toBe(200);
    expect(await (await fetch(first.url, { headers: { accept: 'text/html' } })).text()).toContain('<div id="root">');
    const cookie = await logIn(first.url);
    const before = await readOverview(first.url, cookie);
    await vi.waitFor(async () => expect(await readOverview(first.url, cookie)).not.toEqual(before), SOON);
  } finally {
    expect(await first.stop()).toBe(0);
  }
  const second = await start();
  try {
    expect((await readOverview(second.url, await logIn(second.url))).uses).toBeGreaterThan(0);
  } finally {
    expect(await second.stop()).toBe(0);
  }
}, 240_000);
