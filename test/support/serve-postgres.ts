import { withClient } from './connection.js';
import { ensureTemplate } from './template.js';
import { startTestServer, type TestServer } from './test-server.js';

/**
 * The process that holds a test run's PostgreSQL. It cleans up when the channel to the test runner closes: at the end
 * of the run, after Ctrl-C, and after a kill -9 of the runner alike.
 */
async function serve(): Promise<void> {
  const released = new Promise<void>((resolve) => process.once('disconnect', resolve));
  const server = await startTestServer();
  try {
    const template = await ensureTemplate(server.adminUrl);
    const prefix = `nyttospar_test_${process.pid}_${Date.now().toString(36)}_`;
    tellRunner({ postgres: { adminUrl: server.adminUrl, template, prefix } });
    await released;
    await dropDatabases(server, prefix);
  } finally {
    await server.stop();
  }
}

/** False when the runner is gone; a runner that goes at that very moment is told by `disconnect`, not as an error. */
function tellRunner(message: object): boolean {
  if (!process.connected) return false;
  process.send?.(message, () => undefined);
  return true;
}

/** Removes what test files have left behind. */
async function dropDatabases({ adminUrl }: TestServer, prefix: string): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    const left = 'select datname from pg_database where starts_with(datname, $1)';
    const { rows } = await admin.query<{ datname: string }>(left, [prefix]);
    for (const { datname } of rows) await admin.query(`drop database if exists ${datname} with (force)`);
  });
}

await serve().catch((cause: unknown) => {
  process.exitCode = 1;
  const problem = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  if (!tellRunner({ problem })) console.error(`The tests' PostgreSQL: ${problem}`);
});
if (process.connected) process.disconnect();
