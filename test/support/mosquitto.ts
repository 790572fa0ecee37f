import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pickPort } from './free-port.js';

/** Who may log in. */
export interface BrokerUser {
  readonly publicId: string;
  readonly secret: string;
}

/** A Mosquitto of its own, configured as `docker/mosquitto` says. */
export interface Mosquitto {
  readonly port: number;
  /** What ingest is given: with the workers' log-in. */
  readonly url: string;
  pid(): number;
  /** Everything it has said so far. */
  text(): string;
  /** Ends it and waits; SIGTERM lets it save what it holds. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on what it has saved. */
  start(): Promise<void>;
  /** Lets more users in, without a restart. */
  admit(users: readonly BrokerUser[]): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

const EXAMPLE = new URL('../../docker/mosquitto/', import.meta.url);
/** The workers' log-in: its name stands in the example's access rules. */
export const WORKER_LOGIN: BrokerUser = { publicId: 'nyttospar-ingest', secret: 'arbetarnas-hemlighet' };

/** Starts one on a free port with these users and the workers; `rules` are access rules beside the shipped ones. */
export async function startMosquitto(users: readonly BrokerUser[], rules = ''): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'nyttospar-mosquitto-'));
  await chmod(folder, 0o755);
  const port = await pickPort();
  await configure(folder, { port, rules });
  await writePasswords(folder, [WORKER_LOGIN, ...users]);
  let text = '';
  let child: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    child = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (part: string) => (text += part));
    }
    await untilListening(port, child, () => text);
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };
  await start();
  return {
    port,
    url: `mqtt://${WORKER_LOGIN.publicId}:${WORKER_LOGIN.secret}@127.0.0.1:${port}`,
    pid: () => child?.pid ?? 0,
    text: () => text,
    start,
    stop,
    admit: async (more) => {
      await writePasswords(folder, more);
      child?.kill('SIGHUP');
    },
    remove: async () => {
      await stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The installed version as one number, 2.0.11 = 2,000,011; 0 when there is none. */
export function mosquittoVersion(): number {
  const { stdout } = spawnSync('mosquitto', ['-h'], { encoding: 'utf8' });
  const [, major, minor, patch] = /version (\d+)\.(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return Number(major ?? 0) * 1_000_000 + Number(minor ?? 0) * 1_000 + Number(patch ?? 0);
}

/** The shipped example with this test's paths, further rules and a wordier log, and nothing else changed. */
async function configure(folder: string, { port, rules }: { port: number; rules: string }): Promise<void> {
  await mkdir(join(folder, 'data'));
  const acl = await readFile(new URL('acl', EXAMPLE), 'utf8');
  await writeFile(join(folder, 'acl'), `${acl}\n${rules}`, { mode: 0o600 });
  const example = await readFile(new URL('mosquitto.conf', EXAMPLE), 'utf8');
  const own = example
    .replace('listener 1883', `listener ${port} 127.0.0.1`)
    .replaceAll('/mosquitto/config/', `${folder}/`)
    .replace('/mosquitto/data/', `${folder}/data/`);
  // Started by root it would become a user that cannot read the folder.
  const asRoot = process.getuid?.() === 0 ? '\nuser root\n' : '';
  const log = '\nlog_type subscribe\nlog_type unsubscribe\n';
  await writeFile(join(folder, 'mosquitto.conf'), own + log + asRoot);
}

async function writePasswords(folder: string, users: readonly BrokerUser[]): Promise<void> {
  const file = join(folder, 'passwords');
  const plain = join(folder, 'plain');
  const before = await readFile(file, 'utf8').catch(() => '');
  await writeFile(plain, users.map(({ publicId, secret }) => `${publicId}:${secret}\n`).join(''), { mode: 0o600 });
  execFileSync('mosquitto_passwd', ['-U', plain]);
  await writeFile(file, before + (await readFile(plain, 'utf8')), { mode: 0o600 });
  await rm(plain);
}

async function untilListening(port: number, child: ChildProcess, text: () => string): Promise<void> {
  for (const deadlineMs = Date.now() + 15_000; Date.now() < deadlineMs;) {
    if (child.exitCode !== null) throw new Error(`Mosquitto ended:\n${text()}`);
    if (await answers(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Mosquitto does not listen:\n${text()}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
}
