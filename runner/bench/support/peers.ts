import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { type World } from '../../../sandbox/world.js';
import { classicDrop, classicImport } from './classic-script.js';
import { type Row, timed } from './machine.js';

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
      wp === undefined ? `not measured here (${recorded[name]})` : await wpSeconds(world, wp, flags),
    ]);
  }
  rows.push([
    'go-search-replace, dump to /dev/null',
    gsr === undefined ? `not measured here (${recorded.gsr})` : await gsrSeconds(world, gsr),
  ]);
  return rows;
}

async function wpSeconds(world: World, wp: string, flags: readonly string[]): Promise<number> {
  await classicDrop(world);
  await classicImport(world);
  const { url, root } = world.staging;
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
  return timed(() => run(phar ? 'php' : wp, [...(phar ? [wp] : []), ...argv, ...place, ...flags]));
}

async function gsrSeconds(world: World, gsr: string): Promise<number> {
  const file = `${world.hosts['production-db'].home}/classic.sql.gz`;
  const words = [
    'gunzip -c "$1" | "$2" "$3" "$4" > /dev/null',
    'sh',
    file,
    gsr,
    world.production.url,
    world.staging.url,
  ];
  return timed(
    () =>
      new Promise((resolve, reject) => {
        const child = spawn('sh', ['-c', ...words], { stdio: 'inherit' });
        child.once('close', (code) =>
          code === 0 ? resolve(code) : reject(new Error('go-search-replace failed')),
        );
      }),
  );
}
