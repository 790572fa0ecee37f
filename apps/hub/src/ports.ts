import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { exampleOf, type Settings } from './config.js';
import { StartProblem } from './start-problem.js';

type PortSetting = 'HTTP_PORT' | 'MQTT_PORT' | 'MQTT_TLS_PORT';

/** The programs of a run that was killed end by themselves, each when it has done what it was at. */
const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 200;

/**
 * Waits a moment for ports that are taken, and throws `StartProblem`, naming the setting to change, when one that will be
 * needed cannot be opened.
 */
export async function checkPorts(settings: Settings, say: (line: string) => void): Promise<void> {
  const { httpPort, mqttPort, mqttTls, mqttUrl, bind } = settings;
  const needed: [PortSetting, number][] = [['HTTP_PORT', httpPort]];
  if (!mqttUrl) needed.push(['MQTT_PORT', mqttPort]);
  if (!mqttUrl && mqttTls) needed.push(['MQTT_TLS_PORT', mqttTls.port]);
  for (const [setting, port] of needed) refuse({ setting, port, bind, code: await untilFree({ port, bind, say }) });
}

/** What is wrong with the port in the end; undefined = nothing. */
async function untilFree(given: {
  port: number;
  bind: string;
  say: (line: string) => void;
}): Promise<string | undefined> {
  const { port, bind, say } = given;
  let code = await tryPort(port, bind);
  if (code === 'EADDRINUSE')
    say(`Port ${port} is taken, perhaps by an earlier run that is just ending: waiting a moment.`);
  for (const untilMs = Date.now() + PATIENCE_MS; code === 'EADDRINUSE' && Date.now() < untilMs;) {
    await delay(LOOK_AGAIN_MS);
    code = await tryPort(port, bind);
  }
  return code;
}

function refuse(given: { setting: PortSetting; port: number; bind: string; code: string | undefined }): void {
  const { setting, port, bind, code } = given;
  if (code === undefined) return;
  if (code === 'EADDRNOTAVAIL') throw new StartProblem(`BIND: this machine does not have the address ${bind}.`);
  const problem = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be opened (${code})`;
  throw new StartProblem(`Port ${port} ${problem}. Choose another by ${setting}, for example: ${exampleOf(setting)}`);
}

function tryPort(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => resolve(cause.code ?? cause.message));
    server.listen({ port, host }, () => server.close(() => resolve(undefined)));
  });
}
