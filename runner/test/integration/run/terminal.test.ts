import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { quoteWords } from '../../../src/commands/quote.js';
import { bundle, ensureBundle } from '../../../../sandbox/runner.js';
import { unreachableSide } from '../../unit/cli/unreachable-side.js';

const RUN = '20261121T201500Z-3f9a1c';
let folder: string;

/** A site whose hosts nobody can reach: port 1 of this machine. */
beforeAll(async () => {
  await ensureBundle();
  folder = mkdtempSync(path.join(tmpdir(), 'understudy-terminal-'));
  const key = path.join(folder, 'key');
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const side = (name: string): object => unreachableSide(name, { file: key });
  mkdirSync(path.join(folder, 'sites'));
  const site = { type: 'wordpress', production: side('www'), staging: side('staging') };
  writeFileSync(path.join(folder, 'sites/acme.yaml'), stringify(site));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Types a command at a terminal of its own (script(1)).
 * @param watch gets all that was shown so far, whenever more comes, and what types
 */
async function atTerminal(
  words: readonly string[],
  watch: (shown: string, type: (keys: string) => void) => void,
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const places = ['--sites', path.join(folder, 'sites'), '--workspace', path.join(folder, 'runs')];
  const command = quoteWords([process.execPath, bundle, ...places, ...words]);
  const terminal = spawn('script', ['-qec', command, '/dev/null']);
  let shown = '';
  terminal.stdout.on('data', (bytes: Buffer) => {
    shown += bytes.toString();
    watch(shown, (keys) => terminal.stdin.write(keys));
  });
  const code = await new Promise<number | null>((resolve) => terminal.once('close', resolve));
  return { code, shown };
}

test.each([
  ['n\r', 130, 'Not confirmed; nothing was changed.'],
  ['\u0003', 130, 'The question was not answered; nothing was changed.'],
  ['y\r', 3, 'HOST_UNREACHABLE'],
])('the question before a rollback, answered with %j', async (keys, expected, says) => {
  let isAsked = false;
  const { code, shown } = await atTerminal(['rollback', 'acme'], (text, type) => {
    if (isAsked || !text.includes('[y/N]')) return;
    isAsked = true;
    type(keys);
  });
  expect(shown).toContain('Replace what https://staging.acme.test serves');
  expect([code, shown]).toEqual([expected, expect.stringContaining(says)]);
});

test('logs --follow shows what comes, and ends with the run', async () => {
  const run = path.join(folder, 'runs/acme', RUN);
  mkdirSync(run, { recursive: true });
  const happen = (event: object): void => {
    const line = JSON.stringify({
      version: 1,
      time: new Date().toISOString(),
      run: RUN,
      site: 'acme',
      ...event,
    });
    appendFileSync(path.join(run, 'events.ndjson'), `${line}\n`);
  };
  happen({ type: 'step', text: 'was there before' });
  let isGoingOn = false;
  const { code, shown } = await atTerminal(['logs', 'acme', RUN, '-f'], (text) => {
    if (isGoingOn || !text.includes('was there before')) return;
    isGoingOn = true;
    happen({ type: 'step', text: 'came later' });
    happen({ type: 'run-finished', state: 'complete', exitCode: 0 });
  });
  expect([code, shown]).toEqual([0, expect.stringMatching(/was there before[^]*came later/)]);
});
