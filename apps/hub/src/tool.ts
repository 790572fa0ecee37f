import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findRunning } from '#embedded-postgres';
import { BadSetting, readSettings, type Settings } from './config.js';

/** The tool could not be run; one that runs has exit codes of its own. */
const NOT_RUN = 2;

/**
 * Runs a tool's script with its arguments on the database that `npm start` has running here (DATA_DIR), or on
 * DATABASE_URL; resolves to its exit code. What it says goes to the terminal.
 */
export async function runTool(script: string, args: string[]): Promise<number> {
  try {
    const settings = readSettings([]) as Settings; // 'help' is only for who asks for it
    const databaseUrl = args.includes('--help') ? undefined : await databaseOf(settings);
    const env = {
      ...settings.environment,
      DATA_DIR: settings.dataDir,
      ...(databaseUrl && { DATABASE_URL: databaseUrl }),
    };
    return await exitCodeOf(spawn(process.execPath, [...process.execArgv, script, ...args], { env, stdio: 'inherit' }));
  } catch (cause) {
    if (!(cause instanceof BadSetting)) throw cause;
    console.error(cause.message);
    return NOT_RUN;
  }
}

async function databaseOf({ databaseUrl, dataDir }: Settings): Promise<string> {
  const found = databaseUrl ?? (await findRunning(join(dataDir, 'postgres')));
  if (found !== null) return found;
  throw new BadSetting(
    `No database runs on ${dataDir}. Start the product with "npm start" in another terminal, name its folder with ` +
      'DATA_DIR, or name your own database with DATABASE_URL.',
  );
}

async function exitCodeOf(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? NOT_RUN;
}
