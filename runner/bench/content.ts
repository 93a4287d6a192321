/**
 * Stage 1 with nothing to do, beside plain rsync over ssh, on two sshd's of this machine: medians of five, taken in turn.
 * `npx tsx runner/bench/content.ts [files]`
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contentFilters } from '../src/content/rsync/filters.js';
import { applyFileSwap, finishFileSwap } from '../src/content/swap/file-swap.js';
import { swapFolders } from '../src/content/swap/open-file-swap.js';
import { stageFiles } from '../src/content/sync-files.js';
import { farRsync } from '../src/commands/joined-rsync.js';
import { openRoute } from '../src/hosts/route/open-route.js';
import { stagingRouteOptions } from '../src/stages/survey/staging-route.js';
import { startSshWorld } from '../test/integration/content/over-ssh.js';
import { makeTrees } from '../test/integration/content/trees.js';

const FILES = Number(process.argv[2] ?? 20_000);
const ROUNDS = 5;

const trees = makeTrees();
const world = await startSshWorld(trees);
try {
  for (let at = 0; at < FILES; at += 25) {
    const folder = join(trees.production, `wp-content/plugins/p${String(at % 40)}/d${String(at)}`);
    mkdirSync(folder, { recursive: true });
  }
  execFileSync('perl', [
    '-e',
    'for my $d (glob "$ARGV[0]/wp-content/plugins/*/*") { for (1 .. 25) { open my $f, ">", "$d/f$_.php" or die; print $f "x$d$_" x 100 } }',
    trees.production,
  ]);
  const times = { plain: [] as number[], stage: [] as number[], route: [] as number[] };
  const timed = async (list: number[], work: () => Promise<unknown>): Promise<void> => {
    const started = performance.now();
    await work();
    list.push((performance.now() - started) / 1000);
  };
  const sync = async (run: string, route?: number[]): Promise<void> => {
    const context = world.context(run, { route: 'direct' });
    const { site } = context;
    const options = await stagingRouteOptions(context);
    const opening = performance.now();
    const opened = await openRoute(options);
    route?.push((performance.now() - opening) / 1000);
    const ends = {
      route: opened,
      productionPath: site.production.path,
      productionLabel: 'production',
      staging: world.staging,
      folders: swapFolders(context, run),
      filters: contentFilters(site),
      sameMachine: false,
      signal: context.signal,
      timeoutSeconds: 600,
    };
    try {
      await timed(route ? times.stage : [], () => stageFiles(ends, trees.watch, 100));
      if (!route) {
        await timed(times.plain, () =>
          opened.run(
            {
              effect: 'read',
              far: farRsync('receives'),
              argv: [
                'rsync',
                '-a',
                '--delete',
                '-e',
                opened.remoteShell ?? 'ssh',
                `${site.production.path}/`,
                `${opened.remote}:${dirname(trees.live)}/plain/`,
              ],
            },
            { timeoutSeconds: 600 },
          ),
        );
        times.plain.pop();
        const started = performance.now();
        await applyFileSwap(world.staging, ends.folders);
        console.log(
          `swap of ${String(FILES)} new files: ${((performance.now() - started) / 1000).toFixed(2)} s`,
        );
        await finishFileSwap(world.staging, ends.folders, 1);
      } else
        await timed(times.plain, () =>
          opened.run(
            {
              effect: 'read',
              far: farRsync('receives'),
              argv: [
                'rsync',
                '-a',
                '--delete',
                '-e',
                opened.remoteShell ?? 'ssh',
                `${site.production.path}/`,
                `${opened.remote}:${dirname(trees.live)}/plain/`,
              ],
            },
            { timeoutSeconds: 600 },
          ),
        );
    } finally {
      await opened.close();
    }
  };
  await sync('r0');
  for (let round = 1; round <= ROUNDS; round += 1) await sync(`r${String(round)}`, times.route);
  const median = (list: readonly number[]): number =>
    list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
  console.log(`${String(FILES)} files, nothing to do, medians of ${String(ROUNDS)}:`);
  console.log(`plain rsync over ssh   ${median(times.plain).toFixed(2)} s`);
  console.log(
    `stage 1                ${median(times.stage).toFixed(2)} s (${(median(times.stage) / median(times.plain)).toFixed(2)} times)`,
  );
  console.log(`opening the route      ${median(times.route).toFixed(2)} s`);
  console.log(`memory of this process ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
} finally {
  await world.stop();
  trees.remove();
}
