import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import { launchBrowser, openWindow } from '../support/browser.js';
import * as build from '../support/builders.js';
import { describeInBrowser } from '../support/requires.js';

vi.setConfig({ testTimeout: 60_000 });

const WEB = fileURLToPath(new URL('../../dist/web', import.meta.url));

describeInBrowser('the built page under its own security headers', () => {
  let api: TestApi;
  let browser: Browser;
  let elsewhere: Server;
  let who: build.TestUser;
  beforeAll(async () => {
    if (!existsSync(WEB)) throw new Error('The page is not built: npm run build.');
    api = await startApi({ WEB_DIR: WEB });
    who = await build.user(api, { role: 'technician', node: await build.municipality(api) });
    browser = await launchBrowser();
    // Another site, since its host name differs.
    elsewhere = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end(`<a href="${api.url}/devices">open</a>`),
    ).listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await browser.close();
    elsewhere.close();
    await api.close();
  });

  /** What the browser refused on the way; an answer of 401 while nobody is logged in is no refusal. */
  const refusals = (problems: string[]): string[] => problems.filter((problem) => !problem.includes('401'));

  test('logs in, and breaks none of them on any page', async () => {
    const { context, page, problems } = await openWindow(browser, api.url);
    await page.goto('/');
    await page.locator('input[type=email]').fill(who.email);
    await page.locator('input[type=password]').fill(build.PASSWORD);
    await page.locator('button[type=submit]').click();
    await page.waitForURL(`${api.url}/`);
    for (const path of [
      '/',
      '/products',
      '/products/new',
      '/devices',
      '/trials',
      '/trials/new',
      '/rejects',
      '/organisation',
    ]) {
      await page.goto(path, { waitUntil: 'networkidle' });
      expect(await page.locator('h1').count()).toBeGreaterThan(0);
    }
    expect(refusals(problems)).toEqual([]);
    await context.close();
  });

  test('keeps somebody logged in who comes by another site’s link', async () => {
    const { context, page } = await openWindow(browser, api.url, { token: who.token });
    await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`);
    await page.getByText('open').click();
    await page.waitForURL(`${api.url}/devices`);
    await page.locator('h1').waitFor();
    expect(new URL(page.url()).pathname).toBe('/devices');
    await context.close();
  });

  test('runs no script that has found its way into the page', async () => {
    const { context, page, problems } = await openWindow(browser, api.url);
    await page.goto('/log-in', { waitUntil: 'networkidle' });
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<img src="/none" onerror="window.planted = 1">')`,
    );
    await vi.waitFor(() => expect(problems.join()).toContain('Content Security Policy'));
    expect(await page.evaluate('window.planted')).toBeUndefined();
    await context.close();
  });
});
