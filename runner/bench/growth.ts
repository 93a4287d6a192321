// How a sync grows with the database: whole syncs of 0.3, 2 and 5 GB, the straight line through them, and 20 GB on it.
// npm run bench -- growth [--sizes medium,large,huge]; takes about half an hour and 30 GB of disk.
import { parseArgs } from 'node:util';
import { sizeUnits, type Size } from '../../sandbox/content/generate.js';
import { ensureBundle } from '../../sandbox/runner.js';
import { Network } from '../../sandbox/servers/network.js';
import { createWorld } from '../../sandbox/world.js';
import { keepFigures, loadLine, machineLine, printTable, type Row } from './support/machine.js';
import { networkRun } from './support/network-run.js';
import { watchMemory } from './support/process-memory.js';

const { values } = parseArgs({ options: { sizes: { type: 'string', default: 'medium,large,huge' } } });
const sizes = values.sizes.split(',').map((name) => {
  if (name in sizeUnits) return name as Size;
  throw new Error(`--sizes are some of ${Object.keys(sizeUnits).join(', ')}, with commas`);
});

interface Point {
  readonly gigabytes: number;
  readonly seconds: number;
}

await ensureBundle();
const rows: Row[] = [];
const firsts: Point[] = [];
const laters: Point[] = [];
for (const size of sizes) await measure(size);

console.log(`\n${machineLine()}, ${loadLine()}\n`);
printTable(
  ['database', 'GB', 'sync', 'backup', 'transfer', 'import', 'rewrite and cutover', 'runner, MB'],
  rows,
);
for (const [name, points] of [
  ['first syncs', firsts],
  ['later syncs', laters],
] as const)
  console.log(`\n${name}: ${line(points)}`);
keepFigures('growth', { rows, firsts, laters });

async function measure(size: Size): Promise<void> {
  const network = new Network();
  const world = await createWorld({ network, size, onProgress: (text) => console.log(`  ${text}`) });
  const { server, database } = world.production;
  const bytes = await server.query(
    `SELECT SUM(data_length) FROM information_schema.tables WHERE table_schema = '${database}'`,
  );
  const gigabytes = Number(bytes.trim()) / 1e9;
  for (const [name, points] of [
    ['first', firsts],
    ['later', laters],
  ] as const) {
    const peaks = watchMemory(world.folder);
    const { whole, parts } = await networkRun(world, network, 'sync', 'acme');
    const took = (part: string): number =>
      parts.filter((each) => each.name === part).reduce((sum, each) => sum + each.seconds, 0);
    const stages = ['Back up database', 'Transfer backup', 'Import database', 'Rewrite URLs'].map(took);
    rows.push([`${size}, ${name}`, gigabytes, whole.seconds, ...stages, peaks().runner]);
    points.push({ gigabytes, seconds: whole.seconds });
    console.log(`  ${size}, ${name}: ${whole.seconds.toFixed(1)} s`);
  }
  await world.stop();
}

/** Least squares. */
function line(points: readonly Point[]): string {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(({ gigabytes }) => gigabytes), mean(({ seconds }) => seconds)];
  const slope =
    mean(({ gigabytes, seconds }) => (gigabytes - x) * (seconds - y)) /
    mean(({ gigabytes }) => (gigabytes - x) ** 2);
  const base = y - slope * x;
  const worst = Math.max(
    ...points.map(({ gigabytes, seconds }) => Math.abs(base + slope * gigabytes - seconds) / seconds),
  );
  return (
    `${base.toFixed(1)} s + ${slope.toFixed(1)} s for each GB (off by ${(worst * 100).toFixed(0)} % at most); ` +
    `20 GB would take ${((base + slope * 20) / 60).toFixed(1)} minutes`
  );
}
