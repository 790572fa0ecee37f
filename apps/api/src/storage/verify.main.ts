import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { dataSourceOptions } from '#database';
import { assertDay, type Day } from '#domain';
import { DataSource } from 'typeorm';
import { readConfig } from '../config.js';
import { describeDifference, describeResult, exitCodeOf } from './verify/report.js';
import { verifyRollUps } from './verify/verify-roll-ups.js';

const USAGE = `npm run verify -- rollups [--device ID] [--from DATE] [--to DATE] [--repair]

Proves that hours equal raw usage, days equal hours and months equal days. Dates as 2026-11-22; --to is included.
Exit code: 0 all equal (or repaired), 1 differences, 2 the range asked for is no longer kept in whole, or an error.`;

const OPTIONS = {
  device: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  repair: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const dayOf = (text: string | undefined, option: string): Day | undefined =>
  text === undefined ? undefined : assertDay(text, option);

/** `DATABASE_URL=… node dist/apps/api/src/storage/verify.main.js rollups` */
async function run(): Promise<number> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help || positionals.join() !== 'rollups') {
    print(USAGE);
    return values.help ? 0 : 2;
  }
  const asked = { ...values, from: dayOf(values.from, '--from'), to: dayOf(values.to, '--to'), now: new Date() };
  const db = await new DataSource(dataSourceOptions(readConfig().databaseUrl, 2)).initialize();
  try {
    const verified = await verifyRollUps(db, asked, (difference) => print(describeDifference(difference)));
    print(describeResult(verified));
    return exitCodeOf(verified);
  } finally {
    await db.destroy();
  }
}

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`Not verified: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
