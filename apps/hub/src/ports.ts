import { createServer } from 'node:net';
import { exampleOf, type Settings } from './config.js';
import { StartProblem } from './start-problem.js';

/** Throws `StartProblem`, naming the setting to change, when a port that will be needed cannot be opened. */
export async function checkPorts(settings: Settings): Promise<void> {
  await checkPort('HTTP_PORT', settings.httpPort, settings.bind);
  if (settings.mqttUrl) return;
  await checkPort('MQTT_PORT', settings.mqttPort, settings.bind);
  if (settings.mqttTls) await checkPort('MQTT_TLS_PORT', settings.mqttTls.port, settings.bind);
}

async function checkPort(
  setting: 'HTTP_PORT' | 'MQTT_PORT' | 'MQTT_TLS_PORT',
  port: number,
  bind: string,
): Promise<void> {
  const code = await tryPort(port, bind);
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
