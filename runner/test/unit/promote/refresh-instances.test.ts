import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { projectFolder } from '../../../../sandbox/runner.js';
import { type Finding } from '../../../src/errors/index.js';
import { refreshInstances } from '../../../src/pipelines/maintenance/refresh-instances.js';

type Session = Parameters<typeof refreshInstances>[0];

/** The AWS CLI is a stand-in, whose answers and errors are those of the Auto Scaling API. */
const before = { ...process.env };
let aws: string;
beforeEach(() => {
  aws = mkdtempSync(path.join(os.tmpdir(), 'understudy-aws-'));
  writeFileSync(path.join(aws, 'addresses'), '');
  process.env['PATH'] = `${path.join(projectFolder, 'sandbox/aws')}:${before['PATH'] ?? ''}`;
  process.env['AWS_STAND_IN'] = aws;
});
afterEach(() => rmSync(aws, { recursive: true }));
afterAll(() => {
  process.env = before;
});

async function refreshed(
  waitSeconds = 60,
): Promise<{ readonly steps: string[]; readonly findings: Finding[] }> {
  const [steps, findings]: [string[], Finding[]] = [[], []];
  const discover = { kind: 'auto-scaling-group', group: 'acme-web', region: 'eu-central-1' };
  const site = {
    name: 'acme',
    maintenance: { instanceRefresh: true, instanceRefreshWait: `${String(waitSeconds)}s` },
    production: { address: { kind: 'ssh', discover }, path: '/srv/acme' },
  };
  const session = { site, signal: new AbortController().signal } as unknown as Session;
  const reporter = {
    step: (text: string) => steps.push(text),
    warn: (finding: Finding) => findings.push(finding),
  } as unknown as Parameters<typeof refreshInstances>[3];
  const code = { rules: { roots: [], filters: [] }, digest: '' };
  await refreshInstances(session, 'promote', code, reporter, 0.01);
  return { steps, findings: findings.filter(({ code: name }) => name === 'INSTANCES_NOT_REFRESHED') };
}
const states = (...lines: string[]): void => {
  writeFileSync(path.join(aws, 'refresh'), `${lines.join('\n')}\n`);
};

test('waits while it is not to be seen yet, pending, in progress, and baking', async () => {
  states('none', 'Pending', 'InProgress Waiting for instances to warm up', 'Baking', 'Successful');
  const { steps, findings } = await refreshed();
  expect(findings).toEqual([]);
  expect(steps).toContain('Instance refresh of acme-web is complete');
});
test.each([
  ['Failed', ['InProgress', 'Failed 2 instances did not become healthy.']],
  ['Cancelled', ['Cancelling', 'Cancelled Cancelled by a person']],
  ['RollbackSuccessful', ['InProgress', 'RollbackInProgress', 'RollbackSuccessful Alarm acme went off']],
  ['RollbackFailed', ['RollbackInProgress', 'RollbackFailed No capacity']],
])('%s is the end, and told with AWS’ reason', async (end, lines) => {
  states(...lines);
  const reason = (lines.at(-1) ?? '').slice(end.length + 1).replace(/\.$/, '');
  const [finding, ...others] = (await refreshed()).findings;
  expect(finding?.message).toBe(`The instance refresh of acme-web ended as ${end} at 50 %: ${reason}.`);
  expect(others).toEqual([]);
});
test('another refresh that is under way has an error of its own', async () => {
  writeFileSync(path.join(aws, 'busy'), '');
  const [finding] = (await refreshed()).findings;
  expect(finding?.message).toContain('was under way already');
});
test('a missing right is told with what has to be allowed', async () => {
  writeFileSync(path.join(aws, 'denied-describe-instance-refreshes'), '');
  const [finding] = (await refreshed()).findings;
  expect(finding?.message).toContain('could not be started or followed');
  expect(finding?.next).toContain('DescribeInstanceRefreshes');
});
test('is not waited for without end', async () => {
  states('InProgress');
  const [finding] = (await refreshed(0)).findings;
  expect(finding?.message).toContain('was not waited for any longer');
});

type Command = Parameters<typeof refreshInstances>[1];
const COMMANDS: readonly Command[] = ['promote', 'archive', 'publish'];

/** After which of the commands of a month the refresh begins, and what is said of it. */
async function refreshedAfter(
  sections: readonly ('archive' | 'publish')[],
  maintenance: object,
): Promise<{ readonly after: Command[]; readonly codes: string[] }> {
  const [after, codes]: [Command[], string[]] = [[], []];
  const discover = { kind: 'auto-scaling-group', group: 'acme-web', region: 'eu-central-1' };
  const site = {
    name: 'acme',
    maintenance: { instanceRefresh: true, instanceRefreshWait: '60s', ...maintenance },
    production: { address: { kind: 'ssh', discover }, path: '/srv/acme' },
    ...Object.fromEntries(sections.map((name) => [name, {}])),
  };
  const session = { site, signal: new AbortController().signal } as unknown as Session;
  const reporter = { step: () => undefined, warn: ({ code }: Finding) => codes.push(code) };
  const code = { rules: { roots: [], filters: [] }, digest: '' };
  for (const command of COMMANDS) {
    await refreshInstances(
      session,
      command,
      code,
      reporter as unknown as Parameters<typeof refreshInstances>[3],
      0,
    );
    const calls = path.join(aws, 'calls');
    if (existsSync(calls) && readFileSync(calls, 'utf8').includes('start-instance-refresh'))
      after.push(command);
    rmSync(calls, { force: true });
  }
  return { after, codes };
}

test.each<[string, readonly ('archive' | 'publish')[], object, Command[]]>([
  ['nothing but production', [], {}, ['promote']],
  ['an archive', ['archive'], {}, ['archive']],
  ['archive and repository', ['archive', 'publish'], {}, ['publish']],
  [
    'a repository, and instances boot from the archive',
    ['archive', 'publish'],
    { instancesBootFrom: 'archive' },
    ['archive'],
  ],
  [
    'both, and instances boot from the repository',
    ['archive', 'publish'],
    { instancesBootFrom: 'repository' },
    ['publish'],
  ],
  [
    'both, and instances boot from an image',
    ['archive', 'publish'],
    { instancesBootFrom: 'image' },
    ['promote'],
  ],
  ['both, and no refresh is wanted', ['archive', 'publish'], { instanceRefresh: false }, []],
])(
  'with %s: instances are made anew after what they boot from has the code',
  async (_, sections, maintenance, expected) => {
    const { after, codes } = await refreshedAfter(sections, maintenance);
    expect(after).toEqual(expected);
    const isImage = 'instancesBootFrom' in maintenance && maintenance.instancesBootFrom === 'image';
    expect(codes.includes('INSTANCE_IMAGE_OUTDATED')).toBe(isImage);
  },
);
