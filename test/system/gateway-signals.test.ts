import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewaySignals } from '../../apps/ingest/src/adapters/gateway-signals.js';
import { withClient } from '../support/connection.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const GATEWAY = 7;
let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = new Pool({ connectionString: database.url, statement_timeout: 300 });
  pool.on('error', () => undefined); // dropping the database may cut what `end` leaves open
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

it('a gateway that left while the database was away is shown as gone once it is back', async () => {
  const signals = new GatewaySignals(pool);
  signals.noteConnection(GATEWAY, true);
  await signals.flush();
  await withClient(database.url, async (blocker) => {
    await blocker.query('begin; lock table gateway_signal in access exclusive mode');
    signals.noteConnection(GATEWAY, false);
    await expect(signals.flush()).rejects.toThrow('statement timeout');
    await blocker.query('rollback');
  });
  const receivedAtMs = Date.now();
  signals.noteMessage(GATEWAY, receivedAtMs);
  await signals.flush();
  const { rows } = await pool.query('select connected, last_received_at from gateway_signal where gateway_key = $1', [
    GATEWAY,
  ]);
  expect(rows).toEqual([{ connected: false, last_received_at: new Date(receivedAtMs) }]);
});
