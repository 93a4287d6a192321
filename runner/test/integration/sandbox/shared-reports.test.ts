import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBundle, runUnderstudy, type RunnerCall } from '../../../../sandbox/runner.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { STAGES } from '../../../src/config/stage-list.js';
import { newestRun, runAndKill } from './kill-at.js';

let world: World;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld();
  for (const name of ['one', 'two', 'three']) mkdirSync(agent(name).workspace, { recursive: true });
}, 180_000);
afterAll(async () => world.stop());

/** An agent of the label: a workspace of its own. */
const agent = (name: string): RunnerCall => ({
  sites: world.sites,
  workspace: path.join(world.workspace, name),
});

const runOf = (name: string): string => newestRun(agent(name).workspace);
const reportOf = (name: string, run: string, file: string): string =>
  readFileSync(path.join(agent(name).workspace, 'acme', run, file), 'utf8');

async function stage(name: string, word: string, code = 0): Promise<void> {
  const run = runOf('one');
  const result = await runUnderstudy(
    agent(name),
    'stage',
    word,
    'acme',
    ...(run === '' ? [] : ['--run', run]),
  );
  expect({ code: result.code, said: result.code === code ? '' : result.stdout + result.stderr }).toEqual({
    code,
    said: '',
  });
}

test('every report holds the whole run, on whatever agent its stages ran', async () => {
  for (const [index, { name }] of STAGES.entries()) await stage(index % 2 === 0 ? 'one' : 'two', name);
  const run = runOf('one');
  expect(runOf('two')).toBe(run);
  // The last stage ran on the second agent; the first one's report is made whole by the end of the build.
  for (const { label } of STAGES) expect(reportOf('two', run, 'report.html')).toContain(label);
  for (const name of ['one', 'three']) {
    const { code } = await runUnderstudy(agent(name), 'finish', 'acme', '--run', run);
    expect(code).toBe(0);
    for (const { label } of STAGES) expect(reportOf(name, run, 'report.html')).toContain(label);
    expect(reportOf(name, run, 'junit.xml').match(/<testcase/g)).toHaveLength(STAGES.length);
    expect(existsSync(path.join(agent(name).workspace, 'acme', run, 'report.css'))).toBe(true);
  }
}, 300_000);

test('events that somebody wrote on staging are data, and those of others are left out', async () => {
  const run = runOf('one');
  const file = path.join(world.hosts.staging.home, '.understudy/acme/runs', run, 'events.ndjson');
  const event = {
    version: 1,
    time: '2026-11-21T20:15:00Z',
    run,
    site: 'acme',
    type: 'finding',
    severity: 'warning',
    code: 'X',
  };
  const lines = [
    JSON.stringify({ ...event, message: '<script>alert(1)</script>' }),
    JSON.stringify({ ...event, message: 'of another site', site: 'beta' }),
    JSON.stringify({ ...event, message: { toString: 'no text' } }),
    '{"type":"stage-started"',
    'null',
  ];
  writeFileSync(file, `${readFileSync(file, 'utf8')}${lines.join('\n')}\n`);
  expect((await runUnderstudy(agent('three'), 'finish', 'acme', '--run', run)).code).toBe(0);
  const html = reportOf('three', run, 'report.html');
  expect(html).toContain('&#60;script&#62;alert(1)');
  expect(html).not.toContain('<script');
  expect(html).not.toContain('of another site');
}, 120_000);

test('a stage whose agent was killed stands in the report of another agent as aborted', async () => {
  const importing = (event: Readonly<Record<string, unknown>>): boolean =>
    event['stage'] === 'import-database' && event['type'] === 'stage-started';
  const before = readdirSync(path.join(agent('two').workspace, 'acme'));
  expect((await runAndKill(agent('two'), importing, 'sync', 'acme')).code).toBe(137);
  const run =
    readdirSync(path.join(agent('two').workspace, 'acme')).find((name) => !before.includes(name)) ?? '';
  expect((await runUnderstudy(agent('three'), 'finish', 'acme', '--run', run)).code).toBe(0);
  expect(reportOf('three', run, 'report.html')).toContain('Its process, or the agent, was killed');
  expect(reportOf('three', run, 'junit.xml')).toContain('failures="1"');
}, 300_000);
