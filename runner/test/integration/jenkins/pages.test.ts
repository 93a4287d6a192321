import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openPageBrowser, type PageBrowser, photograph } from '../../../../sandbox/pages/page-browser.js';
import { RUN, SAMPLE_PAGES, writeSamplePages } from './sample-pages.js';

let folder: string;
let browser: PageBrowser;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'understudy-pages-'));
  writeSamplePages(folder);
  browser = await openPageBrowser(path.join(folder, 'acme', RUN));
}, 60_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The copy of the style for a page that is mailed alone; everything else must get through. */
const INLINE_STYLE = /^Applying inline style violates/;

describe.each(SAMPLE_PAGES)("%s under Jenkins' Content Security Policy", (name) => {
  test.each([390, 768, 1280])(
    'is no wider than a window of %d pixels, and needs nothing that is blocked',
    async (width) => {
      const view = { width, policy: true };
      await browser.open(name, view, async (_page, client, blocked) => {
        const { cssContentSize } = await client.send('Page.getLayoutMetrics');
        expect(blocked.filter((text) => !INLINE_STYLE.test(text))).toEqual([]);
        expect(cssContentSize.width).toBeLessThanOrEqual(width);
        expect(cssContentSize.height).toBeLessThan(22_000);
        const keep = process.env['UNDERSTUDY_KEEP_PAGES'];
        if (keep !== undefined)
          writeFileSync(path.join(keep, `${name}.${String(width)}.png`), await photograph(client, width));
      });
    },
    60_000,
  );
});

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

describe.each(SAMPLE_PAGES)('axe on %s', (name) => {
  test.each([
    [390, 'light'],
    [1280, 'dark'],
  ] as const)(
    'finds nothing at %d pixels in the %s scheme',
    async (width, scheme) => {
      const found = await browser.open(name, { width, scheme }, async (page) => {
        await page.evaluate(axe.source);
        return (await page.evaluate(
          `document.querySelectorAll('details').forEach((one) => { one.open = true; });
           axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
        )) as readonly Violation[];
      });
      expect(
        found.map(({ id, nodes }) => [id, nodes[0]?.html.slice(0, 300), nodes[0]?.failureSummary]),
      ).toEqual([]);
    },
    60_000,
  );
});

test('a page is styled by the file beside it, and without it by itself', async () => {
  const widthOf = (file: string, policy: boolean): Promise<unknown> =>
    browser.open(file, { width: 1280, policy }, async (_page, client) => {
      await client.send('DOM.enable');
      await client.send('CSS.enable');
      const { root } = await client.send('DOM.getDocument');
      const { nodeId } = await client.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'main' });
      const { computedStyle } = await client.send('CSS.getComputedStyleForNode', { nodeId });
      return computedStyle.find((one) => one.name === 'max-width')?.value;
    });
  expect(await widthOf('maintenance.html', true)).toBe('1152px');
  rmSync(path.join(folder, 'acme', RUN, 'report.css'));
  expect(await widthOf('maintenance.html', false)).toBe('1152px');
}, 60_000);
