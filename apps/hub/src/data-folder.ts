import { chmod, copyFile, mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderInUse, type FolderHold, holdFolder } from '#embedded-postgres';
import { exampleOf } from './config.js';
import { StartProblem } from './start-problem.js';

/** Makes the folder if need be and takes it for this process alone. Throws `StartProblem` naming DATA_DIR. */
export async function takeDataFolder(dataDir: string): Promise<FolderHold> {
  try {
    await makeReachable(dataDir);
    await mkdir(logFolder(dataDir), { recursive: true, mode: 0o755 });
    await tryWriting(dataDir);
    return await holdFolder(dataDir);
  } catch (cause) {
    throw new StartProblem(cause instanceof FolderInUse ? explainUse(cause) : explainFault(dataDir, cause), { cause });
  }
}

/** Where the children's output goes. */
export const logFolder = (dataDir: string): string => join(dataDir, 'logs');

/** PostgreSQL may run as another user, who must pass through what a strict umask would have closed. */
async function makeReachable(folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true, mode: 0o755 })) !== undefined) await chmod(folder, 0o755);
}

async function tryWriting(folder: string): Promise<void> {
  const trial = join(folder, `.write-${process.pid}`);
  await writeFile(trial, '');
  await rm(trial);
}

const explainUse = ({ folder, holder }: FolderInUse): string =>
  `Nyttospår is already running on DATA_DIR ${folder}${holder ? ` (process id ${holder})` : ''}. ` +
  'Stop it first, or give this one another folder by DATA_DIR.';

function explainFault(dataDir: string, cause: unknown): string {
  const uid = process.getuid?.() ?? '';
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return (
    `DATA_DIR ${dataDir} cannot be written by this user (${reason}). Give it to the user with ` +
    `"chown -R ${uid} ${dataDir}", or choose another folder, for example: ${exampleOf('DATA_DIR')}`
  );
}

const LOG_LIMIT_BYTES = 20_000_000;

/** Keeps each log and one predecessor under a limit; the writers append, so a cut file simply goes on. */
export async function trimLogs(folders: string[]): Promise<void> {
  for (const folder of folders) {
    const logs = (await readdir(folder)).filter((name) => name.endsWith('.log')).map((name) => join(folder, name));
    for (const log of logs) {
      if ((await stat(log)).size <= LOG_LIMIT_BYTES) continue;
      await copyFile(log, `${log}.1`);
      await truncate(log);
    }
  }
}
