import { mkdtemp, chmod, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { pickPort } from './free-port.js';
import { isAlive, type NodeProcess, runNode } from './run-node.js';

/** A hub under test: its process, its folder, and what its programs have noted. */
export interface HubProcess extends NodeProcess {
  dataDir: string;
  /** Lines such as `api started 123`, in the order in which they happened. */
  events(): Promise<string[]>;
  /** The server process of its PostgreSQL. */
  postgresPid(): Promise<number>;
}

/** How a hub is started; ports are picked unless given. */
export interface HubOptions {
  dataDir: string;
  environment?: Record<string, string>;
  account?: { uid: number; gid: number };
}

const READY = /Nyttospår is ready: /;

/** Starts a hub with fixture programs; it does not wait for it to be ready. */
export async function launchHub({ dataDir, environment = {}, account }: HubOptions): Promise<HubProcess> {
  const ports = { HTTP_PORT: String(await pickPort()), MQTT_PORT: String(await pickPort()) };
  const env = { PATH: process.env.PATH, ...ports, DATA_DIR: dataDir, ...environment };
  const hub = runNode('test/support/fixtures/hub.ts', [], { env, ...account });
  const events = async (): Promise<string[]> =>
    (await readFile(join(dataDir, 'events'), 'utf8').catch(() => '')).trim().split('\n');
  const postgresPid = async (): Promise<number> =>
    Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
  return { ...hub, dataDir, events, postgresPid };
}

/** Starts a hub and waits until it is ready. */
export async function startHub(options: HubOptions): Promise<HubProcess> {
  const hub = await launchHub(options);
  await hub.says(READY);
  return hub;
}

/** Every process that a hub has started: PostgreSQL and its programs. */
export async function processesOf(hub: HubProcess): Promise<number[]> {
  const programs = (await hub.events()).filter((event) => event.includes(' started '));
  return [await hub.postgresPid(), ...programs.map((event) => Number(event.split(' ').at(-1)))];
}

/** Waits at most 15 s until none of those processes is alive. */
export async function untilGone(pids: number[]): Promise<void> {
  await vi.waitFor(
    async () => {
      const alive = await Promise.all(pids.map(isAlive));
      if (alive.includes(true)) throw new Error(`Alive: ${pids.filter((_, index) => alive[index]).join(', ')}`);
    },
    { timeout: 15_000 },
  );
}

/** A data folder that PostgreSQL can reach, and its removal. */
export async function makeDataFolder(): Promise<{ dataDir: string; remove(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-'));
  await chmod(dataDir, 0o755);
  return { dataDir, remove: () => rm(dataDir, { recursive: true, force: true }) };
}
