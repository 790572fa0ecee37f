import { DataSource } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import * as benefit from './entities/benefit.entity.js';
import * as inventory from './entities/inventory.entity.js';
import * as organisation from './entities/organisation.entity.js';
import * as trial from './entities/trial.entity.js';
import { MIGRATIONS } from './migrations/index.js';
import { SnakeNames } from './naming.js';

const isEntity = (exported: unknown): exported is new () => object => typeof exported === 'function';

/** Every entity of the schema; the hot usage tables have none. */
export const ENTITIES = [organisation, inventory, trial, benefit].flatMap((file) => Object.values(file).filter(isEntity));

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

/** Brings a database up to the newest schema: forward only, one process at a time; a second call changes nothing. */
export async function migrate(url: string): Promise<void> {
  const source = await new DataSource(dataSourceOptions(url, 2)).initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await source.runMigrations();
  } finally {
    await lock.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).finally(() => lock.release());
    await source.destroy();
  }
}
