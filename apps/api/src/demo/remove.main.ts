import 'reflect-metadata';
import { dataSourceOptions } from '#database';
import { DataSource } from 'typeorm';
import { readConfig } from '../config.js';
import { removeDemo } from './remove-demo.js';

/** `DATABASE_URL=… DATA_DIR=… node dist/apps/api/src/demo/remove.main.js` */
async function run(): Promise<string> {
  const config = readConfig();
  const db = await new DataSource(dataSourceOptions(config.databaseUrl, 2)).initialize();
  try {
    const removed = await removeDemo(db, config.dataDir);
    return removed === null
      ? 'There is no demo in this database.'
      : `${removed} has been removed. Start with DEMO=off, or the demo is made anew.`;
  } finally {
    await db.destroy();
  }
}

try {
  process.stdout.write(`${await run()}\n`);
} catch (error) {
  process.stderr.write(`The demo was not removed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
