// What a sync costs beside the copying: start-up, memory, a sync with nothing to do, the tunnel.
// npm run bench -- sync [--size small|medium|large|huge]
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { onHost } from '../../sandbox/world/remote.js';
import { ensureBundle } from '../../sandbox/runner.js';
import { createWorld, type World } from '../../sandbox/world.js';
import { readEvents } from '../src/report/run/run-report.js';
import { keepFigures, machineLine, printTable, timed, type Row } from './support/machine.js';
import { measuredRun } from './support/measured-runner.js';
import { sizeOption } from './support/size-option.js';

const run = promisify(execFile);

const size = sizeOption();
await ensureBundle();
const world = await createWorld({ size, onProgress: (text) => console.log(`  ${text}`) });
const first = await measuredRun(world, 'sync', 'acme');
const second = await measuredRun(world, 'sync', 'acme');
const startUp = await bestOf(5, () => secondsToFirstCommand(world));
const beside = await besideTheStage(world);
const content = await contentWithNothingToDo(world);
const tunnel = await tunnelRate(world);

const rows: Row[] = [
  ['whole sync, first run (s)', first.seconds],
  ['whole sync, again (s)', second.seconds],
  ['largest memory of the runner (MB)', Math.max(first.peakMemory, second.peakMemory)],
  ['start-up to the first remote command (s)', startUp],
  ['a stage as a process, beside its own work (s)', beside],
  ['stage 1 with nothing to do, process and preflight included (s)', content.stage],
  ['the same by plain rsync over ssh (s)', content.plain],
  ['content through the tunnel (MB/s)', tunnel],
];
console.log(`\n${machineLine()}, database ${size}\n`);
printTable(['what a sync costs', ''], rows);
keepFigures(`sync-${size}`, rows);
await world.stop();

async function bestOf(times: number, measure: () => Promise<number>): Promise<number> {
  const results: number[] = [];
  for (let time = 0; time < times; time += 1) results.push(await measure());
  return Math.min(...results);
}

/** bash reads ~/.bashrc when sshd starts it: there the first command of each host notes the time. */
async function secondsToFirstCommand({ hosts }: World): Promise<number> {
  const notes = Object.values(hosts).map((host) => path.join(host.home, 'first-command'));
  for (const host of Object.values(hosts)) {
    writeFileSync(
      path.join(host.home, '.bashrc'),
      '[ -e ~/first-command ] || date +%s.%N > ~/first-command\n',
    );
  }
  for (const note of notes) rmSync(note, { force: true });
  const start = Date.now() / 1000;
  await measuredRun(world, 'doctor', 'acme');
  for (const host of Object.values(hosts)) rmSync(path.join(host.home, '.bashrc'));
  const times = notes.filter((note) => existsSync(note)).map((note) => Number(readFileSync(note, 'utf8')));
  return Math.min(...times) - start;
}

/** Of stage 4, which does little itself: start, connections, guards, the preflight of what follows, lock, end. */
async function besideTheStage({ workspace }: World): Promise<number> {
  for (const stage of ['sync-content', 'backup-database', 'transfer-backup'])
    await measuredRun(world, 'stage', stage, 'acme');
  const run = latestRun(workspace);
  const events = path.join(workspace, 'acme', run, 'events.ndjson');
  const seconds = await bestOf(5, async () => {
    const whole = await measuredRun(world, 'stage', 'drop-database', 'acme', '--run', run);
    const own = readEvents(events).findLast((event) => event.type === 'stage-finished');
    return whole.seconds - (own?.seconds ?? 0);
  });
  await measuredRun(world, 'finish', 'acme', '--run', run);
  return seconds;
}

function latestRun(workspace: string): string {
  const result = JSON.parse(readFileSync(path.join(workspace, 'acme/result.json'), 'utf8')) as {
    readonly run: string;
  };
  return result.run;
}

/** The plain rsync pushes the same files to the same place, by a key that a classic script would have. */
async function contentWithNothingToDo({ production, staging, hosts, keyFile }: World): Promise<{
  stage: number;
  plain: number;
}> {
  const { address, port, user } = hosts.staging;
  const ssh = `ssh -F none -i ${keyFile} -p ${port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
  const own = ['wp-config.php', '.htaccess', '.env', 'robots.txt', 'wp-content/uploads', '.git'];
  const excludes = own.flatMap((name) => ['--exclude', `/${name}`]);
  const plain = await bestOf(5, () =>
    timed(() =>
      run('rsync', [
        '-a',
        ...excludes,
        '-e',
        ssh,
        `${production.root}/`,
        `${user}@${address}:${staging.root}/`,
      ]),
    ),
  );
  const again = await stageOneAgain();
  const stage = await bestOf(3, again.seconds);
  await again.finish();
  return { stage, plain };
}

/** Stage 1 as often as it is asked for, in one run: another run would meet the lock that waits for stage 2. */
async function stageOneAgain(): Promise<{ seconds(): Promise<number>; finish(): Promise<unknown> }> {
  await measuredRun(world, 'stage', 'sync-content', 'acme');
  const inRun = ['acme', '--run', latestRun(world.workspace)];
  return {
    seconds: async () => (await measuredRun(world, 'stage', 'sync-content', ...inRun)).seconds,
    finish: () => measuredRun(world, 'finish', ...inRun),
  };
}

/** One large file that no compression makes smaller, beside the same stage without it. */
async function tunnelRate({ production, hosts, keyFile }: World): Promise<number> {
  const megabytes = 1000;
  const file = path.join(production.root, 'wp-content/large-file.bin');
  const again = await stageOneAgain();
  const without = await again.seconds();
  await onHost(hosts['production-app'], keyFile, `head -c ${megabytes}000000 /dev/urandom > '${file}'`);
  const seconds = await again.seconds();
  rmSync(file);
  await again.finish();
  return megabytes / (seconds - without);
}
