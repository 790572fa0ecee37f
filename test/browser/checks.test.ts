import { expect, it, onTestFinished } from 'vitest';
import { expectAccessible, expectNoSidewaysScroll, launchBrowser } from '../support/browser.js';
import { describeInBrowser } from '../support/requires.js';

const PAGE = '<html lang="sv"><title>Sida</title><main><h1>Rubrik</h1>';

describeInBrowser('what every page is checked with', () => {
  it.each([
    ['text that is too pale', '<p style="color: #aaa; background: #fff">Blekt</p>', /color-contrast/],
    ['a field without a name', '<input type="text">', /label/],
    ['a picture without words', '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', /image-alt/],
  ])('finds %s', async (_, body, fault) => {
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 360, height: 800 } });
    await page.setContent(`${PAGE}<p>Text</p>`);
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await page.setContent(`${PAGE}${body}<pre>${'bred'.repeat(200)}</pre>`);
    await expect(expectAccessible(page)).rejects.toThrow(fault);
    await expect(expectNoSidewaysScroll(page)).rejects.toThrow('wider than the window');
  });
});
