import { killChildren } from './child.js';
import { BadSetting, helpText, readSettings, type Settings } from './config.js';
import { runHub } from './hub.js';
import type { Scripts } from './programs.js';
import { listenForStop } from './stop-signals.js';

/** Runs the hub as told by the command line and the environment until it is stopped; resolves to the exit code. */
export async function runCommand(args: string[], scripts: Scripts): Promise<number> {
  // PostgreSQL is ended by its watchdog then, and whatever else is left by its closed channel.
  const stop = listenForStop(() => {
    killChildren();
    process.exit(1);
  });
  const settings = readOrExplain(args);
  if (typeof settings === 'number') return settings;
  return runHub(settings, { scripts, stop, say: (line) => console.log(line) });
}

/** The settings, or the exit code after having told why there is nothing to run. */
function readOrExplain(args: string[]): Settings | number {
  try {
    const settings = readSettings(args);
    if (settings !== 'help') return settings;
    console.log(helpText());
    return 0;
  } catch (cause) {
    if (!(cause instanceof BadSetting)) throw cause;
    console.error(cause.message);
    return 1;
  }
}
