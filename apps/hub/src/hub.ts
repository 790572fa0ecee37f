import { migrate } from '#database';
import type { Settings } from './config.js';
import { logFolder, takeDataFolder, trimLogs } from './data-folder.js';
import { checkPorts } from './ports.js';
import { apiProgram, ingestProgram, postgresProgram, type Scripts, simulatorProgram } from './programs.js';
import { StartProblem } from './start-problem.js';
import { type Program, supervise } from './supervise.js';

/** From outside: what to run, when to stop, and where to show progress. */
export interface Surface {
  scripts: Scripts;
  stop: AbortSignal;
  say(line: string): void;
}

const SIMULATOR_AT_OWN_BROKER =
  'The simulated devices log in at your broker under their own names, which it must know: see docs/guides/external-broker.md.';

const TRIM_LOGS_EVERY_MS = 600_000;

/**
 * Runs the whole product until `stop`, and ends it in the order simulator → ingest → API → PostgreSQL, so that nothing
 * is still writing when its receiver goes. Resolves to the exit code: 0 after `stop`, 1 when a part cannot run.
 */
export async function runHub(settings: Settings, surface: Surface): Promise<number> {
  const hub = new Hub(settings, surface);
  try {
    await hub.start();
    await hub.untilStop();
    return 0;
  } catch (cause) {
    if (surface.stop.aborted) return 0;
    surface.say(cause instanceof StartProblem ? cause.message : String(cause instanceof Error ? cause.stack : cause));
    return 1;
  } finally {
    await hub.end();
  }
}

class Stopped extends Error {}

/** Keeps what has been started, to end it in reverse. */
class Hub {
  private readonly endings: (() => Promise<void>)[] = [];
  /** Rejects at `stop` or when a part gives up: raced against every wait. */
  private readonly over: Promise<never>;
  private fail: (cause: Error) => void = () => undefined;

  constructor(
    private readonly settings: Settings,
    private readonly surface: Surface,
  ) {
    this.over = new Promise((_, reject) => (this.fail = reject));
    this.over.catch(() => undefined);
    if (surface.stop.aborted) this.fail(new Stopped());
    surface.stop.addEventListener('abort', () => this.fail(new Stopped()), { once: true });
  }

  async start(): Promise<void> {
    const { settings, surface } = this;
    const hold = await takeDataFolder(settings.dataDir);
    this.endings.push(() => hold.release());
    await checkPorts(settings, (line) => surface.say(line));
    const databaseUrl = settings.databaseUrl ?? (await this.startDatabase());
    await this.migrate(databaseUrl);
    const surroundings = { settings, databaseUrl, scripts: surface.scripts, say: (line: string) => surface.say(line) };
    const lines = await Promise.all([this.run(apiProgram(surroundings)), this.run(ingestProgram(surroundings))]);
    if (settings.hasSimulator) lines.push(await this.run(simulatorProgram(surroundings)));
    this.keepLogsShort();
    surface.say(`Nyttospår is ready: ${addressOf(settings)}`);
    for (const line of lines.flat()) surface.say(line);
    if (settings.hasSimulator && settings.mqttUrl !== undefined) surface.say(SIMULATOR_AT_OWN_BROKER);
  }

  async untilStop(): Promise<void> {
    await this.over;
  }

  /** Ends in the reverse order of starting. One part that cannot be ended does not keep the others. */
  async end(): Promise<void> {
    if (this.surface.stop.aborted) this.surface.say('Stopping …');
    for (const end of this.endings.reverse()) {
      await end().catch((cause: unknown) => this.surface.say(`While stopping: ${String(cause)}`));
    }
    if (this.surface.stop.aborted) this.surface.say('Stopped.');
  }

  private async startDatabase(): Promise<string> {
    return (await this.run(postgresProgram(this.settings, (line) => this.surface.say(line)))).url;
  }

  private async migrate(databaseUrl: string): Promise<void> {
    const done = migrate(databaseUrl).catch((cause: unknown) => {
      throw new StartProblem(explainMigration(databaseUrl, cause), { cause });
    });
    this.endings.push(() => done.catch(() => undefined));
    await Promise.race([done, this.over]);
    this.surface.say('The database is at the newest version.');
  }

  private async run<Ready>(program: Program<Ready>): Promise<Ready> {
    const supervised = supervise(program);
    this.endings.push(() => supervised.stop());
    void supervised.gaveUp.then((problem) => this.fail(problem));
    const ready = await Promise.race([supervised.ready, this.over]);
    this.surface.say(`${program.name} is ready.`);
    return ready;
  }

  private keepLogsShort(): void {
    const folders = [this.settings.dataDir, logFolder(this.settings.dataDir)];
    const trim = (): void => {
      void trimLogs(folders).catch((cause: unknown) => this.surface.say(`Logs cannot be trimmed: ${String(cause)}`));
    };
    trim();
    const timer = setInterval(trim, TRIM_LOGS_EVERY_MS);
    this.endings.push(async () => clearInterval(timer));
  }
}

const isOpenedAsLocalhost = (bind: string): boolean =>
  ['0.0.0.0', '::', '127.0.0.1', '::1', 'localhost'].includes(bind);

function addressOf({ bind, httpPort }: Settings): string {
  if (isOpenedAsLocalhost(bind)) return `http://localhost:${httpPort}`;
  return `http://${bind.includes(':') ? `[${bind}]` : bind}:${httpPort}`;
}

/** Names the server without its password. */
function explainMigration(databaseUrl: string, cause: unknown): string {
  const { host, pathname } = new URL(databaseUrl);
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return `The database ${host}${pathname} (DATABASE_URL) cannot be brought to the newest version: ${reason}`;
}
