// Whole syncs of a site with many small files: what each part takes, and the memory of the runner and of rsync on both sides.
// npm run bench -- files [--files 200000]
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBundle } from '../../sandbox/runner.js';
import { Network } from '../../sandbox/servers/network.js';
import { createWorld } from '../../sandbox/world.js';
import { keepFigures, loadLine, machineLine, printTable, type Row } from './support/machine.js';
import { networkRun } from './support/network-run.js';
import { watchMemory } from './support/process-memory.js';

const { values } = parseArgs({ options: { files: { type: 'string', default: '200000' } } });
const count = Number(values.files);

/** Files of some 600 bytes, 100 to a folder, in ten parts. Arguments: folder, count, how many are made, what they hold. */
const MAKE_FILES = `my ($root, $count, $made, $text) = @ARGV;
for my $n (0 .. $made - 1) {
  my $part = sprintf "%s/%d", $root, $n * 10 / $count;
  my $folder = sprintf "%s/%05d", $part, $n / 100;
  if ($n % 100 == 0) { mkdir $_ for $part, $folder; }
  open my $f, ">", "$folder/file-$n.php" or die "$folder: $!";
  print $f "$text $n\\n" x 50;
}`;

await ensureBundle();
const network = new Network();
const world = await createWorld({ network, onProgress: (text) => console.log(`  ${text}`) });
await networkRun(world, network, 'sync', 'acme');
const folder = path.join(world.production.root, 'wp-content/plugins/many');
mkdirSync(folder);
const makeFiles = (made: number, text: string): void => {
  execFileSync('perl', ['-e', MAKE_FILES, folder, ...[count, made].map(String), text]);
};

const [seconds, memory]: [Row[], Row[]] = [[], []];
for (const [name, change] of [
  ['all files are new', () => makeFiles(count, '# first')],
  ['nothing changed', () => undefined],
  ['one file in a hundred changed', () => makeFiles(count / 100, '# second')],
  ['one file in ten is gone', () => execFileSync('rm', ['-rf', path.join(folder, '9')])],
] as const) {
  change();
  const peaks = watchMemory(world.folder);
  const { whole, parts } = await networkRun(world, network, 'sync', 'acme');
  const took = (part: string): number =>
    parts.filter((each) => each.name === part).reduce((sum, each) => sum + each.seconds, 0);
  seconds.push([name, whole.seconds, took('Preflight'), took('Sync content'), took('Rewrite URLs')]);
  const { runner, sender, receiver, others } = peaks();
  memory.push([name, ...[runner, sender, receiver].map((peak) => peak.toFixed(0)), others]);
  console.log(`  ${name}: ${whole.seconds.toFixed(1)} s`);
}

console.log(`\n${machineLine()}, ${loadLine()}, ${String(count)} files\n`);
printTable(['seconds', 'sync', 'preflight', 'content', 'rewrite and cutover'], seconds);
console.log('');
printTable(['MB', 'runner', 'rsync that sends', 'rsync that receives', 'largest of the others'], memory);
keepFigures(`files-${values.files}`, { seconds, memory });
await world.stop();
