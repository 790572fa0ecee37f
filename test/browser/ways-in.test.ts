import { upwardTopic, usageImportsApi } from '#contracts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { usageOf } from '../support/api-with-ingest.js';
import {
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  openWindow,
  type Window,
  withPicture,
} from '../support/browser.js';
import { device, municipality, node, placement, type TestDevice, user } from '../support/builders.js';
import { connect, publish } from '../support/mqtt.js';
import { describeInBrowser } from '../support/requires.js';
import { startSystem, type TestSystem } from '../support/system.js';

const PHONE = 360;

describeInBrowser('the other ways in', () => {
  let system: TestSystem;
  let browser: Browser;
  let lock: TestDevice;
  let token: string;
  beforeAll(async () => {
    system = await startSystem();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });
  beforeEach(async () => {
    const { api } = system;
    const root = await municipality(api);
    const unit = await node(api, root, { name: 'Hemtjänst Öster' });
    lock = await device(api, unit);
    await placement(api, { device: lock, node: unit });
    ({ token } = await user(api, { role: 'technician', node: root }));
  });

  const open = (width?: number): Promise<Window> =>
    openWindow(browser, system.api.url, { token, ...(width !== undefined && { width }) });

  /** The page as it stands, for everybody and on a phone. */
  async function check(page: Page): Promise<void> {
    await page.waitForLoadState('networkidle');
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  }

  it('use is entered by hand with the keyboard, and the page says how much was', async () => {
    const { page, problems } = await open(PHONE);
    await withPicture(page, 'entries', async () => {
      await page.goto(`/devices/${lock.id}`);
      await page.getByRole('button', { name: 'Mata in användning' }).focus();
      await page.keyboard.press('Enter');
      await page.getByLabel('Varför det matas in för hand').fill('Låset var utan nät');
      await page.getByLabel('Utfall').selectOption('success');
      await page.getByRole('button', { name: 'En användning till' }).press('Enter');
      await page.getByRole('group', { name: 'Användning 2' }).getByLabel('När: klockslag').fill('00:01');
      await check(page);
      await page.getByRole('dialog').getByRole('button', { name: 'Mata in användning' }).press('Enter');
      await page.getByText('2 av 2 användningar de senaste 30 dagarna är inmatade för hand.').waitFor();
      await page.getByText('Räknad').first().waitFor();
      await check(page);
    });
    expect(await usageOf(system.api, lock)).toMatchObject([{ flags: 16 }, { flags: 16 }]);
    expect(problems).toEqual([]);
  });

  it('a file is checked, its faults are shown, and its good lines are imported', async () => {
    const { page, problems } = await open();
    const at = new Date(Date.now() - 3_600_000).toISOString();
    const text = `apparat;mått;tid\n${lock.assetTag};unlock;${at}\nokänd;unlock;${at}\n`;
    await withPicture(page, 'imports', async () => {
      await page.goto('/devices');
      await page.getByRole('link', { name: 'Importera användning' }).click();
      await page.getByRole('link', { name: 'Kontrollera en fil' }).first().click();
      const file = { name: 'öppningar.csv', mimeType: 'text/csv', buffer: Buffer.from(text) };
      await page.locator('input[type="file"]').setInputFiles(file);
      await page.getByRole('combobox', { name: 'Enhet' }).fill('öster');
      await page.getByRole('option', { name: /Hemtjänst Öster/ }).click();
      await page.getByLabel('Varför användningen förs in').fill('Loggen förd på papper');
      await check(page);
      await page.getByRole('button', { name: 'Kontrollera filen' }).click();
      await page.getByRole('heading', { name: 'öppningar.csv' }).waitFor();
      await page.getByText('no device below the chosen unit').waitFor();
      await check(page);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Hämta alla fel som CSV' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('faults.csv');
      await page.getByRole('button', { name: 'Importera 1 rad' }).click();
      await page.getByText('Alla importerade rader är behandlade.').waitFor();
      await page.setViewportSize({ width: PHONE, height: 800 });
      await check(page);
    });
    expect(await usageOf(system.api, lock)).toHaveLength(1);
    const { rows } = await system.api.as({ token }).call(usageImportsApi.list, { query: {} });
    expect(rows).toMatchObject([{ fileName: 'öppningar.csv', status: 'sent', good: 1, bad: 1, taken: 1 }]);
    expect(problems).toEqual([]);
  });

  it('rejects are grouped, narrowed and replayed, and the list says what came of it', async () => {
    const client = await connect({ ...lock, port: system.ingest.port });
    const ahead = { metric: 'unlock', at: Date.now() + 2 * 3_600_000 };
    for (const id of ['a', 'b']) await publish(client, upwardTopic(lock.publicId, 'usage'), { ...ahead, id });
    await publish(client, upwardTopic(lock.publicId, 'usage'), 'inget');
    await client.endAsync();
    const { page, problems } = await open();
    await withPicture(page, 'rejects', async () => {
      await page.goto('/rejects');
      await page.getByRole('heading', { name: 'Vad som är fel i stort' }).waitFor();
      await page.getByText('Avvisade över tid').first().waitFor();
      await check(page);
      await page.getByRole('button', { name: 'Visa bara: Tiden ligger i framtiden' }).press('Enter');
      await page.getByText('2 träffar').waitFor();
      await page.getByRole('button', { name: 'Välj alla som visas' }).click();
      await page.getByText('2 valda').waitFor();
      await page.getByRole('button', { name: 'Spela upp igen' }).click();
      await page.getByLabel('Vad som är avhjälpt').fill('Klockan gick två timmar före');
      await page.getByLabel('Rätta apparatens klocka med').fill('-120');
      await check(page);
      await page.getByRole('dialog').getByRole('button', { name: 'Spela upp igen' }).click();
      await page.getByText('2 meddelanden är på väg.').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Stäng' }).last().click();
      await page.getByText('Mottaget vid uppspelning').nth(1).waitFor();
      await page.setViewportSize({ width: PHONE, height: 800 });
      await check(page);
    });
    expect(await usageOf(system.api, lock)).toHaveLength(2);
    expect(problems).toEqual([]);
  });
});
