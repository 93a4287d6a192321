import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makePages } from './pages/make-pages.js';
import { openPageBrowser, type PageBrowser, type PageView, photograph } from './pages/page-browser.js';
import { projectFolder } from './runner.js';

/**
 * `npm run screens [-- --pages <folder>]`: real runs in the month's world, and pictures of the pages that they leave, into
 * docs/screens, with a page that shows them. With `--pages` the pages of an earlier call are photographed again.
 */

const PAGES = [
  { name: 'sync', page: 'sync/report.html', about: 'A sync' },
  { name: 'sync-failed', page: 'failed/report.html', about: 'A sync that could not start' },
  { name: 'maintenance', page: 'maintenance/maintenance.html', about: 'The maintenance of a site' },
  { name: 'checks', page: 'checks/checks.html', about: 'The checks of a site' },
  { name: 'month', page: 'all/month.html', about: 'The month of all sites' },
  { name: 'all-sites', page: 'all/overview.html', about: 'All sites' },
] as const;

/** Width of the window, and how many pixels of the page are shown. */
const WIDTHS = [
  [390, 1500],
  [768, 1300],
  [1280, 1500],
] as const;
const SCHEMES = ['light', 'dark'] as const;

/** Columns of a terminal, and pixels that they take. */
const TERMINALS = [
  [80, 720],
  [120, 1060],
] as const;

async function main(): Promise<void> {
  const given = process.argv.indexOf('--pages');
  const pages = given > 0 ? path.resolve(process.argv[given + 1] ?? '.') : await makePages();
  const browser = await openPageBrowser(pages);
  const out = path.join(projectFolder, 'docs/screens');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  try {
    for (const { name, page } of PAGES)
      for (const [width, height] of WIDTHS)
        for (const scheme of SCHEMES)
          await takeScreen(
            browser,
            page,
            { width, scheme, policy: true },
            height,
            screenFile(out, name, width, scheme),
          );
    for (const [columns, width] of TERMINALS)
      await takeScreen(
        browser,
        terminalOf(columns),
        { width },
        3000,
        path.join(out, `terminal-${String(columns)}.png`),
      );
  } finally {
    await browser.close();
  }
  writeFileSync(path.join(out, 'README.md'), indexPage());
  const bytes = readdirSync(out).reduce((sum, name) => sum + statSync(path.join(out, name)).size, 0);
  console.log(
    `${String(readdirSync(out).length - 1)} pictures in ${out}, ${String(Math.round(bytes / 1000))} kB`,
  );
}

const terminalOf = (columns: number): string => `terminal-${String(columns)}.html`;

const screenName = (name: string, width: number, scheme: string): string =>
  `${name}-${String(width)}-${scheme}.png`;
const screenFile = (out: string, name: string, width: number, scheme: string): string =>
  path.join(out, screenName(name, width, scheme));

async function takeScreen(
  browser: PageBrowser,
  page: string,
  view: PageView,
  height: number,
  file: string,
): Promise<void> {
  const picture = await browser.open(page, view, (_page, client) => photograph(client, view.width, height));
  writeFileSync(file, picture);
  // A palette: a third of the bytes, and no eye sees the difference.
  execFileSync('convert', [file, '-strip', '-dither', 'None', '-colors', '64', `PNG8:${file}`]);
}

/** All pictures on one page. */
function indexPage(): string {
  const sections = PAGES.map(({ name, about }) => {
    const row = (scheme: string): string =>
      `| ${WIDTHS.map(([width]) => `![${about}, ${scheme}, ${String(width)} pixels wide](${screenName(name, width, scheme)})`).join(' | ')} |`;
    const head = `| ${WIDTHS.map(([width]) => `${String(width)} pixels`).join(' | ')} |\n| ${WIDTHS.map(() => '---').join(' | ')} |`;
    return `## ${about}\n\n${head}\n${SCHEMES.map(row).join('\n')}\n`;
  });
  const terminals = TERMINALS.map(
    ([columns]) => `![A sync on a terminal of ${String(columns)} columns](terminal-${String(columns)}.png)\n`,
  );
  return `# What people look at

\`npm run screens\` makes these pictures: real runs in the sandbox, photographed as Jenkins serves their pages (light and dark, on
a phone, a tablet and a wide screen; of long pages the beginning).

${sections.join('\n')}
## The terminal

${terminals.join('\n')}`;
}

await main();
