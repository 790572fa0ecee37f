import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { identityApi, notificationsApi } from '#contracts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Outbox } from '../../apps/api/src/notifications/raise/outbox.service.js';
import { startApi, type TestApi } from '../support/api.js';
import {
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  type Look,
  openWindow,
  withPicture,
} from '../support/browser.js';
import * as build from '../support/builders.js';
import { toldTo } from '../support/notifications.js';
import { describeInBrowser } from '../support/requires.js';
import { startSmtp, type TestSmtp } from '../support/smtp.js';
import { WEB_DIR } from '../support/system.js';

// Two browsers and axe on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const LOOKS: Look[] = [
  { locale: 'sv-SE', colorScheme: 'light', width: 1366 },
  { locale: 'en-GB', colorScheme: 'dark', width: 360 },
];
const SIGNAL = '2026-03-10T08:00:00.000Z';

describeInBrowser('notifications in the browser', () => {
  let smtp: TestSmtp;
  let api: TestApi;
  let browser: Browser;
  beforeAll(async () => {
    if (!existsSync(join(WEB_DIR, 'index.html'))) throw new Error('The web page is not built: run npm run build.');
    smtp = await startSmtp();
    const mail = { SMTP_URL: smtp.url, MAIL_FROM: 'spar@example.se', PUBLIC_URL: 'http://127.0.0.1' };
    api = await startApi({ WEB_DIR, ...mail });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
    await smtp?.close();
  });

  /** A technician who has been told of one of each kind that a device has, the demo's mark beside the bell. */
  async function technician(): Promise<build.TestUser> {
    const root = await build.municipality(api, { demo: true });
    const who = await build.user(api, { role: 'technician', node: root });
    const device = await build.device(api, root);
    const outbox = api.app.get(Outbox, { strict: false });
    const { assetTag } = device;
    const about = { device: device.id };
    const dedupeKey = String(device.key);
    await api.db.transaction(async (tx) => {
      await outbox.raise(tx, { kind: 'device_refused', about, data: { assetTag, code: 'schema' }, dedupeKey });
      await outbox.raise(tx, { kind: 'lost_device_speaks', about, data: { assetTag }, dedupeKey });
      await outbox.raise(tx, { kind: 'device_silent', about, data: { assetTag, lastSignalAt: SIGNAL }, dedupeKey });
      await outbox.raise(tx, { kind: 'battery_low', about, data: { assetTag, battery: 9 }, dedupeKey });
      await outbox.close(tx, 'battery_low', dedupeKey);
    });
    return who;
  }

  it.each(LOOKS)('are counted, read and gone to by keyboard: $locale, $width px', async (look) => {
    const who = await technician();
    const { page, context, problems } = await openWindow(browser, api.url, { ...look, token: who.token });
    const isSwedish = look.locale === 'sv-SE';
    await api.as(who).call(identityApi.setLocale, { body: { locale: isSwedish ? 'sv' : 'en' } });
    await withPicture(page, `notifications-${look.width}`, async () => {
      await page.goto('/devices');
      const bell = page.getByRole('link', { name: isSwedish ? 'Notiser, 4 olästa' : 'Notifications, 4 unread' });
      await bell.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: isSwedish ? 'Notiser' : 'Notifications' }).waitFor();
      await page.waitForLoadState('networkidle');
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      const read = page.getByRole('button', { name: isSwedish ? /^Markera som läst:/ : /^Mark as read:/ });
      await read.first().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: isSwedish ? 'Notiser, 3 olästa' : 'Notifications, 3 unread' }).waitFor();
      await page.getByRole('link', { name: isSwedish ? /har tystnat/ : /has fallen silent/ }).click();
      await page.waitForURL(/\/devices\/[0-9a-f-]{36}$/);
      await page.getByRole('link', { name: isSwedish ? 'Notiser, 2 olästa' : 'Notifications, 2 unread' }).click();
      await page.getByRole('button', { name: isSwedish ? 'Markera alla som lästa' : 'Mark all as read' }).click();
      await page.getByRole('link', { name: isSwedish ? 'Notiser' : 'Notifications', exact: true }).waitFor();
    });
    expect((await toldTo(api, who)).filter(({ readAt }) => readAt === null)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  it.each(LOOKS)('are told as one chooses: $locale, $width px', async (look) => {
    const root = await build.municipality(api);
    const who = await build.user(api, { role: 'technician', node: root });
    const isSwedish = look.locale === 'sv-SE';
    await api.as(who).call(identityApi.setLocale, { body: { locale: isSwedish ? 'sv' : 'en' } });
    const { page, context, problems } = await openWindow(browser, api.url, { ...look, token: who.token });
    await withPicture(page, `notification-preferences-${look.width}`, async () => {
      await page.goto('/notifications/preferences');
      const named = (sv: string, en: string): string => (isSwedish ? sv : en);
      await page.getByRole('checkbox', { name: named('Lågt batteri: E-post', 'Low battery: E-mail') }).check();
      await page.getByRole('radio', { name: named('Ett brev om dagen', 'One mail a day') }).check();
      await page.getByLabel(named('Klockan', 'At'), { exact: true }).selectOption('16');
      await page.getByRole('checkbox', { name: named('Tysta timmar', 'Quiet hours') }).check();
      await page.getByLabel(named('Till klockan', 'To'), { exact: true }).selectOption('21');
      await page.getByText(named('Välj två olika klockslag.', 'Choose two different hours.')).waitFor();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await page.getByLabel(named('Till klockan', 'To'), { exact: true }).selectOption('6');
      await page.getByRole('checkbox', { name: named('Allvarliga händelser', 'Critical events') }).check();
      await page.getByRole('button', { name: named('Spara', 'Save') }).click();
      await page.getByText(named('Sparat.', 'Saved.')).waitFor();
    });
    const { preferences } = await api.as(who).call(notificationsApi.preferences);
    expect(preferences).toMatchObject({
      digestHour: 16,
      quiet: { fromHour: 21, toHour: 6 },
      isCriticalAtOnce: true,
      channels: { battery_low: { app: true, email: true }, device_silent: { email: false } },
    });
    expect(problems).toEqual([]);
    await context.close();
  });
});
