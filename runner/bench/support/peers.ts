import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type World } from '../../../sandbox/world.js';
import { classicDrop, classicImport } from './classic-script.js';
import { type Row, serverSeconds } from './machine.js';

const run = promisify(execFile);

/** Measured once where WP-CLI and go-search-replace could be had; shown where they cannot. */
const recorded = {
  wp: 'recorded 9.4 s on 300 MB, 2 cores',
  precise: 'recorded 33 s on 300 MB, 2 cores',
  gsr: 'recorded 80 MB/s, 2 cores',
} as const;

/** Rows for the peers of stage 6: UNDERSTUDY_PEER_WP and UNDERSTUDY_PEER_GSR name their programs. */
export async function peerRows(world: World): Promise<Row[]> {
  const { UNDERSTUDY_PEER_WP: wp, UNDERSTUDY_PEER_GSR: gsr } = process.env;
  const rows: Row[] = [];
  for (const [name, flags] of [
    ['wp', []],
    ['precise', ['--precise']],
  ] as const) {
    const label = `wp search-replace ${flags.join(' ')}`.trim();
    rows.push([
      label,
      wp === undefined ? `not measured here (${recorded[name]})` : await wpCost(world, wp, flags),
    ]);
  }
  rows.push([
    'go-search-replace, dump to /dev/null',
    gsr === undefined ? `not measured here (${recorded.gsr})` : await gsrCost(world, gsr),
  ]);
  return rows;
}

async function wpCost(world: World, wp: string, flags: readonly string[]): Promise<string> {
  await classicDrop(world);
  await classicImport(world);
  const { url, root, server } = world.staging;
  const argv = [
    'search-replace',
    world.production.url,
    url,
    '--all-tables',
    '--skip-columns=guid',
    '--quiet',
  ];
  const place = [`--path=${root}`, '--allow-root', '--skip-plugins', '--skip-themes'];
  const phar = wp.endsWith('.phar');
  const before = serverSeconds(server.folder);
  const cost = await measured([...(phar ? ['php', wp] : [wp]), ...argv, ...place, ...flags]);
  return costLine(cost, serverSeconds(server.folder) - before);
}

async function gsrCost(world: World, gsr: string): Promise<string> {
  const file = `${world.hosts['production-db'].home}/classic.sql`;
  await run('sh', ['-c', 'gunzip -c "$1.gz" > "$1"', 'sh', file]);
  const line = '"$1" "$2" "$3" < "$4" > /dev/null';
  const cost = await measured(['sh', '-c', line, 'sh', gsr, world.production.url, world.staging.url, file]);
  const { size } = await stat(file);
  return `${costLine(cost)}, ${(size / 1e6 / cost.seconds).toFixed(0)} MB/s`;
}

interface Cost {
  readonly seconds: number;
  /** Of the program and what it started. */
  readonly processor: number;
}

const costLine = ({ seconds, processor }: Cost, server?: number): string =>
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
