import { identityApi } from '#contracts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import {
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  openWindow,
  withPicture,
} from '../support/browser.js';
import { device, municipality, node, placement, user } from '../support/builders.js';
import { describeInBrowser } from '../support/requires.js';
import { WEB_DIR } from '../support/system.js';

const HOUR = 3_600_000;
/** What the API permits to its owner alone. */
const CHANGES = {
  sv: ['Ändra apparat', 'Placera', 'Skapa ny hemlighet', 'Mata in användning'],
  en: ['Edit device', 'Place', 'Create new secret', 'Enter use'],
} as const;

/** Which of the changes the page has a button for. */
const offeredOn = async (page: Page, changes: readonly string[]): Promise<string[]> => {
  const buttons = await page.locator('main').getByRole('button').allInnerTexts();
  return changes.filter((change) => buttons.includes(change));
};

describeInBrowser('rule U8: a device as the unit that it has left sees it', () => {
  let api: TestApi;
  let browser: Browser;
  let token: string;
  let owners: string;
  let path: string;

  beforeAll(async () => {
    api = await startApi({ WEB_DIR, LOG_LEVEL: 'silent' });
    const root = await municipality(api);
    const [owner, former] = [await node(api, root), await node(api, root)];
    const lock = await device(api, owner, { assetTag: 'LÅS-7' });
    await placement(api, { device: lock, node: former }, { endsAt: new Date(Date.now() - HOUR) });
    await api.db.query('insert into device_signal (device_key, battery, last_at) values ($1, 9, now())', [lock.key]);
    token = (await user(api, { role: 'technician', node: former })).token;
    owners = (await user(api, { role: 'technician', node: owner })).token;
    path = `/devices/${lock.id}`;
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  it.each([
    {
      locale: 'sv-SE',
      spoken: 'sv',
      colorScheme: 'light',
      width: 1366,
      told: 'Visas inte: apparaten ägs av',
      place: 'Inte hos er nu',
    },
    {
      locale: 'en-GB',
      spoken: 'en',
      colorScheme: 'dark',
      width: 360,
      told: 'Not shown: the device is owned',
      place: 'Not with you now',
    },
  ] as const)(
    'says so, and nothing of how it is now: $locale, $colorScheme, $width px',
    async (look) => {
      await api.as({ token }).call(identityApi.setLocale, { body: { locale: look.spoken } });
      const { page, problems, context } = await openWindow(browser, api.url, { ...look, token });
      await withPicture(page, `moved-${look.width}`, async () => {
        for (const [at, text] of [
          ['/devices', look.place],
          [path, look.told],
        ] as const) {
          await page.goto(at);
          await page.getByText(text).filter({ visible: true }).first().waitFor({ timeout: 20_000 });
          expect(await page.locator('main').innerText()).not.toContain('9 %');
          await expectAccessible(page);
          await expectNoSidewaysScroll(page);
        }
        expect(await offeredOn(page, CHANGES[look.spoken])).toEqual([]);
      });
      expect(problems).toEqual([]);
      await context.close();
    },
    60_000,
  );

  it('offers to change it to its owner, and to nobody who may only read it', async () => {
    const { page, context } = await openWindow(browser, api.url, { token: owners });
    await page.goto(path);
    await page.getByRole('heading', { name: 'Inloggning' }).waitFor({ timeout: 20_000 });
    expect(await offeredOn(page, CHANGES.sv)).toEqual(CHANGES.sv);
    await context.close();
  });
});
