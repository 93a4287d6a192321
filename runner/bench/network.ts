// A sync over links of other round trips and rates, beside the classic script on the same links.
// npm run bench -- network [--size small|medium|large|huge] [--links 0,20,80,80@100] [--tables 200] [--stages]
import { parseArgs } from 'node:util';
import { type Size } from '../../sandbox/content/generate.js';
import { ensureBundle } from '../../sandbox/runner.js';
import { Network } from '../../sandbox/servers/network.js';
import { createWorld, type World } from '../../sandbox/world.js';
import { classicDrop, classicDump, classicImport, classicTransfer } from './support/classic-script.js';
import { STAGES } from '../src/config/stage-list.js';
import { readLinks } from './support/links.js';
import { keepFigures, loadLine, machineLine, printTable, type Row } from './support/machine.js';
import { networkRun, startMeasuring, type NetworkPart } from './support/network-run.js';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'small' },
    links: { type: 'string', default: '0,20,80,0@1000,20@100,20@20' },
    // Many more tables, of two rows each: round trips must not grow with them.
    tables: { type: 'string', default: '0' },
    // Each stage as a process of its own, too.
    stages: { type: 'boolean', default: false },
  },
});

/** Names of the world's links: two of production's hosts, staging, and the web servers of both. */
const LINKS = ['production-app', 'production-db', 'staging', 'web'];

const links = readLinks(values.links);

await ensureBundle();
const network = new Network();
const world = await createWorld({
  size: values.size as Size,
  network,
  onProgress: (text) => console.log(`  ${text}`),
});
await addTables(world, Number(values.tables));
// The first sync brings all files; every one after it is an ordinary one.
await networkRun(world, network, 'sync', 'acme');

const syncs: Row[] = [];
const commands: Row[] = [];
const parts: Row[] = [];
for (const link of links) {
  network.set(link);
  const sync = await networkRun(world, network, 'sync', 'acme');
  syncs.push(rowOf(link.name, sync.whole));
  for (const part of sync.parts) parts.push([link.name, ...rowOf(part.name, part)]);
  for (const command of ['doctor', 'plan'])
    commands.push([link.name, ...rowOf(command, (await networkRun(world, network, command, 'acme')).whole)]);
  for (const { name } of values.stages ? STAGES : [])
    commands.push([
      link.name,
      ...rowOf(`stage ${name}`, (await networkRun(world, network, 'stage', name, 'acme')).whole),
    ]);
  const classic = startMeasuring(network);
  await classicScript(world);
  commands.push([link.name, ...rowOf('classic script, stages 2 to 5', classic(''))]);
  console.log(`  ${link.name}: ${sync.whole.seconds.toFixed(1)} s`);
}

console.log(`\n${machineLine()}, ${loadLine()}, database ${values.size}\n`);
const header = ['seconds', 'round trips', 'connections', 'MB', ...LINKS.map((name) => `MB ${name}`)];
printTable(['one sync', ...header], syncs);
console.log('');
printTable(['link', 'also', ...header], commands);
console.log('');
printTable(['link', 'part of a sync', ...header], parts);
keepFigures(`network-${values.size}`, { syncs, commands, parts });
await world.stop();

function rowOf(name: string, part: NetworkPart): Row {
  const links = LINKS.map((link) => (part.bytesBy[link] ?? 0) / 1e6);
  return [name, part.seconds, String(part.roundTrips), String(part.connections), part.bytes / 1e6, ...links];
}

async function addTables(on: World, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `wp_acme_small_${String(index)}`);
  const sql = names.map(
    (name) =>
      `CREATE TABLE ${name} (id int PRIMARY KEY, note text); INSERT INTO ${name} VALUES (1, 'a'), (2, 'b');`,
  );
  if (count > 0) await on.production.server.query(sql.join('\n'), on.production.database);
}

async function classicScript(on: World): Promise<void> {
  for (const step of [classicDump, classicTransfer, classicDrop, classicImport]) await step(on);
}
