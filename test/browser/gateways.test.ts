import { productsApi } from '#contracts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  openWindow,
  withPicture,
} from '../support/browser.js';
import * as build from '../support/builders.js';
import { connect, publish } from '../support/mqtt.js';
import { describeInBrowser } from '../support/requires.js';
import { startSystem, type TestSystem } from '../support/system.js';

describeInBrowser('a gateway and a mapping', () => {
  let system: TestSystem;
  let browser: Browser;
  beforeAll(async () => {
    system = await startSystem();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  /** What is accessible on a phone is so on a desk: the same elements, fewer beside each other. */
  const settle = async (page: Page): Promise<void> => {
    await page.waitForLoadState('networkidle');
    await expectNoSidewaysScroll(page);
    if ((page.viewportSize()?.width ?? 0) < 400) await expectAccessible(page);
  };

  it.each([1366, 360])(
    'are set up from nothing until a lock’s opening counts, at %d px',
    async (width) => {
      const { api, ingest } = system;
      const root = await build.municipality(api);
      const unit = await build.node(api, root, { name: 'Hemtjänst Väster' });
      const product = await build.product(api, unit, { model: `Porten ${width}` });
      const lock = await build.device(api, unit, { product, assetTag: `LÅS-${width}` });
      await build.placement(api, { device: lock, node: unit });
      const { token } = await build.user(api, { role: 'technician', node: unit });
      const { page, problems } = await openWindow(browser, api.url, { token, width });

      await withPicture(page, `gateways-${width}`, async () => {
        const { username, secret } = await registerGateway(page, settle);
        const client = await connect({ port: ingest.port, publicId: username, secret });
        const opened = { action: 'manual_unlock', action_source_name: 'manual', battery: 70 };
        await publish(client, 'zigbee2mqtt/hall/dörr', opened);
        await page.reload();
        await grantHeard(page, `LÅS-${width}`);
        await settle(page);

        await page.getByRole('link', { name: 'Saknas: översätt' }).first().click();
        await page.getByRole('heading', { level: 1, name: `Zigbee2MQTT för Porten ${width}` }).waitFor();
        await writeMapping(page, opened);
        await settle(page);
        await page.getByRole('button', { name: 'Spara', exact: true }).click();
        await page.getByRole('heading', { level: 1, name: `Porten ${width}` }).waitFor();
        await page.getByText('1 regel').waitFor();
        await settle(page);

        const count = async (): Promise<number> =>
          (await api.db.query<object[]>('select 1 from usage where device_key = $1', [lock.key])).length;
        await expect
          .poll(async () => (await publish(client, 'zigbee2mqtt/hall/dörr', opened), count()), { timeout: 8_000 })
          .toBeGreaterThan(0);
        await client.endAsync();
      });
      expect((await api.as({ token }).call(productsApi.get, { params: { id: product.id } })).devices).toBe(1);
      expect(problems).toEqual([]);
    },
    90_000,
  );

  it('say in English what is wrong with a rule, at its field, and lose nothing that was written', async () => {
    const { api } = system;
    const unit = await build.node(api, await build.municipality(api));
    const product = await build.product(api, unit);
    const { token } = await build.user(api, { role: 'technician', node: unit });
    await api.db.query(`update user_account set locale = 'en' where root_id = $1`, [unit.rootId]);
    const { page } = await openWindow(browser, api.url, { token, locale: 'en-GB', colorScheme: 'dark' });
    await page.goto(`/products/${product.id}/mappings/thingsboard`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    // By keyboard alone: the button, then the new rule's fields.
    await page.getByRole('button', { name: 'Add rule' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Save', exact: true }).press('Enter');
    await expect.poll(() => page.locator('[aria-invalid="true"]').count()).toBe(1);
    await expect.poll(() => page.evaluate('document.activeElement?.getAttribute("aria-invalid")')).toBe('true');
    await page.keyboard.type('openings');
    await page.getByLabel('Counts as').selectOption({ label: 'as many events as the field says' });
    await page.getByLabel('Message', { exact: true }).fill('{"openings": 3, "humidity": 80}');
    await page.getByRole('status').filter({ hasText: '3 uses' }).waitFor();
    expect(await page.getByLabel('Field', { exact: false }).first().inputValue()).toBe('openings');
    await settle(page);
  });
});

async function registerGateway(page: Page, settle: (page: Page) => Promise<void>) {
  await page.goto('/gateways');
  await page.getByRole('heading', { level: 2, name: 'Inga bryggor ännu' }).waitFor();
  await settle(page);
  await page.getByRole('link', { name: 'Registrera brygga' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Registrera brygga' }).waitFor();
  await settle(page);
  await page.getByLabel('Namn').fill('Bryggan <b>i hallen</b>');
  await page.getByRole('combobox', { name: 'Ägande enhet' }).or(page.getByLabel('Ägande enhet')).first().click();
  await page
    .getByRole('option', { name: /Hemtjänst Väster/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Registrera brygga' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Kopiera nu').waitFor();
  await settle(page);
  const username = await dialog.getByRole('textbox', { name: 'Användarnamn' }).inputValue();
  const secret = await dialog.getByRole('textbox', { name: 'Hemlighet' }).inputValue();
  await dialog.getByRole('button', { name: 'Jag har sparat hemligheten' }).click();
  await page.getByRole('heading', { level: 1, name: 'Bryggan <b>i hallen</b>' }).waitFor();
  return { username, secret };
}

/** The name that the gateway was heard with, granted to a device. */
async function grantHeard(page: Page, assetTag: string): Promise<void> {
  const grant = page.getByRole('button', { name: 'Tillåt hall/dörr' });
  await grant.waitFor({ timeout: 20_000 });
  await grant.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Apparat' }).or(dialog.getByLabel('Apparat')).first().click();
  await page.getByRole('option', { name: assetTag }).first().click();
  await dialog.getByRole('button', { name: 'Lägg till apparat' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('link', { name: assetTag }).first().waitFor();
}

/** One rule, begun from a field that the pasted message shows. */
async function writeMapping(page: Page, message: object): Promise<void> {
  await page.getByLabel('Meddelande', { exact: true }).fill(JSON.stringify(message));
  await page.getByText('Fälten i meddelandet').first().click();
  await page.getByRole('button', { name: 'Gör en regel av action', exact: true }).click();
  await page.getByLabel('När värdet').first().selectOption({ label: 'är ett av' });
  await page.getByLabel('När värdet är ett av').fill('unlock, manual_unlock');
  await page.getByLabel('Utfall').selectOption({ label: 'Lyckad' });
  await page.getByLabel('Vem som öppnade', { exact: true }).selectOption({ label: 'Läs från ett fält' });
  await page.getByLabel('Fält för Vem som öppnade').fill('action_source_name');
  await page.getByLabel('Personal heter där').fill('manual');
  await page.getByRole('status').filter({ hasText: '1 användning' }).waitFor();
  await page.getByText('(Lyckad, Personal)').first().waitFor();
}
