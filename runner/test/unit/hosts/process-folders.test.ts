import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { makeProcessFolder } from '../../../src/hosts/process/run-browser.js';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'understudy-folders-'));
});
afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

/** The process id of a program that has ended. */
const deadPid = (): number => spawnSync('true').pid;

test('removes what a process that is gone left, and nothing else', async () => {
  const own = await makeProcessFolder('kind', base);
  const name = path.basename(own);
  const of = (pid: number, ending: string): string =>
    path.join(base, name.replace(/-\d+-\w{6}$/, `-${String(pid)}-${ending}`));
  await mkdir(path.join(of(deadPid(), 'abcdef'), 'profile'), { recursive: true });
  await mkdir(of(process.ppid, 'ghijkl'));
  const others = [
    // Another boot or another pid namespace, another kind, another spelling, a link.
    path.join(base, `kind-000000000000-${String(deadPid())}-abcdef`),
    path.join(base, `other-${name.split('-')[1] ?? ''}-${String(deadPid())}-abcdef`),
    `${of(deadPid(), 'abcdef')}.kept`,
  ];
  for (const folder of others) await mkdir(folder);
  const target = path.join(base, 'target');
  await mkdir(target);
  const link = of(deadPid(), 'linked');
  await symlink(target, link);
  const next = await makeProcessFolder('kind', base);
  expect((await readdir(base)).sort()).toEqual(
    [own, next, of(process.ppid, 'ghijkl'), ...others, target, link].map((one) => path.basename(one)).sort(),
  );
});
