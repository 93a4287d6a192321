// What of a backup travels when a former one is kept: bytes and seconds of stage 3, over links of several kinds.
// npm run bench -- transfer [--size small|medium|large] [--links 0,20@100]
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureBundle } from '../../sandbox/runner.js';
import { Network } from '../../sandbox/servers/network.js';
import { createWorld } from '../../sandbox/world.js';
import { foldEvents, readEvents } from '../src/report/run/run-report.js';
import { readLinks } from './support/links.js';
import { keepFigures, loadLine, machineLine, printTable, type Row } from './support/machine.js';
import { measuredRun } from './support/measured-runner.js';
import { sizeOption } from './support/size-option.js';

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

const links = readLinks('0,20@100');
const size = sizeOption();
await ensureBundle();
const network = new Network();
const world = await createWorld({ size, network, onProgress: (text) => console.log(`  ${text}`) });
const rows: Row[] = [];
for (const link of links) {
  network.set(link);
  forgetFormerBackups();
  await measure(link.name, 'no former backup');
  await measure(link.name, 'nothing changed');
  await measure(link.name, 'one row in 100, spread', SPREAD);
  await measure(link.name, 'the newest 1 %, and rows that came and went', `${NEWEST}\n${MOVED}`);
}
console.log(`\n${machineLine()}, ${loadLine()}, database ${size}\n`);
printTable(
  ['link', 'since the former backup', 'MB of backup', 'MB sent', 'share', 'seconds, stage 3', 'stage 2'],
  rows,
);
keepFigures(`transfer-${size}`, rows);
await world.stop();

/** A backup without a manifest is none. */
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
  const [backup, transfer] = ['backup-database', 'transfer-backup'].map((stage) =>
    stages.find((one) => one.name === stage),
  );
  const whole = Number(backup?.metrics['bytes']) / 1e6;
  const sent = Number(transfer?.metrics['bytes sent']) / 1e6;
  rows.push([
    link,
    name,
    whole,
    sent,
    `${((100 * sent) / whole).toFixed(1)} %`,
    transfer?.seconds ?? 0,
    backup?.seconds ?? 0,
  ]);
  console.log(`  ${link}, ${name}: ${sent.toFixed(2)} of ${whole.toFixed(1)} MB`);
}
