import { identityApi } from '#contracts';
import { METRIC_LISTS } from '#database';
import { localDay } from '#domain';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rollUp } from '../../apps/api/src/worker/roll-up.js';
import { startApi, type TestApi } from '../support/api.js';
import { measuredUnit, unitsByDay, workerAtRest } from '../support/benefit.js';
import {
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  openWindow,
  withPicture,
} from '../support/browser.js';
import * as build from '../support/builders.js';
import { describeInBrowser } from '../support/requires.js';
import { WEB_DIR } from '../support/system.js';
import { COUNTER_METRIC, opening, recordReadings, recordUsage } from '../support/usage.js';

const ZONE = 'Europe/Stockholm';
/** Noon of the day before, where it is: minutes are added to it. */
const NOON = new Date(Date.now() - 86_400_000).setUTCHours(11, 0, 0, 0);
const DAY = localDay(NOON, ZONE);
const at = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString();
const wallClock = (minutes: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, timeStyle: 'short' }).format(new Date(at(minutes)));

describeInBrowser('rule U7: usages that a technician corrects', () => {
  let api: TestApi;
  let browser: Browser;
  beforeAll(async () => {
    api = await startApi({ WEB_DIR, LOG_LEVEL: 'silent' });
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  /** A lock of a trial with four openings, and a counter that has begun anew. */
  async function lock() {
    const of = await measuredUnit(api);
    await recordUsage(
      api,
      of,
      [0, 10, 20, 30].map((minutes) => opening(at(minutes))),
    );
    await recordReadings(api, of, [
      [at(1), 100],
      [at(61), 4],
      [at(121), 6],
    ]);
    const counted = [{ placementKey: of.placement.key, day: DAY }];
    await api.db.transaction((tx) => rollUp(tx, counted, { ...METRIC_LISTS, counters: [COUNTER_METRIC] }));
    await workerAtRest(api);
    return of;
  }
  const qualifying = async (rule: { key: number }) => {
    await workerAtRest(api);
    return (await unitsByDay(api, rule.key)) as { qualifying: number }[];
  };
  /** What is accessible on a phone is so on a desk: the same elements, fewer beside each other. */
  const settle = async (page: Page): Promise<void> => {
    await expectNoSidewaysScroll(page);
    if ((page.viewportSize()?.width ?? 0) < 400) await expectAccessible(page);
  };

  it.each([
    { locale: 'sv-SE', spoken: 'sv', colorScheme: 'light', width: 1366 },
    { locale: 'en-GB', spoken: 'en', colorScheme: 'dark', width: 360 },
  ] as const)(
    'are chosen, set aside with a reason, seen and taken back: $locale, $colorScheme, $width px',
    async (look) => {
      const text = (sv: string, en: string): string => (look.spoken === 'sv' ? sv : en);
      const of = await lock();
      const { token } = await build.user(api, { role: 'technician', node: of.unit, name: 'Tove Tekniker' });
      const manager = await build.user(api, { role: 'manager', node: of.unit });
      for (const one of [{ token }, manager])
        await api.as(one).call(identityApi.setLocale, { body: { locale: look.spoken } });
      const { page, problems, context } = await openWindow(browser, api.url, { ...look, token });
      const part = page.getByRole('region', { name: text('Granska och rätta', 'Check and correct') });
      const button = (name: string) => part.getByRole('button', { name, exact: true });
      const dialog = page.getByRole('dialog');
      const [notCount, again] = [text('Räkna inte', 'Do not count'), text('Räkna igen', 'Count again')];

      await withPicture(page, `corrections-${look.width}`, async () => {
        await page.goto(`/devices/${of.device.id}`);
        await part.getByRole('checkbox').nth(3).waitFor({ timeout: 20_000 });
        await part.getByLabel(text('Mått', 'Metric')).selectOption('unlock');
        await expect.poll(() => part.getByRole('checkbox').count()).toBe(4);

        // By keyboard alone, and not without a reason.
        await part.getByRole('checkbox').first().focus();
        await page.keyboard.press('Space');
        await button(notCount).press('Enter');
        await dialog.getByRole('button', { name: notCount }).press('Enter');
        await expect.poll(() => page.evaluate('document.activeElement?.getAttribute("aria-invalid")')).toBe('true');
        await page.keyboard.type('Provad av tekniker');
        await settle(page);
        await dialog.getByRole('button', { name: notCount }).press('Enter');
        await part.getByText(text('1 användning räknas inte längre.', '1 use no longer counts.')).waitFor();
        await part.getByText(text('1 användning räknas inte', '1 use does not count'), { exact: true }).waitFor();
        await part.getByText('Provad av tekniker').filter({ visible: true }).first().waitFor();
        expect(await qualifying(of.rule)).toMatchObject([{ qualifying: 3 }]);

        // A whole time, previewed: from ten past to before half past.
        await button(text('Rätta en period', 'Correct a period')).click();
        for (const [name, minutes] of [
          [text('Från', 'From'), 10],
          [text('Till, men inte med', 'To, not included'), 30],
        ] as const) {
          const field = dialog.getByRole('group', { name });
          await field.getByLabel(`${name}: ${text('datum', 'date')}`).fill(DAY);
          await field.getByLabel(`${name}: ${text('klockslag', 'time')}`).fill(wallClock(minutes));
        }
        await dialog.getByLabel(text('Mått', 'Metric')).selectOption('unlock');
        await dialog.getByText(text('2 användningar under perioden', '2 uses in the period')).waitFor();
        await dialog.getByLabel(text('Varför', 'Why')).fill('Fyrtio försök');
        await settle(page);
        await dialog.getByRole('button', { name: notCount, exact: true }).click();
        await part.getByText(text('2 användningar räknas inte längre.', '2 uses no longer count.')).waitFor();
        expect(await qualifying(of.rule)).toMatchObject([{ qualifying: 1 }]);

        // All of it back.
        await part.getByLabel(text('Visa', 'Show')).selectOption('set_aside');
        await expect.poll(() => part.getByRole('checkbox').count()).toBe(3);
        await button(text('Välj alla som visas', 'Choose all shown')).click();
        await button(again).click();
        await dialog.getByLabel(text('Varför', 'Why')).fill('Var riktiga');
        await dialog.getByRole('button', { name: again, exact: true }).click();
        await part.getByText(text('3 användningar räknas igen.', '3 uses count again.')).waitFor();
        expect(await qualifying(of.rule)).toMatchObject([{ qualifying: 4 }]);

        await part
          .getByRole('button', { name: text('Avgör', 'Decide') })
          .first()
          .click();
        await dialog.getByLabel(text('Beslut', 'Decision')).selectOption('reset');
        await dialog.getByRole('button', { name: text('Spara', 'Save') }).click();
        await part.getByText(text('Mätaren började om', 'The counter began anew')).first().waitFor();
        await expectNoSidewaysScroll(page);
        await expectAccessible(page);
      });
      expect(problems).toEqual([]);
      await context.close();
      await readOnly(manager, look, of.device.id);
    },
    90_000,
  );

  /** Who may not correct sees what was decided, by whom and why, and no single usage. */
  async function readOnly(
    { token }: { token: string },
    look: { locale: 'sv-SE' | 'en-GB'; width: number },
    deviceId: string,
  ): Promise<void> {
    const { page, problems, context } = await openWindow(browser, api.url, { ...look, token });
    await page.goto(`/devices/${deviceId}`);
    const part = page.getByRole('region', { name: /^(Granska och rätta|Check and correct)$/ });
    await part.getByText('Fyrtio försök').first().waitFor({ timeout: 20_000 });
    expect(await part.getByText('Tove Tekniker').count()).toBeGreaterThan(0);
    expect([await part.getByRole('checkbox').count(), await part.getByRole('button').count()]).toEqual([0, 0]);
    expect(problems).toEqual([]);
    await context.close();
  }
});
