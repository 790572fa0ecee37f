import { once } from 'node:events';
import { OrgNodeEntity } from '#database';
import type { Page } from 'playwright-core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startApi } from '../support/api.js';
import { launchBrowser, openWindow, withPicture } from '../support/browser.js';
import { user } from '../support/builders.js';
import { limitMs, moreAcknowledged, placedDevices, rounds } from '../support/chaos.js';
import { pickPort } from '../support/free-port.js';
import { createInventory, type Inventory, startIngest } from '../support/ingest.js';
import { findFaults, NO_FAULTS, startLoad } from '../support/load.js';
import { createDatabase } from '../support/postgres.js';
import { describeInBrowser } from '../support/requires.js';
import { type NodeProcess, runNode } from '../support/run-node.js';
import { WEB_DIR } from '../support/system.js';

/** Targets R1 and R3: whoever has a live page open need not do anything when the API is killed, and misses nothing. */

const SOON = { timeout: 30_000, interval: 100 };

interface Scene {
  inventory: Inventory;
  unitId: string;
  /** The session of a manager of the unit. */
  token: string;
}

/** A database with a unit and somebody who may watch it. */
async function prepare(): Promise<Scene> {
  const database = await createDatabase();
  const inventory = await createInventory(database);
  onTestFinished(() => inventory.drop());
  const api = await startApi({}, { database });
  const node = await api.db.manager.findOneByOrFail(OrgNodeEntity, { kind: 'unit', name: 'Enhet ett' });
  const { token } = await user(api, { role: 'manager', node });
  await api.app.close();
  return { inventory, unitId: node.id, token };
}

/** The API as a process of its own on a port that stays, which is killed when the test is over. */
async function startApiProcess(databaseUrl: string, port: number): Promise<NodeProcess> {
  const settings = { DATABASE_URL: databaseUrl, HTTP_PORT: String(port), LOG_LEVEL: 'error', WEB_DIR };
  const api = runNode('apps/api/src/main.ts', [], { env: { PATH: process.env.PATH, ...settings } });
  onTestFinished(() => kill(api));
  await api.says(/"type":"ready"/);
  return api;
}

async function kill({ child }: NodeProcess): Promise<void> {
  const exit = once(child, 'exit');
  if (child.kill('SIGKILL')) await exit;
}

/** Today's openings as the page shows them. */
async function shownOn(page: Page): Promise<number> {
  const figure = page.locator('section[aria-labelledby=today] dd').first();
  return Number((await figure.innerText({ timeout: 1_000 })).replaceAll(/\D/g, ''));
}

async function storedToday(inventory: Inventory): Promise<number> {
  const [row] = await inventory.rows<{ count: number }>(
    `select coalesce(sum(count), 0)::int as count from usage_hour
     where hour >= date_trunc('day', now(), 'Europe/Stockholm')`,
  );
  return row?.count ?? 0;
}

describeInBrowser('a live page that is open', () => {
  it(
    'says that it is interrupted when the API is killed, is live again by itself, and shows all that was stored',
    async () => {
      const { inventory, unitId, token } = await prepare();
      const ingest = await startIngest(inventory);
      onTestFinished(() => ingest.stop());
      const port = await pickPort();
      let api = await startApiProcess(inventory.url, port);
      const browser = await launchBrowser();
      onTestFinished(() => browser.close());
      const { page, problems } = await openWindow(browser, `http://127.0.0.1:${port}`, { token });
      await page.goto(`/units/${unitId}`);
      const load = startLoad(await placedDevices(inventory, 4), ingest.port, 200);
      const isLive = page.locator('[data-live]');
      await withPicture(page, 'viewer', async () => {
        for (let round = 0; round < rounds(2); round += 1) {
          await isLive.waitFor(SOON);
          const shown = await vi.waitUntil(() => shownOn(page).catch(() => 0), SOON);
          await vi.waitFor(async () => expect(await shownOn(page)).toBeGreaterThan(shown), SOON);
          await kill(api);
          await isLive.waitFor({ ...SOON, state: 'detached' });
          await moreAcknowledged(load, 400);
          api = await startApiProcess(inventory.url, port);
        }
        await isLive.waitFor(SOON);
        await load.finish();
        expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
        const stored = await storedToday(inventory);
        await vi.waitFor(async () => expect(await shownOn(page)).toBe(stored), SOON);
        expect(problems.filter((problem) => problem.startsWith('uncaught'))).toEqual([]);
      });
    },
    limitMs(2) + rounds(2) * 15_000,
  );
});
