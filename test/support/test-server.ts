import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '#embedded-postgres';
import { isAlive } from './run-node.js';

/** The PostgreSQL server that a test run uses; `adminUrl` may create databases. */
export interface TestServer {
  adminUrl: string;
  stop(): Promise<void>;
}

/** A server given by DATABASE_URL, else a container where a Docker engine answers, else the embedded one. */
export async function startTestServer(): Promise<TestServer> {
  const given = process.env.DATABASE_URL;
  if (given) return { adminUrl: given, stop: async () => undefined };
  return (await dockerAnswers()) ? startContainer() : startEmbedded();
}

/** Asked with a bare request first: the import of testcontainers alone costs 0.9 s. */
function dockerAnswers(): Promise<boolean> {
  const host = new URL(process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock');
  const address =
    host.protocol === 'unix:' ? { socketPath: host.pathname } : { host: host.hostname, port: host.port || '2375' };
  return new Promise((resolve) => {
    const ping = request({ ...address, path: '/_ping', timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => resolve(false)).end();
  });
}

async function startContainer(): Promise<TestServer> {
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const image = process.env.POSTGRES_IMAGE ?? 'postgres:17';
  const container = await new PostgreSqlContainer(image)
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'])
    .start();
  return { adminUrl: container.getConnectionUri(), stop: async () => void (await container.stop()) };
}

const FOLDER_PREFIX = 'nyttospar-test-';

async function startEmbedded(): Promise<TestServer> {
  await removeFoldersOfKilledRuns();
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  await chmod(folder, 0o711); // root's PostgreSQL runs as nobody, who must pass through
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), durable: false });
  const stop = async (): Promise<void> => {
    await postgres.stop('immediate');
    await rm(folder, { recursive: true, force: true });
  };
  return { adminUrl: postgres.url, stop };
}

/** A test run ended by kill -9 leaves 40 MB behind; its server has been ended by the watchdog. */
async function removeFoldersOfKilledRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid] = new RegExp(`^${FOLDER_PREFIX}(\\d+)-`).exec(name) ?? [];
    if (pid === undefined || (await isAlive(Number(pid)))) continue;
    // Another user's folder cannot be removed, and need not be.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}
