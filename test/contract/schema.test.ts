import { dataSourceOptions } from '#database';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let source: DataSource;
beforeAll(async () => {
  database = await createDatabase();
  source = await new DataSource(dataSourceOptions(database.url, 2)).initialize();
});
afterAll(async () => {
  await source.destroy();
  await database.drop();
});

/**
 * The entities say which columns there are; what protects and finds rows is written in the migrations alone, and the
 * schema builder would take it away: foreign keys (entities name ids, no relations), checks, unique and exclusion
 * constraints, indexes (most over expressions or partial, which entities cannot say).
 */
const ONLY_IN_MIGRATIONS = /^(ALTER TABLE "\w+" DROP CONSTRAINT "\w+"|DROP INDEX "public"\."\w+")$/;

/** What would have to change for the tables to be what the entities say. */
async function differences(): Promise<string[]> {
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query).filter((query) => !ONLY_IN_MIGRATIONS.test(query));
}

test('the entities say exactly the columns that the migrations make', async () => {
  expect(await differences()).toEqual([]);
});

test.each([
  ['a column that no entity has', `alter table product add column colour text`],
  ['a column that may suddenly be null', `alter table product alter column supplier drop not null`],
  ['another type', `alter table device alter column serial type varchar(80)`],
  ['a lost default', `alter table product alter column ce_marked drop default`],
])('%s would be seen', async (_what, statement) => {
  await source.query(statement);
  expect((await differences()).length).toBeGreaterThan(0);
});
