import 'reflect-metadata';
import { createApp } from './app.js';
import { readConfig } from './config.js';
import { seedDemo } from './demo/seed-demo.js';
import { FirstAdministrator } from './identity/log-in/first-administrator.js';
import { endOnRequest } from './shutdown.js';

/** Tells the parent process, when there is one, and otherwise the log. */
const tell = (message: object): void => {
  if (process.send) process.send(message);
  else process.stdout.write(`${JSON.stringify(message)}\n`);
};

/** What the person at the terminal needs: how to make the first account, while there is none. */
const firstLines = (link: string | null): string[] =>
  link === null ? [] : [`First administrator (once, within 24 hours): ${link}`];

try {
  const config = readConfig();
  const app = await createApp(config);
  endOnRequest(() => app.close());
  await app.init();
  const demoLines = config.demo ? await seedDemo(app) : [];
  await app.listen(config.port, config.bind);
  const link = config.demo ? null : await app.get(FirstAdministrator, { strict: false }).prepareLink();
  tell({ type: 'ready', lines: [...firstLines(link), ...demoLines] });
} catch (error) {
  tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}
