import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type MariaDbServer } from '../../../sandbox/servers/mariadb.js';
import { type World } from '../../../sandbox/world.js';
import { classicDrop, classicImport } from './classic-script.js';
import { type Row, serverSeconds } from './machine.js';

const run = promisify(execFile);

/**
 * WP-CLI's two ways to replace. The seconds were measured once, where WP-CLI was available, and are shown where it
 * cannot.
 */
export const wpPeers = [
  { name: 'wp search-replace', flags: [], recorded: 9.4 },
  { name: 'wp search-replace --precise', flags: ['--precise'], recorded: 33 },
] as const;

/** The program that UNDERSTUDY_PEER_WP names. */
export const wpProgram = (): string | undefined => process.env['UNDERSTUDY_PEER_WP'];

export const notMeasured = (recorded: string): string => `not measured here (recorded ${recorded}, 2 cores)`;

/** Rows for the peers of stage 6: UNDERSTUDY_PEER_WP and UNDERSTUDY_PEER_GSR name their programs. */
export async function peerRows(world: World): Promise<Row[]> {
  const [wp, gsr] = [wpProgram(), process.env['UNDERSTUDY_PEER_GSR']];
  const { staging } = world;
  const rows: Row[] = [];
  for (const { name, flags, recorded } of wpPeers) {
    if (wp === undefined) {
      rows.push([name, notMeasured(`${String(recorded)} s on 300 MB`)]);
      continue;
    }
    await classicDrop(world);
    await classicImport(world);
    const change = { root: staging.root, from: world.production.url, to: staging.url };
    rows.push([name, costLine(await wpCost(wp, flags, change, staging.server))]);
  }
  rows.push([
    'go-search-replace, dump to /dev/null',
    gsr === undefined ? notMeasured('80 MB/s') : await gsrCost(world, gsr),
  ]);
  return rows;
}

/** WP-CLI replaces one address by another in the database of the WordPress in `root`. */
export async function wpCost(
  wp: string,
  flags: readonly string[],
  change: { readonly root: string; readonly from: string; readonly to: string },
  server: MariaDbServer,
): Promise<Cost & { readonly server: number }> {
  const argv = ['search-replace', change.from, change.to, '--all-tables', '--skip-columns=guid', '--quiet'];
  const place = [`--path=${change.root}`, '--allow-root', '--skip-plugins', '--skip-themes'];
  const program = wp.endsWith('.phar') ? ['php', wp] : [wp];
  const before = serverSeconds(server.folder);
  const cost = await measured([...program, ...argv, ...place, ...flags]);
  return { ...cost, server: serverSeconds(server.folder) - before };
}

async function gsrCost(world: World, gsr: string): Promise<string> {
  const file = `${world.hosts['production-db'].home}/classic.sql`;
  await run('sh', ['-c', 'gunzip -c "$1.gz" > "$1"', 'sh', file]);
  const line = '"$1" "$2" "$3" < "$4" > /dev/null';
  const cost = await measured(['sh', '-c', line, 'sh', gsr, world.production.url, world.staging.url, file]);
  const { size } = await stat(file);
  return `${costLine(cost)}, ${(size / 1e6 / cost.seconds).toFixed(0)} MB/s`;
}

export interface Cost {
  readonly seconds: number;
  /** Of the program and what it started. */
  readonly processor: number;
}

const costLine = ({ seconds, processor, server }: Cost & { readonly server?: number }): string =>
  `${seconds.toFixed(1)} s (processor: program ${processor.toFixed(1)} s` +
  `${server === undefined ? '' : `, server ${server.toFixed(1)} s`})`;

/** The shell's own `times` says what a program cost; its second line is about what the shell started. */
async function measured(argv: readonly string[]): Promise<Cost> {
  const start = performance.now();
  const options = { maxBuffer: 1 << 28 };
  const { stdout } = await run('sh', ['-c', '"$@" > /dev/null && times', 'sh', ...argv], options);
  const seconds = (performance.now() - start) / 1000;
  const [user, system] = [...(stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return { seconds, processor: (user ?? 0) + (system ?? 0) };
}
