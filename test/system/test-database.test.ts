import { afterAll, beforeAll, expect, test } from 'vitest';
import { MIGRATIONS } from '#database';
import { withClient } from '../support/connection.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let databases: TestDatabase[];

beforeAll(async () => {
  databases = await Promise.all([createDatabase(), createDatabase()]);
});

afterAll(async () => {
  await Promise.all(databases.map((database) => database.drop()));
});

async function namesIn(index: number, sql: string): Promise<string[]> {
  const { rows } = await withClient(databases[index]?.url ?? '', (client) => client.query<{ name: string }>(sql));
  return rows.map(({ name }) => name);
}

test('a test file’s database holds every migration', async () => {
  expect(await namesIn(0, 'select name from migrations order by id')).toEqual(MIGRATIONS.map(({ name }) => name));
});

test('what one test file writes, another does not see', async () => {
  await namesIn(0, `create table only_here as select 'x' as name`);
  expect(await namesIn(1, `select relname as name from pg_class where relname = 'only_here'`)).toEqual([]);
});
