import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { devicesApi, identityApi, liveApi, productsApi, trialsApi } from '#contracts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONFIG } from '../../apps/api/src/settings.js';
import type { Config } from '../../apps/api/src/config.js';
import { expectAccessible, expectNoSidewaysScroll, launchBrowser, type Look, openWindow } from '../support/browser.js';
import { connect, publish } from '../support/mqtt.js';
import { describeInBrowser } from '../support/requires.js';
import { startSystem, type TestSystem, tokenOf } from '../support/system.js';

const PASSWORD = 'prova-exempelby';
const LOOKS: Look[] = [
  { locale: 'sv-SE', colorScheme: 'light', width: 1366 },
  { locale: 'en-GB', colorScheme: 'dark', width: 1366 },
  { locale: 'sv-SE', colorScheme: 'dark', width: 360 },
  { locale: 'en-GB', colorScheme: 'light', width: 360 },
];

describeInBrowser('every page, with the demo’s content', () => {
  let system: TestSystem;
  let browser: Browser;
  let tokens: Record<'technician' | 'admin', string>;
  let paths: { technician: string[]; admin: string[] };

  beforeAll(async () => {
    system = await startSystem({ demo: true });
    const { api } = system;
    tokens = {
      technician: await tokenOf(api, 'tekniker@demo.example', PASSWORD),
      admin: await tokenOf(api, 'admin@demo.example', PASSWORD),
    };
    await publishSome(system);
    paths = await pathsOf(system, tokens.technician);
    browser = await launchBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  it.each(LOOKS)(
    'is accessible, stays within the window and on this machine: $locale, $colorScheme, $width px',
    async (look) => {
      for (const role of ['technician', 'admin'] as const) {
        const locale = look.locale === 'sv-SE' ? 'sv' : 'en';
        await system.api.as({ token: tokens[role] }).call(identityApi.setLocale, { body: { locale } });
        const window = await openWindow(browser, system.api.url, { ...look, token: tokens[role] });
        for (const path of paths[role]) {
          await window.page.goto(path);
          await window.page.locator('h1').first().waitFor();
          await window.page.waitForLoadState('networkidle');
          expect(await window.page.getAttribute('html', 'lang')).toBe(locale);
          await expectAccessible(window.page);
          await expectNoSidewaysScroll(window.page);
        }
        expect(window.problems).toEqual([]);
        await window.context.close();
      }
    },
    300_000,
  );
});

/** A few openings and a reject, so that the pages have something to show. */
async function publishSome({ api, ingest }: TestSystem): Promise<void> {
  const { dataDir } = api.app.get<Config>(CONFIG);
  const file = JSON.parse(readFileSync(join(dataDir, 'demo', 'devices.json'), 'utf8')) as {
    devices: { publicId: string; secret: string; family: string }[];
  };
  for (const device of file.devices.filter(({ family }) => family === 'keyless_lock').slice(0, 2)) {
    const client = await connect({ port: ingest.port, publicId: device.publicId, secret: device.secret });
    const topic = `wt/v1/${device.publicId}/usage`;
    await publish(client, topic, { id: 'x', metric: 'unlock', attributes: { result: 'success', actor_role: 'staff' } });
    await publish(client, topic, '<script>alert(1)</script>');
    await client.endAsync();
  }
}

async function pathsOf({ api }: TestSystem, token: string): Promise<{ technician: string[]; admin: string[] }> {
  const as = api.as({ token });
  const { units } = await as.call(liveApi.units);
  const { rows: trials } = await as.call(trialsApi.list, { query: {} });
  const { rows: devices } = await as.call(devicesApi.list, { query: {} });
  const { rows: products } = await as.call(productsApi.list, { query: {} });
  const trial = trials.find(({ family }) => family === 'keyless_lock');
  const [unit, device, product] = [units.find(({ name }) => name.startsWith('Hemtjänst')), devices[0], products[0]];
  return {
    technician: [
      '/',
      `/units/${unit?.id}`,
      '/trials',
      '/trials/new',
      ...['', '/live', '/edit', '/devices', '/stages', '/realisation'].map((part) => `/trials/${trial?.id}${part}`),
      '/devices',
      '/devices/new',
      '/devices/imports',
      '/devices/imports/new',
      `/devices/${device?.id}`,
      '/gateways',
      '/gateways/new',
      '/products',
      '/products/new',
      `/products/${product?.id}`,
      `/products/${product?.id}/mappings/zigbee2mqtt`,
      '/rejects',
      '/notifications',
      '/notifications/preferences',
    ],
    admin: ['/organisation', '/users', '/audit', '/system', '/storage'],
  };
}
