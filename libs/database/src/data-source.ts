import { DataSource, type QueryRunner } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import * as benefit from './entities/benefit.entity.js';
import * as gateway from './entities/gateway.entity.js';
import * as inventory from './entities/inventory.entity.js';
import * as notification from './entities/notification.entity.js';
import * as organisation from './entities/organisation.entity.js';
import * as trial from './entities/trial.entity.js';
import * as usage from './entities/usage.entity.js';
import { MIGRATIONS } from './migrations/index.js';
import { SnakeNames } from './naming.js';

const isEntity = (exported: unknown): exported is new () => object => typeof exported === 'function';

/** Every entity of the schema; the hot usage tables have none. */
export const ENTITIES = [organisation, inventory, gateway, trial, benefit, notification, usage].flatMap((file) =>
  Object.values(file).filter(isEntity),
);

/** TypeORM options for a database URL. 64-bit integers arrive as numbers: öre and row counts stay far below 2^53. */
export function dataSourceOptions(url: string, poolSize = 10): PostgresDataSourceOptions {
  return {
    type: 'postgres',
    url,
    poolSize,
    parseInt8: true,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    namingStrategy: new SnakeNames(),
    synchronize: false,
    applicationName: 'nyttospar',
  };
}

/** Any number; the same in every process, so that two never migrate at once. */
const MIGRATION_LOCK = 7_428_311;

const MINIMUM_VERSION = 17;

interface ServerFacts {
  version: number;
  lowered: string;
  has_swedish: boolean;
}

/** A server that would sort or search å, ä and ö wrongly, or is too old, is refused before anything is written. */
async function assertServer(runner: QueryRunner): Promise<void> {
  const [facts] =
    (await runner.query(/* sql */ `select current_setting('server_version_num')::int / 10000 as version, lower('ÅÄÖ') as lowered,
    exists (select from pg_collation where collname = 'sv-SE-x-icu') as has_swedish`)) as [ServerFacts];
  if (facts.version < MINIMUM_VERSION)
    throw new Error(`PostgreSQL ${facts.version} is too old: use ${MINIMUM_VERSION} or newer.`);
  if (facts.lowered !== 'åäö')
    throw new Error(
      "The database does not know å, ä and ö: create it with locale_provider builtin and locale 'C.UTF-8'.",
    );
  if (!facts.has_swedish)
    throw new Error('The server has no collation sv-SE-x-icu: use a PostgreSQL that is built with ICU.');
}

/** Brings a database up to the newest schema: forward only, one process at a time; a second call changes nothing. */
export async function migrate(url: string): Promise<void> {
  const source = await new DataSource(dataSourceOptions(url, 2)).initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await assertServer(lock);
    await source.runMigrations();
  } finally {
    await lock.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).finally(() => lock.release());
    await source.destroy();
  }
}
