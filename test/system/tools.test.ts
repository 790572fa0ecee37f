import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#database';
import { type RunningPostgres, startPostgres } from '#embedded-postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runNode } from '../support/run-node.js';

/** As package.json names them. */
const [VERIFY, RETENTION] = ['api/src/storage/verify.main.ts', 'api/src/storage/retention.main.ts'];

let dataDir: string;
let postgres: RunningPostgres;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tools-'));
  await chmod(dataDir, 0o755);
  postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), durable: false });
  await migrate(postgres.url);
});
afterAll(async () => {
  await postgres?.stop('immediate');
  await rm(dataDir, { recursive: true, force: true });
});

async function run(args: string[], given: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; text: string }> {
  const env = { PATH: process.env.PATH, DATA_DIR: dataDir, ...given };
  const tool = runNode('apps/hub/src/tool.main.ts', args, { env });
  const { code } = await tool.ended;
  return { code, text: tool.text() };
}

test('the tools find the database that runs on the data folder', async () => {
  const verified = await run([VERIFY, 'rollups']);
  expect(verified).toMatchObject({ code: 0, text: expect.stringContaining('0 differences') as string });
  const told = await run([RETENTION, '--dry-run']);
  expect(told).toMatchObject({ code: 0, text: expect.stringContaining('rule K1') as string });
});

test('a tool’s own exit code and words come through', async () => {
  const refused = await run([VERIFY, 'rollups', '--from', 'i går']);
  expect(refused).toMatchObject({ code: 2, text: expect.stringContaining('--from') as string });
});

test('where no database runs, a readable line tells what to do; help needs none', async () => {
  const elsewhere = { DATA_DIR: join(dataDir, 'none') };
  const lost = await run([VERIFY, 'rollups'], elsewhere);
  expect(lost).toEqual({ code: 2, text: expect.stringContaining('Start the product with "npm start"') as string });
  const helped = await run([RETENTION, '--help'], elsewhere);
  expect(helped).toMatchObject({ code: 0, text: expect.stringContaining('npm run retention') as string });
  const bad = await run([VERIFY, 'rollups'], { DATABASE_URL: 'mysql://u:hemligt@h/db' });
  expect(bad).toEqual({ code: 2, text: expect.not.stringContaining('hemligt') as string });
});
