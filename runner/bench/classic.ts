// The classic script and Understudy's stages on the same world, in one run, side by side.
// npm run bench -- classic [--size small|medium|large|huge]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { STAGES } from '../src/config/stage-list.js';
import { ensureBundle } from '../../sandbox/runner.js';
import { createWorld, type World } from '../../sandbox/world.js';
import {
  classicDrop,
  classicDump,
  classicImport,
  classicReplace,
  classicTransfer,
} from './support/classic-script.js';
import { keepFigures, loadLine, machineLine, printTable, timed, type Row } from './support/machine.js';
import { measuredRun } from './support/measured-runner.js';
import { peerRows } from './support/peers.js';
import { sizeOption } from './support/size-option.js';

/** The classic script's steps under the names of the stages that do the same. */
const classicSteps: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  'backup-database': classicDump,
  'transfer-backup': classicTransfer,
  'drop-database': classicDrop,
  'import-database': classicImport,
  'rewrite-urls': classicReplace,
};

const size = sizeOption();
await ensureBundle();
const world = await createWorld({ size, onProgress: (text) => console.log(`  ${text}`) });

const classic = new Map<string, number>();
for (const [name, step] of Object.entries(classicSteps)) {
  classic.set(name, await timed(() => step(world)));
  console.log(`  classic ${name}: ${classic.get(name)?.toFixed(1)} s`);
}
const leftByClassic = await postsWithProduction(world);
const peers = await peerRows(world);
const ours = new Map<string, number>();
const work = new Map<string, number>();
let peak = 0;
for (const { name } of STAGES) {
  const result = await measuredRun(world, 'stage', name, 'acme');
  ours.set(name, result.seconds);
  work.set(name, result.processor.machine);
  peak = Math.max(peak, result.peakMemory);
  console.log(
    `  understudy ${name}: ${result.seconds.toFixed(1)} s, at most ${result.peakMemory.toFixed(0)} MB, ` +
      `processor: runner ${result.processor.runner.toFixed(1)} s, staging's server ${result.processor.server.toFixed(1)} s`,
  );
}
const whole = await measuredRun(world, 'sync', 'acme');
const together = stageSeconds(world);
const rewriting = ['rewriteSeconds', 'proofSeconds'].map((fact) => factOf(world, fact).toFixed(1)).join('; ');

const sum = (seconds: ReadonlyMap<string, number>, names: readonly string[]): number =>
  names.reduce((total, name) => total + (seconds.get(name) ?? 0), 0);
const names = Object.keys(classicSteps);
const row = (label: string, stages: readonly string[]): Row => {
  const [theirs, mine, inOne] = [sum(classic, stages), sum(ours, stages), sum(together, stages)];
  const times = (seconds: number) => `${(theirs / seconds).toFixed(1)} ×`;
  return [label, theirs, mine, times(mine), inOne, times(inOne)];
};
const rows = [
  ...names.map((name) => row(name, [name])),
  row('stages 2 to 5', names.slice(0, 4)),
  row('stages 2 to 6', names),
];
console.log(
  `\n${machineLine()}, ${loadLine()}\nSeconds, database ${size}. Six processes: each stage with a start, connections, guards and preflight of its own. One sync: the stages of \`understudy sync\`, which pays for these once\n`,
);
printTable(['step', 'classic script', 'six processes', '', 'one sync', ''], rows);
console.log('');
printTable(
  ['also', ''],
  [
    ['sync-content, first time (s)', ours.get('sync-content') ?? 0],
    ['understudy sync, all six stages in one process, second run (s)', whole.seconds],
    ['processor seconds of this machine: stages 2 to 6 as processes', sum(work, names)],
    ['the same: stages 2 to 5', sum(work, names.slice(0, 4))],
    ['the same: the whole sync', whole.processor.machine],
    ['of its stage 6: rewriting; leak check and serialized values read again (s)', rewriting],
    ['largest memory of the runner (MB)', Math.max(peak, whole.peakMemory)],
    ["posts that still hold production's address, classic script", String(leftByClassic)],
    ["posts that still hold production's address, Understudy", String(await postsWithProduction(world))],
    ...peers,
  ],
);
keepFigures(`classic-${size}`, {
  rows,
  contentSeconds: ours.get('sync-content'),
  wholeSync: whole.seconds,
  peakMemory: Math.max(peak, whole.peakMemory),
  peers,
});
await world.stop();

interface Event {
  readonly type: string;
  readonly stage?: string;
  readonly seconds?: number;
  readonly name?: string;
  readonly value?: unknown;
}

/** The events of the newest run. */
function newestEvents({ workspace }: World): readonly Event[] {
  const folder = path.join(workspace, 'acme');
  const newest = readdirSync(folder)
    .filter((name) => existsSync(path.join(folder, name, 'events.ndjson')))
    .sort()
    .at(-1);
  const events = readFileSync(path.join(folder, newest ?? '', 'events.ndjson'), 'utf8')
    .trim()
    .split('\n');
  return events.map((line) => JSON.parse(line) as Event);
}

/** Seconds of each stage of the newest run, as its events tell them. */
function stageSeconds(world: World): ReadonlyMap<string, number> {
  const ended = newestEvents(world).filter(({ type }) => type === 'stage-finished');
  return new Map(ended.map(({ stage = '', seconds = 0 }) => [stage, seconds]));
}

/** A figure that a stage of the newest run told of itself. */
function factOf(world: World, fact: string): number {
  const reported = newestEvents(world).findLast(({ type, name }) => type === 'fact' && name === fact);
  return Number(reported?.value);
}

/** In whatever letter case and encoding: the host's name is the same in all of them. */
async function postsWithProduction({ staging, production }: World): Promise<number> {
  const host = new URL(production.url).host;
  const count = await staging.server.query(
    `SELECT COUNT(*) FROM wp_posts WHERE post_content LIKE '%${host}%' AND post_content NOT LIKE '%${host}.au%'`,
    staging.database,
  );
  return Number(count);
}
