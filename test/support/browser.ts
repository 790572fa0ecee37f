import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** Debian's Chromium, or another named by CHROMIUM. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** A quiet browser: no sandbox (tests may run as root) and no traffic of its own. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM))
    throw new Error(`${CHROMIUM} is missing: install Debian's package chromium, or set CHROMIUM.`);
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** How a person has set up their browser. */
export interface Look {
  locale?: 'sv-SE' | 'en-GB';
  colorScheme?: 'light' | 'dark';
  width?: number;
  height?: number;
}

/** A person's window; everything that it must never do is collected and checked by {@link assertClean}. */
export interface Window {
  context: BrowserContext;
  page: Page;
  /** Requests to anywhere but this machine, console errors, uncaught errors. */
  problems: string[];
}

/** Opens a window at a server; `token` is a session's token, to be logged in already. */
export async function openWindow(
  browser: Browser,
  url: string,
  given: Look & { token?: string } = {},
): Promise<Window> {
  const { locale = 'sv-SE', colorScheme = 'light', width = 1366, height = 900, token } = given;
  const context = await browser.newContext({
    baseURL: url,
    locale,
    colorScheme,
    viewport: { width, height },
    reducedMotion: 'reduce',
  });
  if (token) await context.addCookies([{ name: 'nyttospar_session', value: token, url }]);
  const page = await context.newPage();
  const problems: string[] = [];
  const { hostname } = new URL(url);
  context.on('request', (request) => {
    const to = new URL(request.url());
    if (!['data:', 'blob:'].includes(to.protocol) && to.hostname !== hostname)
      problems.push(`left this machine: ${request.url()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  return { context, page, problems };
}

/** Runs a test's steps; when one fails, keeps a picture of the page beside the results, for whoever mends it. */
export async function withPicture(page: Page, name: string, steps: () => Promise<void>): Promise<void> {
  try {
    await steps();
  } catch (cause) {
    await page.screenshot({ path: `test-results/${name}.png`, fullPage: true }).catch(() => undefined);
    throw cause;
  }
}

/**
 * WCAG 2.2 A and AA: no violation on the page as it stands. Legacy mode leaves out a page of its own for frames of other
 * sites, of which there are none, and only violations are described: together a quarter of the time.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const found = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary}`).join('\n')}`,
  );
  if (found.length > 0) throw new Error(`${page.url()} is not accessible:\n${found.join('\n')}`);
}

/** The page itself never scrolls sideways; a wide table scrolls in a region of its own. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const { wide, seen } = await page.evaluate<{ wide: number; seen: number }>(
    '({ wide: document.documentElement.scrollWidth, seen: document.documentElement.clientWidth })',
  );
  expect(wide, `${page.url()} is wider than the window`).toBeLessThanOrEqual(seen);
}
