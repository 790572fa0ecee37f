import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../../../test/support/connection.js';
import { createDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import * as usage from './index.js';
import type { Statement } from './statement.js';

const isStatement = (exported: unknown): exported is Statement =>
  typeof exported === 'object' && exported !== null && 'name' in exported && 'text' in exported;
const STATEMENTS = Object.values(usage).filter(isStatement);

describe('every statement on usage', () => {
  let database: TestDatabase;
  beforeAll(async () => (database = await createDatabase()));
  afterAll(() => database?.drop());

  it('has a name of its own: a connection prepares by name', () => {
    expect(new Set(STATEMENTS.map(({ name }) => name)).size).toBe(STATEMENTS.length);
    expect(STATEMENTS.length).toBeGreaterThan(15);
  });

  it.each(STATEMENTS)('$name fits the migrated schema', async ({ name, text }) => {
    await withClient(database.url, (client) => client.query(`prepare ${name} as ${text}`));
  });
});
