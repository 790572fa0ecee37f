import { addDays, localDay } from '#domain';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ingest } from '../../apps/ingest/src/ingest.js';
import { startApi, type TestApi } from '../support/api.js';
import {
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  openWindow,
  withPicture,
} from '../support/browser.js';
import { device, municipality, node, placement, user } from '../support/builders.js';
import { pickPort } from '../support/free-port.js';
import { connect, publish } from '../support/mqtt.js';
import { createDatabase } from '../support/postgres.js';
import { describeInBrowser } from '../support/requires.js';
import { WEB_DIR } from '../support/system.js';
import { opening, recordUsage } from '../support/usage.js';

const HOUR = 3_600_000;
const WAIT = { timeout: 20_000 };

describeInBrowser('the truth about devices and the system, as people see it', () => {
  let api: TestApi;
  let ingest: Ingest;
  let browser: Browser;
  let token: string;
  let paths: { device: string; unit: string };

  beforeAll(async () => {
    const [database, port] = [await createDatabase(), await pickPort()];
    const log = pino({ level: 'silent' });
    ingest = await Ingest.start({ databaseUrl: database.url, bind: '127.0.0.1', mqttPort: port, log });
    api = await startApi({ WEB_DIR, MQTT_PORT: String(port), CANARY_SECONDS: '1', LOG_LEVEL: 'silent' }, { database });
    const root = await municipality(api);
    const unit = await node(api, root);
    token = (await user(api, { role: 'technician', node: root })).token;
    const lock = await device(api, unit, { assetTag: 'LÅS-7' });
    const there = await placement(api, { device: lock, node: unit });
    const noon = new Date(`${addDays(localDay(Date.now(), 'Europe/Stockholm'), -3)}T11:00:00Z`);
    await recordUsage(api, { device: lock, placement: there }, [opening(noon), opening(noon)]);
    const client = await connect({ port, publicId: lock.publicId, secret: lock.secret });
    const topic = (channel: string): string => `wt/v1/${lock.publicId}/${channel}`;
    await publish(client, topic('health'), { battery: 9 });
    await publish(client, topic('usage'), { id: 'a', metric: 'unlock', at: Date.now() - 3 * HOUR });
    await publish(client, topic('usage'), { id: 'b', metric: 'unlock', at: Date.now() + 3 * HOUR });
    await publish(client, topic('state'), { state: 'sleeping' });
    await client.endAsync();
    paths = { device: `/devices/${lock.id}`, unit: `/units/${unit.id}` };
    browser = await launchBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await api?.close();
    await ingest?.stop();
  });

  const shows = (page: Page, text: string | RegExp): Promise<void> =>
    page
      .getByText(text)
      .first()
      .waitFor({ state: 'visible', ...WAIT });

  it.each([
    { locale: 'sv-SE', colorScheme: 'light', width: 1366 },
    { locale: 'sv-SE', colorScheme: 'dark', width: 360 },
  ] as const)('is accessible and stays within the window: $colorScheme, $width px', async (look) => {
    const { page, problems, context } = await openWindow(browser, api.url, { ...look, token });
    await withPicture(page, `system-${look.width}`, async () => {
      for (const path of ['/system', paths.device, paths.unit, '/devices']) {
        await page.goto(path);
        await page.locator('h1').first().waitFor();
        await page.waitForLoadState('networkidle');
        for (const twin of await page.locator('main summary').all()) await twin.click();
        await expectAccessible(page);
        await expectNoSidewaysScroll(page);
        await page.screenshot({
          path: `test-results/truth-${look.width}${path.replaceAll('/', '-')}.png`,
          fullPage: true,
        });
      }
    });
    expect(problems).toEqual([]);
    await context.close();
  });

  it('tells of battery, sleep, clock and days in words', async () => {
    const { page, context } = await openWindow(browser, api.url, { token });
    await withPicture(page, 'truth-device', async () => {
      await page.goto(paths.device);
      for (const text of [/9\s%, lågt/, /Ej ansluten: sover/, 'Rapporterar', /Går efter: 3\sh/])
        await shows(page, text);
      await shows(page, /Använd (1 av 1 känt|2 av 2 kända) dygn \(100\s%\)\. 1[12] dygn är okända och räknas inte\./);
      await page.getByText('Visa som tabell: Dygn för dygn').click();
      expect(await page.getByRole('row', { name: /Använd(,| )/ }).count()).toBe(2); // three days ago and three hours ago
      await page.goto(paths.unit);
      await shows(page, /Använd (1 av 1 känt|2 av 2 kända) dygn/);
    });
    await context.close();
  });

  it('shows each part, the wrong clock, and by itself when the canary falls silent', async () => {
    const { page, context } = await openWindow(browser, api.url, { token });
    await withPicture(page, 'truth-system', async () => {
      await page.goto('/system');
      await shows(page, 'Kanariefågeln');
      await page.getByRole('row', { name: /Kanariefågel.*Fungerar/ }).waitFor(WAIT);
      await shows(page, /1 meddelande avvisat senaste dygnet/);
      await ingest.stop();
      await page.getByRole('row', { name: /Kanariefågel.*Tyst/ }).waitFor(WAIT);
      await page.getByRole('row', { name: /Mottagning av meddelanden.*Stoppad/ }).waitFor(WAIT);
    });
    await context.close();
  });
});
