import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNode } from '../../test/support/run-node.js';

const MAIN = 'devices-sim/src/main.ts';
const DEVICE = { publicId: 'lock-1', secret: 's', family: 'keyless_lock', seed: 3, activity: 1, outages: 'none' };

let folder: string;
let aedes: Aedes;
let server: Server;
let env: NodeJS.ProcessEnv;
const states: string[] = [];

beforeAll(async () => {
  aedes = await Aedes.createBroker();
  aedes.on('publish', ({ topic, payload }) => {
    if (topic === 'wt/v1/lock-1/state') states.push((JSON.parse(payload.toString()) as { state: string }).state);
  });
  server = createServer((socket) => void aedes.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'devices-sim-main-'));
  await mkdir(join(folder, 'demo'));
  const file = {
    zone: 'Europe/Stockholm',
    devices: [{ ...DEVICE, since: new Date(Date.now() - 86_400_000).toISOString() }],
  };
  await writeFile(join(folder, 'demo', 'devices.json'), JSON.stringify(file), { mode: 0o600 });
  const mqttUrl = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  env = { ...process.env, DATA_DIR: folder, MQTT_URL: mqttUrl };
});

afterAll(async () => {
  server.close();
  await new Promise<void>((resolve) => aedes.close(resolve));
  await rm(folder, { recursive: true });
});

describe('the command line', () => {
  it.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)(
    'demo tells its parent when it is ready, and on %s says offline and exits 0 within three seconds',
    async (how) => {
      states.length = 0;
      const run = runNode(MAIN, ['demo'], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
      const [message] = (await once(run.child, 'message')) as [unknown];
      expect(message).toEqual({ type: 'ready', lines: [] });
      const askedAt = Date.now();
      // Not 'close': Node keeps it back from a child whose channel the parent has closed.
      const exited = once(run.child, 'exit');
      if (how === 'disconnect') run.child.disconnect();
      else run.child.kill(how);
      expect(await exited).toEqual([0, null]);
      expect(Date.now() - askedAt).toBeLessThan(3000);
      expect(states).toEqual(['online', 'offline']);
    },
  );

  it('demo notes under DATA_DIR what is acknowledged', async () => {
    await rm(join(folder, 'simulator'), { recursive: true, force: true }); // an earlier run's
    const run = runNode(MAIN, ['demo'], { env });
    const note = () => readFile(join(folder, 'simulator', 'acknowledged.json'), 'utf8').catch(() => '');
    await expect.poll(note, { timeout: 10_000 }).toContain('lock-1:');
    run.child.kill('SIGTERM');
    expect(await run.ended).toEqual({ code: 0, signal: null });
  });

  it('run gives one device a life', async () => {
    const flags = ['--device', 'lock-1', '--secret', 's', '--family', 'keyless_lock', '--days-back', '1'];
    states.length = 0;
    const run = runNode(MAIN, ['run', ...flags, '--outages', 'none'], { env });
    await expect.poll(() => states, { timeout: 10_000 }).toEqual(['online']);
    run.child.kill('SIGTERM');
    expect(await run.ended).toEqual({ code: 0, signal: null });
  });

  it('load prints its result as JSON', async () => {
    const file = join(folder, 'demo', 'devices.json');
    const run = runNode(MAIN, ['load', '--devices-file', file, '--rate', '200', '--seconds', '0.5'], { env });
    expect((await run.ended).code).toBe(0);
    const result = JSON.parse(run.text()) as { sent: number; acknowledged: number };
    expect(result.sent).toBeGreaterThan(50);
    expect(result.acknowledged).toBe(result.sent);
  });

  it.each([
    [['--help'], 0, /Examples:/],
    [['run', '--device', 'a'], 1, /--secret/],
    [['run', '--device', 'a', '--secret', 's', '--family', 'toaster'], 1, /keyless_lock/],
    [
      ['load', '--devices-file', 'f', '--rate', '1', '--seconds', '1', '--url', 'mqtt://example.org'],
      1,
      /this machine only/,
    ],
  ])('%j ends with code %i and says why', async (args, code, text) => {
    const run = runNode(MAIN, args, { env });
    expect((await run.ended).code).toBe(code);
    expect(run.text()).toMatch(text);
  });
});
