import { join } from 'node:path';
import type { Cluster } from './cluster.js';
import { PostgresStartError } from './postgres-start-error.js';
import { run } from './run.js';

/** Swedish order is … z å ä ö; lower() must know the letters, or search and uniqueness lose them. */
const SWEDISH_WORKS = `select (lower('ÅÄÖ') = 'åäö' and 'z' < 'å' collate "sv-SE-x-icu"
  and 'å' < 'ä' collate "sv-SE-x-icu" and 'ä' < 'ö' collate "sv-SE-x-icu") as swedish_works;`;

/**
 * Checks the locale and sets the superuser's password, in PostgreSQL's single-user mode (≈ 45 ms; no server may run on
 * the folder; recovers a crashed one on the way). Setting it at every start mends a lost password file. `password` is
 * hexadecimal. Throws `PostgresStartError`.
 */
export async function checkCluster({ folder, binaries, account }: Cluster, password: string): Promise<void> {
  const args = ['--single', '-D', folder, '-c', 'log_min_error_statement=panic', 'postgres'];
  // Single-user mode ends a command at the end of a line.
  const input = `${SWEDISH_WORKS.replaceAll('\n', ' ')}\nalter role postgres password '${password}';\n`;
  const { code, output, errors } = await run(join(binaries.folder, 'bin', 'postgres'), args, { account, input });
  if (code === 0 && output.includes('swedish_works = "t"') && !/ (ERROR|FATAL|PANIC): /.test(errors)) return;
  const problem = output.includes('swedish_works = "f"')
    ? 'Swedish letters are not sorted or lowered rightly'
    : errors.trim();
  throw new PostgresStartError(
    `The database in ${folder} did not pass its check at start: ${problem || `exit code ${code}`}`,
  );
}
