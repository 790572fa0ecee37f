import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { type FamilyCode } from '#domain';
import { startCounters } from '../../apps/ingest/src/counters.js';
import { Custody } from '../../apps/ingest/src/custody.js';
import { Ingest, type IngestOptions } from '../../apps/ingest/src/ingest.js';
import { makeNeededPartitions, makePartitions } from '../../apps/ingest/src/partitions.js';
import type { Entry } from '../../apps/ingest/src/record/entry.js';
import { Committer } from '../../apps/ingest/src/record/committer.js';
import { CommitConnection } from '../../apps/ingest/src/record/connection.js';
import { createDatabase, type TestDatabase } from './postgres.js';

/** A device with its secret and the two names it has in the database. */
export interface TestDevice {
  readonly id: string;
  readonly key: number;
  readonly publicId: string;
  readonly secret: string;
}

/** A database with one municipality of two units, and ways to put devices there by SQL. */
export interface Inventory {
  readonly pool: pg.Pool;
  readonly url: string;
  addDevice(given?: { family?: FamilyCode; lifecycle?: string }): Promise<TestDevice>;
  /** The placement's key; from long ago and without end unless given. `unit` is 0 or 1. */
  place(device: TestDevice, given?: { from?: Date; to?: Date | null; unit?: 0 | 1 }): Promise<number>;
  rows<T extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<T[]>;
  readonly drop: () => Promise<void>;
}

const LONG_AGO = new Date('2020-01-01T00:00:00Z');

/** Makes the inventory in a database of its own. */
export async function createInventory(database?: TestDatabase): Promise<Inventory> {
  const { url, ...made } = database ?? (await createDatabase());
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined);
  const units = await addUnits(pool);
  const rows: Inventory['rows'] = async (sql, values) => (await pool.query(sql, values)).rows as never;
  return {
    pool,
    url,
    rows,
    addDevice: (given = {}) => addDevice(pool, { root: units.root, ...given }),
    place: (device, given = {}) => place(pool, { ...units, device, ...given }),
    drop: async () => {
      await pool.end();
      await made.drop();
    },
  };
}

async function addUnits(pool: pg.Pool): Promise<{ root: string; nodes: [string, string] }> {
  const [root, one, two] = [randomUUID(), randomUUID(), randomUUID()];
  await pool.query(
    `insert into org_node (id, root_id, parent_id, kind, name, path, valid_from, time_zone)
     values ($1, $1, null, 'municipality', 'Kommunen', array[$1::uuid], '2020-01-01', 'Europe/Stockholm'),
            ($2, $1, $1, 'unit', 'Enhet ett', array[$1::uuid, $2::uuid], '2020-01-01', null),
            ($3, $1, $1, 'unit', 'Enhet två', array[$1::uuid, $3::uuid], '2020-01-01', null)`,
    [root, one, two],
  );
  return { root, nodes: [one, two] };
}

async function addDevice(
  pool: pg.Pool,
  given: { root: string; family?: FamilyCode; lifecycle?: string },
): Promise<TestDevice> {
  const [product, id] = [randomUUID(), randomUUID()];
  const name = randomBytes(5).toString('hex');
  const [publicId, secret] = [`apparat-${name}`, randomBytes(16).toString('base64url')];
  await pool.query(`insert into product (id, root_id, family, supplier, model) values ($1, $2, $3, 'Leverantör', $4)`, [
    product,
    given.root,
    given.family ?? 'keyless_lock',
    name,
  ]);
  const { rows } = await pool.query<{ key: number }>(
    `insert into device (id, public_id, root_id, owner_node_id, product_id, asset_tag, lifecycle)
     values ($1, $2, $3, $3, $4, $5, $6) returning key`,
    [id, publicId, given.root, product, name, given.lifecycle ?? 'in_use'],
  );
  await addSecret(pool, { id }, secret);
  return { id, publicId, secret, key: rows[0]?.key ?? 0 };
}

/** One more valid secret for a device. */
export async function addSecret(pool: pg.Pool, device: Pick<TestDevice, 'id'>, secret: string): Promise<void> {
  const sha256 = createHash('sha256').update(secret).digest();
  await pool.query(`insert into device_credential (id, device_id, secret_sha256) values ($1, $2, $3)`, [
    randomUUID(),
    device.id,
    sha256,
  ]);
}

async function place(
  pool: pg.Pool,
  given: { root: string; nodes: [string, string]; device: TestDevice; from?: Date; to?: Date | null; unit?: 0 | 1 },
): Promise<number> {
  const { rows } = await pool.query<{ key: number }>(
    `insert into placement (id, root_id, device_id, node_id, purpose, series_id, starts_at, ends_at)
     values ($1, $2, $3, $4, 'operation', $1, $5, $6) returning key`,
    [randomUUID(), given.root, given.device.id, given.nodes[given.unit ?? 0], given.from ?? LONG_AGO, given.to ?? null],
  );
  return rows[0]?.key ?? 0;
}

/** Ingest in this process on a free port. */
export async function startIngest(inventory: Inventory, options: Partial<IngestOptions> = {}): Promise<Ingest> {
  return Ingest.start({
    databaseUrl: inventory.url,
    bind: '127.0.0.1',
    mqttPort: 0,
    log: pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
    ...options,
    // All tests come from one address: its bad log-ins must not hold up each other.
    limits: { badLoginDelayMs: 1, ...options.limits },
  });
}

/** A committer without a broker, as a process that has just started has it. */
export interface TestCommitter {
  readonly custody: Custody;
  /** Resolves when all have been committed, in batches as they come; rejects when one could not be. */
  readonly deliver: (entries: readonly Entry[]) => Promise<void>;
  stop(): Promise<void>;
}

/** Starts a committer of its own connection; `shard` is its slot among several. */
export async function startCommitter({ pool, url }: Inventory, shard = 0): Promise<TestCommitter> {
  const custody = new Custody(pool);
  await custody.refresh();
  const range = await makeNeededPartitions(pool, Date.now());
  const connection = new CommitConnection(url);
  const committer = new Committer({
    connection,
    custody,
    shard,
    counters: startCounters(),
    keptFromMs: () => range.fromMs,
    makePartitions: (times) => makePartitions(pool, times),
    onCommitted: () => undefined,
    onFailed: () => undefined,
  });
  const take = (entry: Entry): Promise<void> =>
    new Promise((resolve, reject) => {
      const done = (error?: Error): void => (error ? reject(error) : resolve());
      committer.take({ ...entry, done });
    });
  return {
    custody,
    deliver: async (entries) => void (await Promise.all(entries.map(take))),
    stop: () => connection.reset(),
  };
}
