import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { dataSourceOptions } from '#database';
import { DataSource } from 'typeorm';
import { readConfig } from '../config.js';
import { releaseHeld } from './retention/release-held.js';
import type { RetentionRun } from './retention/retention.queries.js';
import { retainRaw } from './retention/retain-raw.js';
import { thinHours } from './retention/thin-hours.js';

const WORDS: Readonly<Record<RetentionRun['kind'], string>> = {
  raw_closed: 'raw usage is closed up to the end of',
  raw_dropped: 'raw usage of',
  held_released: 'held raw usage of',
  hours_thinned: 'hours, days and months by placement of',
};

function describe({ kind, dryRun, subject, rule, rows, ledgerRows, held }: RetentionRun): string {
  const verb = dryRun ? 'would go' : 'went';
  const went = kind === 'raw_closed' ? 'dropped by a run some hours later' : `${rows} rows ${verb}`;
  const ledger = ledgerRows > 0 ? `, ${ledgerRows} ledger entries` : '';
  const kept = held.map((trial) => `${trial.code} ${trial.rows} rows (${trial.rule})`).join(', ');
  return `${WORDS[kind]} ${subject} (${rule}): ${went}${ledger}${kept ? `; held: ${kept}` : ''}`;
}

const USAGE = `npm run retention -- [--dry-run]

Removes what no rule keeps any longer (K1), as each night does; with --dry-run it tells what would go and removes nothing.
Exit code: 0 done, 1 not done to its end.`;

const OPTIONS = {
  'dry-run': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** `DATABASE_URL=… node dist/apps/api/src/storage/retention.main.js [--dry-run]` */
async function run(): Promise<string[]> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return [USAGE];
  const occasion = { now: new Date(), dryRun: values['dry-run'] };
  const db = await new DataSource(dataSourceOptions(readConfig().databaseUrl, 2)).initialize();
  try {
    const runs = [
      ...(await retainRaw(db, occasion)),
      ...(await releaseHeld(db, occasion)),
      ...(await thinHours(db, { ...occasion, rootId: null })),
    ];
    return runs.length > 0 ? runs.map(describe) : ['There is nothing whose time is over (rule K1).'];
  } finally {
    await db.destroy();
  }
}

try {
  process.stdout.write(`${(await run()).join('\n')}\n`);
} catch (error) {
  process.stderr.write(`Not done to its end: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
