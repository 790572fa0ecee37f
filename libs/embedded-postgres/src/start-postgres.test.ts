import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isAlive, type NodeProcess, runNode } from '../../../test/support/run-node.js';
import { FolderInUse, PostgresStartError, type RunningPostgres, startPostgres } from './index.js';

const isRoot = process.getuid?.() === 0;
const NOBODY = { uid: 65_534, gid: 65_534 };
/** Any second unprivileged user that every system has: initdb wants one with a name. */
const DAEMON = { uid: 1, gid: 1 };
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function makeFolder(mode = 0o755): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-postgres-'));
  await chmod(folder, mode);
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start(dataDir: string, log?: (line: string) => void): Promise<RunningPostgres> {
  const postgres = await startPostgres({ dataDir, durable: false, ...(log && { log }) });
  cleanUps.push(() => postgres.stop('immediate'));
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client
    .query<Record<string, unknown>>(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

/** A process that starts PostgreSQL, to be killed; everything it leaves is ended after the test. */
async function startInProcess(dataDir: string, account = {}): Promise<NodeProcess & { pid: number; url: string }> {
  const parent = runNode('test/support/fixtures/postgres-parent.ts', [dataDir], account);
  const [, pid, url] = await parent.says(/pid (\d+) url (\S+)/);
  cleanUps.push(async () => {
    parent.child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await isAlive(Number(pid))).toBe(false), { timeout: 10_000 });
  });
  return { ...parent, pid: Number(pid), url: url ?? '' };
}

describe('starting', () => {
  test('a second start finds the rows of the first', async () => {
    const dataDir = join(await makeFolder(), 'db');
    const first = await start(dataDir);
    await query(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    expect(await query((await start(dataDir)).url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('Swedish letters have a lower case and sort after z', async () => {
    const { url } = await start(join(await makeFolder(), 'db'));
    const sql = `select lower('ÅÄÖ') as lower, string_agg(letter, '' order by letter collate "sv-SE-x-icu") as sorted
                 from unnest('{ö,a,å,z,ä}'::text[]) as letter`;
    expect(await query(url, sql)).toEqual([{ lower: 'åäö', sorted: 'azåäö' }]);
  });

  test('only the password opens it, and only its file’s owner can read that', async () => {
    const dataDir = join(await makeFolder(), 'db');
    const { url } = await start(dataDir);
    const wrong = new URL(url);
    wrong.password = 'postgres';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
    expect((await stat(`${dataDir}.password`)).mode & 0o777).toBe(0o600);
  });

  test('a lost password file is replaced at the next start', async () => {
    const dataDir = join(await makeFolder(), 'db');
    const first = await start(dataDir);
    await first.stop();
    await rm(`${dataDir}.password`);
    const second = await start(dataDir);
    expect(second.url).not.toContain(new URL(first.url).password);
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('an interrupted creation is begun anew', async () => {
    const dataDir = join(await makeFolder(), 'db');
    await mkdir(`${dataDir}.new/base`, { recursive: true });
    await writeFile(`${dataDir}.new/PG_VERSION`, '18\n');
    expect(await query((await start(dataDir)).url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('refusing', () => {
  test('a folder that a live process uses', async () => {
    const dataDir = join(await makeFolder(), 'db');
    await start(dataDir);
    const refusal = startPostgres({ dataDir });
    await expect(refusal).rejects.toThrow(FolderInUse);
    await expect(refusal).rejects.toThrow(`(process id ${process.pid})`);
  });

  test('a database of another major version, which is left as it is', async () => {
    const dataDir = join(await makeFolder(), 'db');
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'PG_VERSION'), '16\n');
    await expect(startPostgres({ dataDir })).rejects.toThrow(/made by PostgreSQL 16, but PostgreSQL 18 is installed/);
    expect(await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).toBe('16\n');
  });

  test('a folder with other files in it', async () => {
    const dataDir = await makeFolder();
    await writeFile(join(dataDir, 'letter.txt'), 'Hej');
    await expect(startPostgres({ dataDir })).rejects.toThrow('holds other files but no database');
  });

  test('a port that is taken', async () => {
    const { port } = await start(join(await makeFolder(), 'db'));
    const second = startPostgres({ dataDir: join(await makeFolder(), 'db'), port });
    await expect(second).rejects.toThrow(`Port ${port} for PostgreSQL is taken.`);
    await expect(second).rejects.toThrow(PostgresStartError);
  });

  test.runIf(isRoot)('a folder that its user may not write, saying how to mend it', async () => {
    const dataDir = join(await makeFolder(0o755), 'db');
    const parent = runNode('test/support/fixtures/postgres-parent.ts', [dataDir], NOBODY);
    await parent.says(/cannot be used by user id 65534 \(EACCES\)\. Give it to that user with "chown -R 65534 /);
    expect((await parent.ended).code).toBe(1);
  });
});

describe('ending', () => {
  test('stop is idempotent, from several places at once too', async () => {
    const postgres = await start(join(await makeFolder(), 'db'));
    await Promise.all([postgres.stop(), postgres.stop(), postgres.stop('immediate')]);
    await postgres.stop();
    expect(await isAlive(postgres.pid)).toBe(false);
  });

  test('kill -9 of the parent ends the server, and the next start has every committed row', async () => {
    const dataDir = join(await makeFolder(), 'db');
    const parent = await startInProcess(dataDir);
    await query(parent.url, 'create table kept as select generate_series(1, 10000)');
    parent.child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await isAlive(parent.pid)).toBe(false), { timeout: 10_000 });
    expect(await query((await start(dataDir)).url, 'select count(*)::int from kept')).toEqual([{ count: 10_000 }]);
  });

  test('a start right after the kill waits for the old server', async () => {
    const dataDir = join(await makeFolder(), 'db');
    const parent = await startInProcess(dataDir);
    parent.child.kill('SIGKILL');
    await parent.ended;
    expect(await query((await start(dataDir)).url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a server whose watchdog was killed too is ended by the next start', async () => {
    const dataDir = join(await makeFolder(), 'db');
    const parent = await startInProcess(dataDir);
    await killWatchdogOf(parent.pid);
    parent.child.kill('SIGKILL');
    await parent.ended;
    const lines: string[] = [];
    expect((await start(dataDir, (line) => lines.push(line))).pid).not.toBe(parent.pid);
    expect(lines).toEqual(['Waiting for the PostgreSQL of an earlier run to end …']);
  });

  test('kill -9 of the server itself is told, and recovered from', async () => {
    const dataDir = join(await makeFolder(), 'db');
    const first = await startPostgres({ dataDir });
    await query(first.url, 'create table kept as select 1 as one');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
    const again = await vi.waitFor(() => start(dataDir), { timeout: 10_000, interval: 200 });
    expect(await query(again.url, 'select one from kept')).toEqual([{ one: 1 }]);
  });
});

describe.runIf(isRoot)('accounts', () => {
  test('root’s PostgreSQL runs as nobody', async () => {
    const { pid } = await start(join(await makeFolder(), 'db'));
    expect((await stat(`/proc/${pid}`)).uid).toBe(NOBODY.uid);
  });

  test('a folder that nobody cannot reach gets a link to one outside, and says so', async () => {
    const dataDir = join(await makeFolder(0o700), 'db');
    const lines: string[] = [];
    const postgres = await start(dataDir, (line) => lines.push(line));
    const outside = await readlink(dataDir);
    cleanUps.unshift(() => rm(outside, { recursive: true }));
    expect(lines[0]).toContain(`The database's files are kept in ${outside}`);
    await postgres.stop();
    expect(await query((await start(dataDir)).url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('an unprivileged user and then root use the same cluster', async () => {
    const folder = await makeFolder(0o777);
    const dataDir = join(folder, 'db');
    const parent = await startInProcess(dataDir, DAEMON);
    await query(parent.url, 'create table kept as select 1 as one');
    parent.child.kill('SIGTERM');
    expect((await parent.ended).code).toBe(0);
    const asRoot = await start(dataDir);
    expect(await query(asRoot.url, 'select one from kept')).toEqual([{ one: 1 }]);
    expect((await lstat(dataDir)).uid).toBe(DAEMON.uid);
  });
});

/** The watchdog is the shell that carries the server's process id as an argument. */
async function killWatchdogOf(serverPid: number): Promise<void> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.includes('nyttospar-postgres-watchdog') && words.includes(String(serverPid)))
      process.kill(Number(pid), 'SIGKILL');
  }
}
