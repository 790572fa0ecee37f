import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, openWindow } from '../support/browser.js';
import { municipality, node, user } from '../support/builders.js';
import { describeInBrowser } from '../support/requires.js';
import { startSystem, type TestSystem, WEB_DIR } from '../support/system.js';

/** Brotli, as a browser gets it over TLS: what a phone on a slow line must fetch before it shows anything (target S12). */
const FIRST_SCREEN_KB = 180;

describeInBrowser('the first screen', () => {
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

  const scriptsOf = async (path: string, token?: string): Promise<string[]> => {
    const { page, context } = await openWindow(browser, system.api.url, token === undefined ? {} : { token });
    const scripts: string[] = [];
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith('.js')) scripts.push(pathname);
    });
    await page.goto(path);
    await page.locator('h1').first().waitFor();
    await page.waitForLoadState('networkidle');
    await context.close();
    return scripts;
  };
  const kilobytes = (scripts: string[]): number => scripts.reduce((sum, path) => sum + sizeOf(path), 0) / 1000;

  it('fetches little script to log in, and to see the units', async () => {
    const root = await municipality(system.api);
    const manager = await user(system.api, { role: 'manager', node: await node(system.api, root) });
    const [logIn, units] = [await scriptsOf('/'), await scriptsOf('/', manager.token)];
    expect(logIn.length).toBeGreaterThan(0);
    expect(kilobytes(logIn)).toBeLessThan(FIRST_SCREEN_KB);
    expect(kilobytes(units)).toBeLessThan(FIRST_SCREEN_KB);
  });
});

/** The tiniest files are not compressed. */
function sizeOf(path: string): number {
  const file = join(WEB_DIR, path);
  return statSync(existsSync(`${file}.br`) ? `${file}.br` : file).size;
}
