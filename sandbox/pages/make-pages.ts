import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { createMonthWorld, type MonthWorld } from '../month/month-world.js';
import { runMonth } from '../month/month.js';
import { ensureBundle, runUnderstudy } from '../runner.js';
import { terminalPage } from './terminal-page.js';

const ENVIRONMENT = { TZ: 'Europe/Berlin' };

/** Runs everything once in a world of its own and keeps the pages. @returns their folder */
export async function makePages(): Promise<string> {
  await ensureBundle();
  const pages = mkdtempSync(path.join(tmpdir(), 'understudy-screens-'));
  const world = await createMonthWorld({ onProgress: (text) => console.log(`  ${text}`) });
  try {
    mkdirSync(world.workspace, { recursive: true });
    writeMoreSites(world);
    const understudy = async (...words: string[]): Promise<void> => {
      const call = { sites: world.sites, workspace: world.workspace, environment: ENVIRONMENT };
      const { code, seconds } = await runUnderstudy(call, ...words);
      console.log(`  understudy ${words.join(' ')}: exit code ${String(code)} after ${seconds.toFixed(1)} s`);
    };
    await understudy('sync', 'acme');
    await understudy('sync', 'shop-php');
    await changeProduction(world);
    breakShop(world);
    await understudy('sync', 'shop-php');
    keep(world, pages, 'shop-php', 'failed');
    await understudy('sync', 'garden');
    const onTerminal = (width: number): void => {
      const text = terminalPage(world, width, ['sync', 'acme', '--yes']);
      writeFileSync(path.join(pages, `terminal-${String(width)}.html`), text);
    };
    onTerminal(80);
    keep(world, pages, 'acme', 'sync');
    onTerminal(120);
    const month = await runMonth(world, {
      say: (text) => console.log(text),
      execute: (call, ...words) =>
        runUnderstudy({ ...call, environment: { ...call.environment, ...ENVIRONMENT } }, ...words),
    });
    copy(path.join(world.workspace, 'acme', month.run), path.join(pages, 'maintenance'));
    await understudy('check', 'acme');
    copy(path.join(world.workspace, 'acme/check-staging'), path.join(pages, 'checks'));
    await understudy('report', '--all', '--out', path.join(pages, 'all'));
    copy(path.join(world.workspace, 'month.html'), path.join(pages, 'all'));
    usePlainPaths(world, pages);
  } finally {
    await world.stop();
  }
  console.log(`  the pages are in ${pages}`);
  return pages;
}

/** When the sites are synced by themselves; one whose hosts do not answer, and one that nobody has synced yet. */
function writeMoreSites({ sites }: MonthWorld): void {
  const change = (from: string, to: string, make: (site: Record<string, unknown>) => object): void => {
    const site = parse(readFileSync(path.join(sites, `${from}.yaml`), 'utf8')) as Record<string, unknown>;
    writeFileSync(
      path.join(sites, `${to}.yaml`),
      stringify({ ...site, ...make(site) }, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' }),
    );
  };
  change('acme', 'acme', ({ maintenance }) => ({
    schedule: 'H 3 * * 1-5',
    maintenance: { ...(maintenance as object), schedule: 'H 4 5 * *' },
  }));
  change('shop-php', 'shop-php', () => ({ title: 'Acme Shop', schedule: '0 5 * * *' }));
  // Port 1: nobody listens. A folder and a database of its own, as the guard wants it.
  const closed = (side: unknown, name: string): object => {
    const { ssh, database } = side as { readonly ssh: object; readonly database: object };
    return {
      ...(side as object),
      url: `http://${name}.acme.test`,
      ssh: { ...ssh, port: 1 },
      path: `/var/www/${name}`,
      database: { ...database, name: name.replaceAll('-', '_') },
    };
  };
  const another = (name: string, title: string, more: object): void => {
    change('shop-php', name, ({ production, staging }) => ({
      title,
      schedule: '',
      production: closed(production, name),
      staging: closed(staging, `${name}-staging`),
      ...more,
    }));
  };
  const window = { days: ['mon', 'tue', 'wed'], from: '02:00', to: '05:00', timezone: 'Europe/Berlin' };
  another('garden', 'Acme Beer Garden', { schedule: 'H H(0-5) * * H', maintenance: { window } });
  another('harbour', 'Harbour Festival', {});
}

/** A month's work of the people there: files and rows come, change and go. */
async function changeProduction({ instances, production }: MonthWorld): Promise<void> {
  for (const { root } of instances) changeInstance(path.join(root, 'wp-content/plugins'));
  await production.server.query(
    `INSERT INTO wp_comments (comment_post_ID, comment_author, comment_content, comment_date, comment_date_gmt)
       SELECT comment_post_ID, comment_author, comment_content, NOW(), UTC_TIMESTAMP() FROM wp_comments LIMIT 214;
     DELETE FROM wp_acme_log LIMIT 1200;
     CREATE TABLE wp_box_office (id INT PRIMARY KEY, seat VARCHAR(20)) ENGINE=InnoDB;
     INSERT INTO wp_box_office SELECT seq, CONCAT('A', seq) FROM seq_1_to_340;`,
    production.database,
  );
}

function changeInstance(plugins: string): void {
  const folder = path.join(plugins, 'box-office');
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < 24; index += 1)
    writeFileSync(
      path.join(folder, `part-${String(index)}.php`),
      `<?php // ${'x'.repeat(900)} ${String(index)}\n`,
    );
  // The content of this month's plugins stays as it is: their updates are offered for exactly that.
  const [first = '', second = ''] = readdirSync(plugins).filter((name) => /^acme-plugin-\d+$/.test(name));
  for (const name of readdirSync(path.join(plugins, first))
    .filter((one) => one.endsWith('.php'))
    .slice(0, 12))
    writeFileSync(path.join(plugins, first, name), `<?php // changed ${name}\n`);
  for (const name of readdirSync(path.join(plugins, second)).slice(0, 7)) {
    const file = path.join(plugins, second, name);
    if (statSync(file).isFile()) rmSync(file);
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
  copy(path.join(folder, run), path.join(pages, name));
}

/** The machines of the world lie in one temporary folder; on real ones these paths are short. */
function usePlainPaths(world: MonthWorld, pages: string): void {
  const plain = (text: string): string =>
    text
      .replaceAll(new RegExp(`${world.folder}/hosts/[a-z0-9-]+/www/`, 'g'), '/var/www/')
      .replaceAll(new RegExp(`${world.folder}/hosts/[a-z0-9-]+/home`, 'g'), '/home/deploy')
      .replaceAll(`${world.folder}/`, '/srv/');
  for (const name of readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('.html'),
  )) {
    const file = path.join(pages, name);
    writeFileSync(file, plain(readFileSync(file, 'utf8')));
  }
}
