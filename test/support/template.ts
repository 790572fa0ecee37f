import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type pg from 'pg';
import { migrate } from '#database';
import { installJobs } from '../../apps/api/src/jobs/run/install.js';
import { urlOf, withClient } from './connection.js';

const MIGRATIONS = new URL('../../libs/database/src/migrations/', import.meta.url);
/** The jobs' tables come with their library's version. */
const LIBRARY = new URL('../../node_modules/graphile-worker/package.json', import.meta.url);

/** Any number: two test runs that share a server build the template one after the other. */
const TEMPLATE_LOCK = 7_428_312;

/** The name of a fully migrated database, made unless the server has one of the same migrations from an earlier run. */
export async function ensureTemplate(adminUrl: string): Promise<string> {
  const template = `nyttospar_template_${await hashMigrations()}`;
  await withClient(adminUrl, async (admin) => {
    await admin.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [template]);
    if (rowCount === 0) await buildTemplate(admin, { adminUrl, template });
  });
  return template;
}

/** Takes its name only when every migration has run, those of the jobs too: an interrupted one is built anew. */
async function buildTemplate(admin: pg.Client, names: { adminUrl: string; template: string }): Promise<void> {
  const draft = `${names.template}_draft`;
  await admin.query(`drop database if exists ${draft} with (force)`);
  await admin.query(
    `create database ${draft} template template0 encoding 'UTF8' locale 'C' locale_provider builtin builtin_locale 'C.UTF-8'`,
  );
  await migrate(urlOf(draft, names.adminUrl));
  await installJobs(urlOf(draft, names.adminUrl));
  await admin.query(`alter database ${draft} rename to ${names.template}`);
}

async function hashMigrations(): Promise<string> {
  const hash = createHash('sha256');
  const files = (await readdir(MIGRATIONS, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map((file) => `${file.parentPath}/${file.name}`).sort();
  for (const path of paths) hash.update(basename(path)).update(await readFile(path));
  hash.update(await readFile(LIBRARY));
  return hash.digest('hex').slice(0, 12);
}
