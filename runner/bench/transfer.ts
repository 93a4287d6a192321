// What of a backup travels when a former one is kept: bytes and seconds of stage 3, over links of several kinds.
// npm run bench -- transfer [--size small|medium|large|huge] [--links 0,20@100]
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Size } from '../../sandbox/content/generate.js';
import { ensureBundle } from '../../sandbox/runner.js';
import { Network } from '../../sandbox/servers/network.js';
import { createWorld } from '../../sandbox/world.js';
import { foldEvents, readEvents } from '../src/report/run/run-report.js';
import {
  classicDrop,
  classicDump,
  classicImport,
  classicReplace,
  classicTransfer,
} from './support/classic-script.js';
import { readLinks } from './support/links.js';
import { keepFigures, loadLine, machineLine, printTable, timed, type Row } from './support/machine.js';
import { measuredRun } from './support/measured-runner.js';

/** Each key of a table of some size: one row in a hundred, as `%` chooses them or the newest ones. */
const COLUMNS = [
  ['wp_posts', 'ID', 'post_content'],
  ['wp_postmeta', 'meta_id', 'meta_value'],
  ['wp_comments', 'comment_ID', 'comment_content'],
  ['wp_wc_orders', 'id', 'customer_note'],
  ['wp_wc_order_items', 'id', 'name'],
  ['wp_acme_visits', 'id', 'path'],
] as const;
const change = (which: (table: string, key: string) => string): string =>
  COLUMNS.map(
    ([table, key, text]) =>
      `UPDATE ${table} SET ${text} = CONCAT(COALESCE(${text}, ''), ' ', LEFT(MD5(RAND()), 8)) WHERE ${which(table, key)};`,
  ).join('\n');
const SPREAD = change((_table, key) => `${key} % 100 = 0`);
const NEWEST = change(
  (table, key) => `${key} > (SELECT newest FROM (SELECT MAX(${key}) * 0.99 AS newest FROM ${table}) t)`,
);
/** Rows come and go in the middle, so that all that stands after them moves. */
const MOVED = `DELETE FROM wp_postmeta WHERE meta_id BETWEEN 20000 AND 20500;
DELETE FROM wp_comments WHERE comment_ID BETWEEN 3000 AND 3100;
INSERT INTO wp_postmeta (meta_id, post_id, meta_key, meta_value) SELECT meta_id - 10000, post_id, 'moved', MD5(meta_id) FROM wp_postmeta WHERE meta_id BETWEEN 30101 AND 30400;`;

/** Of stages 2 and 3, and of all that are given. */
const secondsOf = (stages: readonly number[]): readonly number[] => [
  stages[0] ?? 0,
  stages[1] ?? 0,
  stages.reduce((sum, seconds) => sum + seconds, 0),
];

const { values } = parseArgs({
  options: { size: { type: 'string', default: 'medium' }, links: { type: 'string', default: '0,20@100' } },
});
const links = readLinks(values.links);
await ensureBundle();
const network = new Network();
const world = await createWorld({
  size: values.size as Size,
  network,
  onProgress: (text) => console.log(`  ${text}`),
});
const rows: Row[] = [];
for (const link of links) {
  network.set(link);
  forgetFormerBackups();
  await measure(link.name, 'no former backup');
  await measure(link.name, 'nothing changed');
  await measure(link.name, 'one row in 100, spread', SPREAD);
  await measure(link.name, 'the newest 1 %, and rows that came and went', `${NEWEST}\n${MOVED}`);
  await measureClassic(link.name);
}
console.log(`\n${machineLine()}, ${loadLine()}, database ${values.size}\n`);
printTable(
  [
    'link',
    'since the former backup',
    'MB of backup',
    'MB sent',
    'share',
    'seconds, stage 2',
    'stage 3',
    'stages 2 to 6',
  ],
  rows,
);
keepFigures(`transfer-${values.size}`, rows);
await world.stop();

/** A backup without a manifest does not count. */
function forgetFormerBackups(): void {
  const runs = path.join(world.hosts.staging.home, '.understudy/acme/runs');
  for (const run of existsSync(runs) ? readdirSync(runs) : [])
    rmSync(path.join(runs, run, 'backup/manifest.json'), { force: true });
}

async function measure(link: string, name: string, sql?: string): Promise<void> {
  if (sql !== undefined) await world.production.server.query(sql, world.production.database);
  await measuredRun(world, 'sync', 'acme');
  const { run } = JSON.parse(readFileSync(path.join(world.workspace, 'acme/result.json'), 'utf8')) as {
    readonly run: string;
  };
  const { stages } = foldEvents(readEvents(path.join(world.workspace, 'acme', run, 'events.ndjson')));
  const metric = (stage: string, name: string): number =>
    Number(stages.find((one) => one.name === stage)?.metrics[name]) / 1e6;
  const [whole, sent] = [metric('backup-database', 'bytes'), metric('transfer-backup', 'bytes sent')];
  rows.push([
    link,
    name,
    whole,
    sent,
    `${((100 * sent) / whole).toFixed(1)} %`,
    ...secondsOf(stages.filter((stage) => stage.name !== 'sync-content').map(({ seconds }) => seconds)),
  ]);
  console.log(`  ${link}, ${name}: ${sent.toFixed(2)} of ${whole.toFixed(1)} MB`);
}

/** The same stages of the classic script; it leaves staging to the next sync. */
async function measureClassic(link: string): Promise<void> {
  const seconds: number[] = [];
  for (const step of [classicDump, classicTransfer, classicDrop, classicImport, classicReplace])
    seconds.push(await timed(() => step(world)));
  rows.push([link, 'classic script', '', '', '', ...secondsOf(seconds)]);
}
