import { createHash } from 'node:crypto';
import { realpath, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Sole use of a folder; ends with `release`, or by itself when this process ends in whatever way. */
export interface FolderHold {
  release(): Promise<void>;
}

/** Another live process holds the folder; `holder` is its process id where it told us. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  constructor(
    readonly folder: string,
    readonly holder: number | undefined,
  ) {
    super(`${folder} is in use by another running process${holder === undefined ? '' : ` (process id ${holder})`}`);
  }
}

/**
 * Takes a folder (it need not exist, its parent must) for this process alone, throws `FolderInUse` when a live process
 * has it. A listening socket rather than a file with a process id: the kernel frees it at the moment of a kill -9, and
 * a reused process id cannot lie.
 */
export async function holdFolder(folder: string): Promise<FolderHold> {
  const address = await addressOf(folder);
  const server = (await listen(address)) ?? (await listenAfterStale(address));
  if (server === undefined) throw new FolderInUse(folder, await askHolder(address));
  server.unref();
  return { release: () => new Promise((done) => server.close(() => done())) };
}

/** Linux has socket names outside the file system, which vanish with the process; elsewhere a file in the temp folder. */
async function addressOf(folder: string): Promise<string> {
  const path = join(await realpath(dirname(folder)), basename(folder));
  const name = `nyttospar-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`;
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.on('error', () => socket.destroy()).end(String(process.pid)));
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') resolve(undefined);
      else reject(cause);
    });
    server.listen(address, () => resolve(server));
  });
}

/** A socket file outlives a killed process on systems other than Linux; nobody answers there. */
async function listenAfterStale(address: string): Promise<Server | undefined> {
  if (address.startsWith('\0') || (await askHolder(address)) !== undefined) return undefined;
  await unlink(address).catch(() => undefined);
  return listen(address);
}

function askHolder(address: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.setTimeout(500, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (pid: string) => resolve(Number(pid)));
    socket.on('error', () => resolve(undefined)).on('close', () => resolve(undefined));
  });
}
