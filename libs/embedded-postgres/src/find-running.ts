import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isServerOn } from './orphan.js';

/**
 * The URL of the server that runs on a data folder now, its superuser's password included (not for logs); null when none
 * does. Rejects when it may not be read: the folder is its owner's alone.
 */
export async function findRunning(dataDir: string): Promise<string | null> {
  const pidFile = await readIfThere(join(dataDir, 'postmaster.pid'));
  // Lines: process id, folder, start time, port, …
  const [pid, , , port] = pidFile.split('\n');
  if (!pid || !port || !(await isServerOn(await realpath(dataDir), Number(pid)))) return null;
  const password = (await readFile(`${dataDir}.password`, 'utf8')).trim();
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

async function readIfThere(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw cause;
  });
}
