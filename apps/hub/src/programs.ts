import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeExit, type RunningPostgres, startPostgres } from '#embedded-postgres';
import { type ChildPlan, readLogEnd, startChild } from './child.js';
import type { Settings } from './config.js';
import { logFolder } from './data-folder.js';
import type { Program } from './supervise.js';

/** The scripts to fork. */
export interface Scripts {
  api: string;
  ingest: string;
  simulator: string;
  web: string;
}

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The built applications beside the built hub. */
export const BUILT: Scripts = {
  api: fromHere('../../api/src/main.js'),
  ingest: fromHere('../../ingest/src/main.js'),
  simulator: fromHere('../../../devices-sim/src/main.js'),
  web: fromHere('../../../web'),
};

type Say = (line: string) => void;

/** PostgreSQL on the data folder. After a crash it comes back on its port, where the others look for it. */
export function postgresProgram({ dataDir }: Settings, say: Say): Program<RunningPostgres> {
  const folder = join(dataDir, 'postgres');
  let port: number | undefined;
  const start: Program<RunningPostgres>['start'] = async () => {
    if (port !== undefined) await refuseEmptyRestart(folder);
    const postgres = await startPostgres({ dataDir: folder, log: say, ...(port !== undefined && { port }) });
    port = postgres.port;
    const exited = postgres.exited.then((exit) => ({ how: describeExit(exit) }));
    return { ready: Promise.resolve(postgres), exited, stop: () => postgres.stop() };
  };
  return { name: 'PostgreSQL', start, explain: () => endOf(`${folder}.log`), say };
}

/** A folder that vanished while we run must not come back as an empty database that looks like a working one. */
async function refuseEmptyRestart(folder: string): Promise<void> {
  await access(join(folder, 'PG_VERSION')).catch((cause: unknown) => {
    throw new Error(`the database in ${folder} has disappeared; put it back and start again`, { cause });
  });
}

/** What every forked program is told, by environment. */
export interface Surroundings {
  settings: Settings;
  databaseUrl: string;
  scripts: Scripts;
  say: Say;
}

export const apiProgram = (surroundings: Surroundings): Program<string[]> =>
  forkedProgram(surroundings, { name: 'The API', script: surroundings.scripts.api, logName: 'api', args: [] });

export const ingestProgram = (surroundings: Surroundings): Program<string[]> =>
  forkedProgram(surroundings, { name: 'Ingest', script: surroundings.scripts.ingest, logName: 'ingest', args: [] });

/** It is a device among devices: it knows the broker and nothing of the database. */
export const simulatorProgram = (surroundings: Surroundings): Program<string[]> =>
  forkedProgram(surroundings, {
    name: 'The simulator',
    script: surroundings.scripts.simulator,
    logName: 'simulator',
    args: ['demo'],
  });

interface Fork {
  name: string;
  script: string;
  logName: string;
  args: string[];
}

function forkedProgram(surroundings: Surroundings, { name, script, logName, args }: Fork): Program<string[]> {
  const { settings, say } = surroundings;
  const logFile = join(logFolder(settings.dataDir), `${logName}.log`);
  const environment = logName === 'simulator' ? simulatorEnvironment(settings) : serverEnvironment(surroundings);
  const plan: ChildPlan = { name, script, args, environment, logFile };
  return { name, start: () => startChild(plan), explain: () => endOf(logFile), say };
}

function serverEnvironment({ settings, databaseUrl, scripts }: Surroundings): NodeJS.ProcessEnv {
  return {
    ...settings.environment,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    DATA_DIR: settings.dataDir,
    BIND: settings.bind,
    HTTP_PORT: String(settings.httpPort),
    MQTT_PORT: String(settings.mqttPort),
    DEMO: settings.isDemo ? 'on' : 'off',
    ...tlsEnvironment(settings),
    WEB_DIR: settings.environment['WEB_DIR'] ?? scripts.web,
    ...(settings.mqttUrl && { MQTT_URL: settings.mqttUrl }),
  };
}

/** Settings may have been given as flags. */
function tlsEnvironment({ mqttTls }: Settings): NodeJS.ProcessEnv {
  if (!mqttTls) return {};
  const { port, certFile, keyFile } = mqttTls;
  return { MQTT_TLS_PORT: String(port), MQTT_TLS_CERT: certFile, MQTT_TLS_KEY: keyFile };
}

/** Its devices log in under their own names: the workers' log-in is not for them. */
function simulatorEnvironment({ environment, mqttUrl, mqttPort, dataDir }: Settings): NodeJS.ProcessEnv {
  const ca = environment['MQTT_CA'];
  return {
    ...environment,
    DATABASE_URL: undefined,
    MQTT_USERNAME: undefined,
    MQTT_PASSWORD: undefined,
    NODE_ENV: 'production',
    MQTT_URL: mqttUrl === undefined ? `mqtt://127.0.0.1:${mqttPort}` : withoutLogin(mqttUrl),
    DATA_DIR: dataDir,
    ...(mqttUrl !== undefined && ca && { NODE_EXTRA_CA_CERTS: ca }),
  };
}

function withoutLogin(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

async function endOf(logFile: string): Promise<string> {
  return `The end of its log, ${logFile}:\n${await readLogEnd(logFile)}`;
}
