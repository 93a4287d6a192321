import { afterEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { type Command } from '../../../src/commands/command.js';
import { applyFileSwap, finishFileSwap, undoFileSwap } from '../../../src/content/swap/file-swap.js';
import { stageFiles } from '../../../src/content/sync-files.js';
import { type WritingHost } from '../../../src/hosts/host.js';
import { fingerprint, HOSTILE_TREE, makeTrees, type Trees } from './trees.js';

let trees: Trees;
afterEach(() => {
  trees.sh('chmod -R u+rwX . 2>/dev/null || :');
  trees.remove();
});

/** A host on which the script that moves files is killed (kill -9, its whole group) after `milliseconds`. */
function killingHost(host: WritingHost, milliseconds: number): WritingHost & { killed: number } {
  const killing = {
    ...host,
    killed: 0,
    run: async (command: Command, options?: Parameters<WritingHost['run']>[1]) => {
      if (!/putting|former/.test(options?.label ?? '')) return host.run(command, options);
      const [file, ...args] = command.argv;
      const child = spawn(file, args, { detached: true, stdio: 'ignore' });
      const timer = setTimeout(() => {
        try {
          process.kill(-(child.pid ?? 0), 'SIGKILL');
          killing.killed += 1;
        } catch {
          // It was faster.
        }
      }, milliseconds);
      const code = await new Promise<number>((resolve) => {
        child.once('exit', (status) => {
          resolve(status ?? 137);
        });
      });
      clearTimeout(timer);
      return { code, stdout: Buffer.of(), stderr: '', seconds: 0 };
    },
  };
  return killing;
}

const MANY_CHANGES = String.raw`
  chmod 755 p/closed; rm -r p/newtree p/wp-content/plugins/a; echo file > p/wp-content/plugins/a
  rm p/wp-content/linkdir; mkdir p/wp-content/linkdir; echo real > p/wp-content/linkdir/x; chmod 555 p/closed
  for d in 1 2 3 4 5 6; do for f in 1 2 3 4 5 6 7 8 9; do echo changed > p/many/d$d/f$f; done; rm p/many/d$d/gone*; done
  mkdir -p p/added/1/2; echo new > p/added/1/2/f; for i in 1 2 3 4 5; do echo $i > p/many/new$i; done; rm -r p/many/d6
`;

describe.each(['auto', 'sh'] as const)('a swap that is killed (%s)', (interpreter) => {
  test('is finished or undone from wherever it stopped, again and again', async () => {
    trees = makeTrees();
    trees.sh(HOSTILE_TREE);
    trees.sh(
      'for d in 1 2 3 4 5 6; do mkdir -p p/many/d$d; for f in 1 2 3 4 5 6 7 8 9; do echo $f > p/many/d$d/f$f; echo > p/many/d$d/gone$f; done; done',
    );
    const first = trees.ends('r1');
    await stageFiles(first, trees.watch, 100);
    await applyFileSwap(first.staging, first.folders);
    await finishFileSwap(first.staging, first.folders, 1);
    const oldTree = fingerprint(trees.live);
    trees.sh(MANY_CHANGES);
    const newTree = fingerprint(trees.production);
    const ends = trees.ends('r2', { interpreter });
    await stageFiles(ends, trees.watch, 100);

    // How long it takes when nobody kills it, on this machine and today.
    const start = performance.now();
    await applyFileSwap(ends.staging, ends.folders, { interpreter });
    const longest = performance.now() - start;
    expect(fingerprint(trees.live)).toBe(newTree);
    await undoFileSwap(ends.staging, ends.folders, { interpreter });

    let inTheMiddle = 0;
    const rounds = 24;
    // On a fast disk the moves are over in a moment: on until one of them was met.
    for (let round = 0; round < rounds || (inTheMiddle === 0 && round < 20 * rounds); round += 1) {
      const share = round < rounds ? round / rounds : Math.random();
      const apply = killingHost(ends.staging, 2 + longest * share);
      await applyFileSwap(apply, ends.folders, { interpreter }).catch(() => undefined);
      const now = fingerprint(trees.live);
      if (now !== oldTree && now !== newTree) inTheMiddle += 1;
      if (round % 3 === 0) {
        await applyFileSwap(ends.staging, ends.folders, { interpreter });
        expect(fingerprint(trees.live)).toBe(newTree);
      }
      const undo = killingHost(ends.staging, 2 + longest * Math.random());
      await undoFileSwap(undo, ends.folders, { interpreter }).catch(() => undefined);
      await undoFileSwap(ends.staging, ends.folders, { interpreter });
      expect(fingerprint(trees.live)).toBe(oldTree);
    }
    expect(inTheMiddle).toBeGreaterThan(0);
    await applyFileSwap(ends.staging, ends.folders, { interpreter });
    await finishFileSwap(ends.staging, ends.folders, 1);
    expect(fingerprint(trees.live)).toBe(newTree);
  });
});
