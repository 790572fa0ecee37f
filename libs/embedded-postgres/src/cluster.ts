import { randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { mkdtemp, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Account, canEnter } from './account.js';
import type { Binaries } from './binaries.js';
import { PostgresStartError } from './postgres-start-error.js';
import { run } from './run.js';

/** One PostgreSQL data folder, with what is needed to run its programs on it. */
export interface Cluster {
  folder: string;
  binaries: Binaries;
  account: Account | undefined;
}

/** Durable places outside a closed folder, for root; /var/tmp is the last resort, as some systems empty it by age. */
const OUTSIDE = ['/var/lib/nyttospar', '/var/tmp/nyttospar-data'];

/** Only password log-ins, only from this machine: there is no socket file and no trusted user. */
const CLIENT_RULES = 'host all all 127.0.0.1/32 scram-sha-256\n';

/**
 * The real folder of a cluster asked for at `dataDir`, whose parent is created. When `account` cannot reach it (a 0700
 * folder above), a link is left there to a new folder outside, and `log` says so. Throws `PostgresStartError`.
 */
export async function placeCluster(
  dataDir: string,
  account: Account | undefined,
  log: (line: string) => void,
): Promise<string> {
  const present = await lstat(dataDir).catch(() => undefined);
  if (present?.isSymbolicLink()) return followLink(dataDir);
  if (await canEnter(account, dirname(dataDir)))
    return realpath(dirname(dataDir)).then((at) => join(at, basename(dataDir)));
  if (present && !(await isEmpty(dataDir))) throw new PostgresStartError(explainClosed(dataDir, account));
  if (present) await rmdir(dataDir);
  const outside = await createOutside();
  await symlink(outside, dataDir);
  log(`The database's files are kept in ${outside}: PostgreSQL, which never runs as root, cannot reach ${dataDir}.`);
  return outside;
}

async function followLink(dataDir: string): Promise<string> {
  return realpath(dataDir).catch(async (cause: unknown) => {
    const target = await readlink(dataDir);
    throw new PostgresStartError(
      `${dataDir} points to ${target}, which does not exist. Put that folder back, or remove the link to start empty.`,
      { cause },
    );
  });
}

async function createOutside(): Promise<string> {
  for (const place of OUTSIDE) {
    const made = await mkdir(place, { recursive: true, mode: 0o755 })
      .then(() => chmod(place, 0o755))
      .then(() => mkdtemp(join(place, 'postgres-')))
      .catch(() => undefined);
    if (made !== undefined) return made;
  }
  throw new PostgresStartError(`PostgreSQL's files fit in none of ${OUTSIDE.join(', ')}: they cannot be written.`);
}

const explainClosed = (dataDir: string, account: Account | undefined): string =>
  `The database in ${dataDir} cannot be reached by user id ${account?.uid ?? 'unknown'}, which PostgreSQL runs as: ` +
  'a folder above it is closed. Open it with "chmod o+x" on those folders, or move the data folder elsewhere.';

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder)).length === 0;
}

/**
 * Creates the cluster unless it is there: UTF-8, builtin C.UTF-8 (with libc's C, `lower` loses å ä ö). An interrupted
 * creation leaves nothing behind that counts as a cluster. Throws `PostgresStartError` for another major version, a
 * folder with other files in it, another owner, or a folder that cannot be written.
 */
export async function ensureCluster(cluster: Cluster, durable: boolean): Promise<void> {
  const { folder, binaries } = cluster;
  const version = await readVersion(folder);
  if (version === undefined) return createCluster(cluster, durable);
  if (version !== binaries.major) {
    throw new PostgresStartError(
      `The database in ${folder} was made by PostgreSQL ${version}, but PostgreSQL ${binaries.major} is installed. ` +
        `Install the release that was used before, export, and import again; or move ${folder} away to start empty.`,
    );
  }
}

async function readVersion(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, 'PG_VERSION'), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw explainUnwritable(folder, cause);
  });
  return text === undefined ? undefined : Number.parseInt(text, 10);
}

async function createCluster({ folder, binaries, account }: Cluster, durable: boolean): Promise<void> {
  const draft = `${folder}.new`;
  try {
    await refuseOtherFiles(folder);
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true, mode: 0o700 });
    if (account) await chown(draft, account.uid, account.gid);
  } catch (cause) {
    throw explainUnwritable(folder, cause);
  }
  const { code, errors } = await run(join(binaries.folder, 'bin', 'initdb'), initdbArguments(draft, durable), {
    account,
  });
  if (code !== 0) throw new PostgresStartError(`PostgreSQL could not create its files in ${folder}: ${errors.trim()}`);
  await writeFile(join(draft, 'pg_hba.conf'), CLIENT_RULES);
  await rename(draft, folder);
}

function initdbArguments(folder: string, durable: boolean): string[] {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const rest = ['--username=postgres', '--auth=reject', '--no-instructions', ...(durable ? [] : ['--no-sync'])];
  return [`--pgdata=${folder}`, ...locale, ...rest];
}

async function refuseOtherFiles(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(() => []);
  if (entries.length === 0) return;
  throw new PostgresStartError(`${folder} holds other files but no database. Choose an empty or a new folder.`);
}

/** Turns a file system error into what to do about it; anything else is passed on as it is. */
export function explainUnwritable(folder: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOSPC'].includes(code)) return cause;
  const uid = process.getuid?.() ?? 'unknown';
  return new PostgresStartError(
    `The database's folder ${folder} cannot be used by user id ${uid} (${code}). ` +
      `Give it to that user with "chown -R ${uid} ${dirname(folder)}", or choose another data folder.`,
    { cause },
  );
}

/** The superuser's password of the cluster asked for at `dataDir`, from a 0600 file beside it, made when missing. */
export async function readPassword(dataDir: string): Promise<string> {
  const file = `${dataDir}.password`;
  const kept = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw explainUnwritable(dataDir, cause);
  });
  if (/^[0-9a-f]{48}$/.test(kept.trim())) return kept.trim();
  const password = randomBytes(24).toString('hex');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}
