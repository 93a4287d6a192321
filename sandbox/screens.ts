import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMonthWorld, type MonthWorld } from './month/month-world.js';
import { runMonth } from './month/month.js';
import { openPageBrowser, type PageBrowser, type PageView, photograph } from './pages/page-browser.js';
import { ensureBundle, projectFolder, runUnderstudy } from './runner.js';

/**
 * `npm run screens [-- --pages <folder>]`: real runs in the month's world, and pictures of the pages that they leave, into
 * docs/screens. With `--pages` the pages of an earlier call are photographed again.
 */

interface Screen extends PageView {
  /** Name of the picture. */
  readonly name: string;
  /** Path of the page below the folder of pages. */
  readonly page: string;
  /** Pixels that are shown. */
  readonly height: number;
}

const SCREENS: readonly Screen[] = [
  { name: 'sync-wide', page: 'sync/report.html', width: 1280, height: 2000 },
  { name: 'sync-wide-dark', page: 'sync/report.html', width: 1280, height: 1400, scheme: 'dark' },
  { name: 'sync-phone', page: 'sync/report.html', width: 390, height: 1500 },
  { name: 'sync-failed', page: 'failed/report.html', width: 768, height: 1100 },
  { name: 'maintenance-wide', page: 'maintenance/maintenance.html', width: 1280, height: 1800 },
  {
    name: 'maintenance-phone-dark',
    page: 'maintenance/maintenance.html',
    width: 390,
    height: 1500,
    scheme: 'dark',
  },
  { name: 'checks', page: 'checks/checks.html', width: 768, height: 900, scheme: 'dark' },
  { name: 'month', page: 'all/month.html', width: 768, height: 800 },
  { name: 'all-sites-wide', page: 'all/overview.html', width: 1280, height: 1200 },
  { name: 'all-sites-phone-dark', page: 'all/overview.html', width: 390, height: 1400, scheme: 'dark' },
];

async function main(): Promise<void> {
  const given = process.argv.indexOf('--pages');
  const pages = given > 0 ? path.resolve(process.argv[given + 1] ?? '.') : await makePages();
  const browser = await openPageBrowser(pages);
  const out = path.join(projectFolder, 'docs/screens');
  mkdirSync(out, { recursive: true });
  try {
    for (const screen of SCREENS) await takeScreen(browser, screen, out);
  } finally {
    await browser.close();
  }
  const bytes = readdirSync(out).reduce((sum, name) => sum + statSync(path.join(out, name)).size, 0);
  console.log(`${String(SCREENS.length)} pictures in ${out}, ${String(Math.round(bytes / 1000))} kB`);
}

async function takeScreen(browser: PageBrowser, screen: Screen, out: string): Promise<void> {
  const file = path.join(out, `${screen.name}.png`);
  const picture = await browser.open(screen.page, screen, async (_page, client) =>
    photograph(client, screen.width, screen.height),
  );
  writeFileSync(file, picture);
  // A palette: a third of the bytes, and no eye sees the difference.
  execFileSync('convert', [file, '-strip', '-dither', 'None', '-colors', '96', `PNG8:${file}`]);
}

/** Runs everything once in a world of its own and keeps the pages. @returns their folder */
async function makePages(): Promise<string> {
  await ensureBundle();
  const pages = mkdtempSync(path.join(tmpdir(), 'understudy-screens-'));
  const world = await createMonthWorld({ onProgress: (text) => console.log(`  ${text}`) });
  try {
    mkdirSync(world.workspace, { recursive: true });
    const understudy = async (...words: string[]): Promise<void> => {
      const { code, seconds } = await runUnderstudy(
        { sites: world.sites, workspace: world.workspace, environment: { TZ: 'Europe/Berlin' } },
        ...words,
      );
      console.log(`  understudy ${words.join(' ')}: exit code ${String(code)} after ${seconds.toFixed(1)} s`);
    };
    await understudy('sync', 'acme');
    await understudy('sync', 'shop-php');
    changeProduction(world);
    breakShop(world);
    await understudy('sync', 'shop-php');
    keep(world, pages, 'shop-php', 'failed');
    await understudy('sync', 'acme');
    keep(world, pages, 'acme', 'sync');
    const month = await runMonth(world, { say: (text) => console.log(text) });
    copy(path.join(world.workspace, 'acme', month.run), path.join(pages, 'maintenance'));
    await understudy('check', 'acme');
    copy(path.join(world.workspace, 'acme/check-staging'), path.join(pages, 'checks'));
    await understudy('report', '--all', '--out', path.join(pages, 'all'));
    execFileSync('cp', [path.join(world.workspace, 'month.html'), path.join(pages, 'all')]);
  } finally {
    await world.stop();
  }
  console.log(`  the pages are in ${pages}`);
  return pages;
}

/** A month's work of the people there: files come, change and go. */
function changeProduction({ instances }: MonthWorld): void {
  for (const { root } of instances) changeInstance(path.join(root, 'wp-content/plugins'));
}

function changeInstance(plugins: string): void {
  const folder = path.join(plugins, 'box-office');
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < 24; index += 1)
    writeFileSync(
      path.join(folder, `part-${String(index)}.php`),
      `<?php // ${'x'.repeat(900)} ${String(index)}\n`,
    );
  const [first, second] = readdirSync(plugins).filter((name) => name !== 'box-office');
  for (const name of [first, second]) {
    const place = path.join(plugins, name ?? '');
    if (name !== undefined && statSync(place).isDirectory())
      writeFileSync(path.join(place, 'changed.txt'), 'new\n');
  }
}

/** A password that somebody has changed on the server alone. */
function breakShop(world: MonthWorld): void {
  writeFileSync(path.join(world.folder, 'secrets/shop-staging'), 'not-the-password', { mode: 0o600 });
}

const copy = (from: string, to: string): void => {
  execFileSync('cp', ['-r', from, to]);
};

/** The newest run of a site that has a report. */
function keep(world: MonthWorld, pages: string, site: string, name: string): void {
  const folder = path.join(world.workspace, site);
  const run = readdirSync(folder)
    .filter((entry) => /^\d{8}T\d{6}Z-/.test(entry))
    .sort()
    .at(-1);
  if (run === undefined) throw new Error(`${site} has left no run`);
  readFileSync(path.join(folder, run, 'report.html'));
  rmSync(path.join(pages, name), { recursive: true, force: true });
  copy(path.join(folder, run), path.join(pages, name));
}

await main();
