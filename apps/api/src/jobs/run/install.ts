import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { lockInstallation } from '../jobs.queries.js';
import { onlyTrouble } from './worker-log.js';

/**
 * Brings the schema `graphile_worker` up to the library's version by its own migrations; a second call changes nothing.
 * The role must own the database, or be allowed to create a schema in it. Processes that start at once take turns.
 */
export async function installJobs(databaseUrl: string): Promise<void> {
  const turn = new pg.Client({ connectionString: databaseUrl, application_name: 'nyttospar jobs install' });
  await turn.connect();
  try {
    await lockInstallation(turn);
    await runMigrations({ connectionString: databaseUrl, maxPoolSize: 1, logger: onlyTrouble });
  } finally {
    await turn.end();
  }
}
