import { chmod, mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startPostgres } from '#embedded-postgres';
import { urlOf, withClient } from '../support/connection.js';

/** A PostgreSQL of the bench alone. */
export interface Server {
  adminUrl: string;
  postgresPid: number;
}

/** A round on it, with a number of its own for the names of its databases. */
export interface ServerInRound extends Server {
  round: number;
}

/** Runs with a durable PostgreSQL as the product starts it, which is gone afterwards, or in a folder that is kept. */
export async function withServer<T>(run: (server: Server) => Promise<T>, keep?: string): Promise<T> {
  const folder = keep === undefined ? await mkdtemp(join(tmpdir(), 'nyttospar-bench-')) : resolve(keep);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
  await refuseFullDisk(folder);
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
  try {
    return await run({ adminUrl: postgres.url, postgresPid: postgres.pid });
  } finally {
    await postgres.stop(keep === undefined ? 'immediate' : 'fast');
    if (keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function refuseFullDisk(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < 2 * 2 ** 30)
    throw new Error(`Less than 2 GiB are free at ${folder}: set TMPDIR to a larger disk.`);
}

/** One round after the other. */
export async function runRounds<T>(
  count: number,
  server: Server,
  run: (server: ServerInRound) => Promise<T>,
): Promise<T[]> {
  const rounds: T[] = [];
  for (let round = 0; round < count; round += 1) rounds.push(await run({ ...server, round }));
  return rounds;
}

export const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Makes an empty database and answers its address. */
export async function createDatabase({ adminUrl }: Server, name: string): Promise<string> {
  await withClient(adminUrl, (admin) => admin.query(`create database ${name}`));
  return urlOf(name, adminUrl);
}
