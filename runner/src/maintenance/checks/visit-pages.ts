import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Visit } from './browser.js';
import { addressOf } from './check-page.js';
import {
  type CheckResult,
  DIFFERENCE,
  type PagePicture,
  type PlannedPage,
  resultsFor,
} from './check-result.js';
import { comparePictures, type PictureComparison, type Rectangle } from './compare-pictures.js';
import { inParallel } from '../../basics/in-parallel.js';
import { type CheckedPage, type CheckOptions } from './check-options.js';
import { messageOf } from '../../errors/index.js';

export interface VisitedPages {
  readonly results: readonly CheckResult[];
  readonly pictures: readonly PagePicture[];
}

/** Opens every HTML page that could be read in the browser: console, forms, picture. */
export async function visitPages(
  options: CheckOptions,
  folder: string,
  pages: readonly CheckedPage[],
): Promise<VisitedPages> {
  const { browser } = options;
  if (browser === undefined) return { results: formsUnseen(pages), pictures: [] };
  const html = pages.filter(({ page, check }) => page.kind === 'html' && check.state === 'read');
  // One after the other: Chromium does not draw tabs in the background, and waits for them for ever.
  const visited = await inParallel(1, html, async ({ page, check }) => {
    const url = addressOf(options.url, page.path);
    try {
      const visit = await browser
        .visit(url, page.path, check.formsForBrowser)
        .catch(() => browser.visit(url, page.path, check.formsForBrowser));
      return await judge(options, folder, page, visit, () => browser.visit(url, page.path, []));
    } catch (cause) {
      options.signal.throwIfAborted();
      const why = messageOf(cause);
      const message = `the browser cannot open it: ${why.slice(0, 200)}`;
      return { results: [resultsFor(page.path)('console', 'failed', message, 'open')], pictures: [] };
    }
  });
  return {
    results: visited.flatMap(({ results }) => results),
    pictures: visited.flatMap(({ pictures }) => pictures),
  };
}

const formsUnseen = (pages: readonly CheckedPage[]): CheckResult[] =>
  pages.flatMap(({ page, check }) =>
    check.formsForBrowser.map((selector) =>
      resultsFor(page.path)('form', 'skipped', `${selector} can only be looked for in a browser`, selector),
    ),
  );

async function judge(
  options: CheckOptions,
  folder: string,
  page: PlannedPage,
  visit: Visit,
  again: () => Promise<Visit>,
): Promise<VisitedPages> {
  const result = resultsFor(page.path);
  const results = [
    ...visit.missing.map((selector) => result('form', 'failed', `does not have ${selector}`, selector)),
    ...visit.errors.map((error) =>
      // Numbers change from visit to visit: times, ids, versions in addresses.
      result('console', 'failed', `error in the console: ${error}`, error.replaceAll(/\d+/g, '#')),
    ),
  ];
  if (visit.errors.length === 0) results.push(result('console', 'passed', 'no error in the console'));
  if (visit.picture === undefined) return { results, pictures: [] };
  const compared = await comparePage(options, folder, page, visit.picture, again);
  const name = `${fileName(page.path)}.png`;
  await writeFile(path.join(folder, name), compared.picture);
  const file = path.posix.join('checks', options.name, name);
  return {
    results: [...results, ...compared.results],
    pictures: [{ path: page.path, file }],
  };
}

async function comparePage(
  options: CheckOptions,
  folder: string,
  page: PlannedPage,
  picture: Buffer,
  again: () => Promise<Visit>,
): Promise<{ picture: Buffer; results: CheckResult[] }> {
  const before = await options.reference?.picture(page.path);
  if (before === undefined) return { picture, results: [] };
  const { screenshots } = options.settings;
  const threshold = screenshots.threshold ?? 1;
  const masked = rectanglesFor(screenshots.mask ?? [], page.path);
  const result = resultsFor(page.path);
  if (options.reference?.unstable.has(page.path) === true)
    return {
      picture,
      results: [result('picture', 'skipped', 'changes by itself, so pictures say nothing about it')],
    };
  let shown = picture;
  let compared: PictureComparison = comparePictures(before, shown, masked);
  if (compared.percent > threshold) {
    // A page that was caught in the middle of something gets a second chance.
    shown = (await again()).picture ?? shown;
    compared = comparePictures(before, shown, masked);
  }
  const percent = `${compared.percent.toFixed(compared.percent < 1 ? 2 : 1)} %`;
  if (compared.percent <= threshold)
    return { picture: shown, results: [result('picture', 'passed', `${percent} of the pixels differ`)] };
  for (const [part, bytes] of Object.entries(compared.parts ?? {}))
    await writeFile(path.join(folder, `${fileName(page.path)}.${part}.png`), bytes as Buffer);
  const name = `${fileName(page.path)}${DIFFERENCE}`;
  const message = `looks different: ${percent} of the pixels differ, more than ${String(threshold)} %`;
  const different = path.posix.join('checks', options.name, name);
  return {
    picture: shown,
    results: [{ ...result('picture', 'failed', message), picture: different }],
  };
}

/** Rectangles that are covered; masks by selector were hidden in the browser. */
function rectanglesFor(
  masks: NonNullable<CheckOptions['settings']['screenshots']['mask']>,
  pagePath: string,
): Rectangle[] {
  return masks
    .filter((mask) => mask.selector === undefined && (mask.path === undefined || mask.path === pagePath))
    .map(({ x = 0, y = 0, width = 0, height = 0 }) => ({ x, y, width, height }));
}

/** `/shop/` → `shop`, `/` → `home`, `/?p=7` → `p_7-3f9a`: a query gets a hash, so that no two pages share a name. */
export function fileName(pagePath: string): string {
  const words = pagePath.replaceAll(/[^A-Za-z0-9-]+/g, '_').replaceAll(/^_+|_+$/g, '');
  const isPlain = /^(?:\/[A-Za-z0-9-]+)*\/?$/.test(pagePath) && words.length < 100;
  const hash = createHash('sha256').update(pagePath).digest('hex').slice(0, 4);
  return isPlain ? words || 'home' : `${words.slice(0, 100)}-${hash}`;
}
