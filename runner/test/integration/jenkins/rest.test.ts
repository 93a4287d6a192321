import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret } from '../../../src/errors/index.js';
import { applyJobs, type JobChange } from '../../../src/jenkins/apply-jobs.js';
import {
  createJenkinsClient,
  jenkinsLogin,
  type JenkinsClient,
} from '../../../src/jenkins/jenkins-client.js';
import { jobXml } from '../../../src/jenkins/job-xml.js';
import { type JobDefinition, type JobsDefinition } from '../../../src/jenkins/jobs.js';
import { errorOfResult, runBuild } from '../../../src/jenkins/trigger-build.js';
import { type FakeJenkins, LOGIN, startFakeJenkins } from './fake-jenkins.js';

const job = (site: string, changes: Partial<JobDefinition> = {}): JobDefinition => ({
  site,
  path: `understudy/${site}/sync`,
  title: 'Sync',
  description: 'Made by Understudy from it.',
  script: `// definition 1\nsync(site: '${site}')\n`,
  schedule: '',
  parameters: [
    { name: 'DRY_RUN', type: 'boolean', description: 'd', defaultValue: '' },
    { name: 'RUN', type: 'text', description: 'd', defaultValue: '' },
  ],
  ...changes,
});
const definition = (...jobs: JobDefinition[]): JobsDefinition => ({
  version: 1,
  folders: [
    { path: 'understudy', title: 'Understudy', description: 'Made by Understudy.' },
    ...jobs.map(({ site }) => ({
      path: `understudy/${site}`,
      title: site,
      description: 'Made by Understudy.',
    })),
  ],
  jobs,
  views: [{ folder: 'understudy', name: 'All syncs', description: 'd', regex: '.*/sync' }],
});

let jenkins: FakeJenkins;
let client: JenkinsClient;
beforeEach(async () => {
  jenkins = await startFakeJenkins('/ci');
  client = createJenkinsClient({ url: jenkins.url, user: LOGIN.user, token: new Secret(LOGIN.token) });
});
afterEach(() => jenkins.close());

describe('jobs by REST', () => {
  const apply = (wanted: JobsDefinition, dryRun = false): Promise<JobChange[]> =>
    applyJobs(client, wanted, { dryRun, report: () => undefined });
  const summary = (changes: readonly JobChange[]): string[] =>
    changes.map(({ action, path }) => `${action} ${path}`);

  test('everything is created once, and a second run changes nothing', async () => {
    expect(summary(await apply(definition(job('acme'))))).toEqual([
      'created understudy',
      'created understudy/acme',
      'created understudy/acme/sync',
      'created understudy/All syncs',
    ]);
    jenkins.changes.length = 0;
    expect((await apply(definition(job('acme')))).every(({ action }) => action === 'unchanged')).toBe(true);
    expect(jenkins.changes).toEqual([]);
  });

  test('a job that differs is updated, its folder is left as it is', async () => {
    await apply(definition(job('acme')));
    jenkins.changes.length = 0;
    await apply(definition(job('acme', { script: 'other' })));
    expect(jenkins.changes).toEqual(['update understudy/acme/sync']);
    expect(jenkins.items.get('understudy/acme/sync')).toContain('<script>other</script>');
  });

  test('whatever differs from what it writes is noticed', async () => {
    await apply(definition(job('acme', { schedule: 'H 3 * * *' })));
    const before = jenkins.items.get('understudy/acme/sync') ?? '';
    const edits: readonly (readonly [string, string])[] = [
      ['<displayName>Sync<', '<displayName>Mine<'],
      ['<description>Made by Understudy from it.<', '<description>Mine<'],
      ['<spec>H 3 * * *<', '<spec>H 4 * * *<'],
      [/<org[^>]*PipelineTriggersJobProperty>.*PipelineTriggersJobProperty>/s.exec(before)?.[0] ?? '?', ''],
      ['<name>RUN<', '<name>RUNS<'],
      ['<description>d<', '<description>e<'],
      ['<defaultValue>false<', '<defaultValue>true<'],
      ['<trim>true<', '<trim>false<'],
      ['<sandbox>true<', '<sandbox>false<'],
      [
        /<org[^>]*DisableConcurrent.*?Property>.*?DisableConcurrentBuildsJobProperty>/s.exec(before)?.[0] ??
          '?',
        '',
      ],
      ['<disabled>false<', '<disabled>true<'],
    ];
    for (const [from, to] of edits) {
      expect(before).toContain(from);
      jenkins.items.set('understudy/acme/sync', before.replace(from, to));
      jenkins.changes.length = 0;
      await apply(definition(job('acme', { schedule: 'H 3 * * *' })));
      expect([from, jenkins.changes]).toEqual([from, ['update understudy/acme/sync']]);
    }
    const view = jenkins.views.get('understudy All syncs') ?? '';
    jenkins.views.set('understudy All syncs', view.replace('<description>d<', '<description>mine<'));
    expect(summary(await apply(definition(job('acme', { schedule: 'H 3 * * *' }))))).toContain(
      'updated understudy/All syncs',
    );
  });

  test('what Jenkins and a build add to a job is no difference', async () => {
    await apply(definition(job('acme')));
    const before = jenkins.items.get('understudy/acme/sync') ?? '';
    const after = before
      .replace('<flow-definition>', '<flow-definition plugin="workflow-job@1436">\n  <actions/>')
      .replace('<definition class', '\n  <definition plugin="workflow-cps@4014" class')
      .replace(
        '</properties>',
        '<jenkins.model.BuildDiscarderProperty><strategy/></jenkins.model.BuildDiscarderProperty><org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty><triggers><hudson.triggers.TimerTrigger><spec></spec></hudson.triggers.TimerTrigger></triggers></org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty></properties>',
      );
    expect(after.length).toBeGreaterThan(before.length + 300);
    jenkins.items.set('understudy/acme/sync', after);
    jenkins.changes.length = 0;
    await apply(definition(job('acme')));
    expect(jenkins.changes).toEqual([]);
  });

  test("a folder's title follows the site file, and everything else in it stays", async () => {
    await apply(definition(job('acme')));
    const kept =
      '<properties><credentials><description>a key</description>{AQAAABAAAAAw}</credentials></properties><folderViews><displayName>x</displayName></folderViews>';
    jenkins.items.set(
      'understudy/acme',
      (jenkins.items.get('understudy/acme') ?? '').replace('<properties/>', kept),
    );
    const renamed = definition(job('acme'));
    const folders = renamed.folders.map((folder) =>
      folder.path === 'understudy/acme' ? { ...folder, title: 'Acme & Sons', description: 'new' } : folder,
    );
    jenkins.changes.length = 0;
    await apply({ ...renamed, folders });
    await apply({ ...renamed, folders });
    expect(jenkins.changes).toEqual(['update understudy/acme']);
    const xml = jenkins.items.get('understudy/acme') ?? '';
    expect(xml).toContain(kept);
    expect(xml.match(/<displayName>Acme &#38; Sons<\/displayName>/g)).toHaveLength(1);
    expect(xml.match(/<description>new<\/description>/g)).toHaveLength(1);
  });

  test('jobs of a removed site are disabled, not deleted, and only ours', async () => {
    await apply(definition(job('acme'), job('beta')));
    jenkins.items.set('understudy/beta/own', jobXml(job('beta', { description: 'made by hand' })));
    jenkins.changes.length = 0;
    const wanted = definition(job('acme'));
    expect(summary(await apply(wanted)).at(-1)).toBe('disabled understudy/beta/sync');
    expect(jenkins.changes).toEqual(['disable understudy/beta/sync']);
    expect(jenkins.items.get('understudy/beta/sync')).toContain('<disabled>true');
    jenkins.changes.length = 0;
    await apply(wanted);
    expect(jenkins.changes).toEqual([]);
  });

  test('a site that comes back is enabled again', async () => {
    await apply(definition(job('acme'), job('beta')));
    await apply(definition(job('acme')));
    await apply(definition(job('acme'), job('beta')));
    expect(jenkins.items.get('understudy/beta/sync')).toContain('<disabled>false');
  });

  test('a dry run says the same and changes nothing', async () => {
    expect(summary(await apply(definition(job('acme')), true))).toContain('created understudy/acme/sync');
    expect(jenkins.changes).toEqual([]);
    expect(jenkins.items.size).toBe(0);
  });

  test('a crumb whose session has ended is fetched again', async () => {
    jenkins.forgetCrumbAfter = 1;
    await apply(definition(job('acme')));
    expect(jenkins.items.has('understudy/acme/sync')).toBe(true);
  });

  test('a wrong token is refused with a sentence and without the token', async () => {
    const wrong = createJenkinsClient({ url: jenkins.url, user: 'ada', token: new Secret('wrong-token') });
    const failed = applyJobs(wrong, definition(job('acme')), { dryRun: false, report: () => undefined });
    await expect(failed).rejects.toMatchObject({ code: 'JENKINS_REFUSED', exitCode: 2 });
    await expect(failed).rejects.not.toThrow(/wrong-token/);
  });

  test('a Jenkins that is not there is named', async () => {
    await jenkins.close();
    await expect(apply(definition())).rejects.toMatchObject({ code: 'JENKINS_UNREACHABLE' });
  });

  test('a missing folder above is said', async () => {
    const nested = { ...definition(), folders: [{ path: 'team/understudy', title: 't', description: 'd' }] };
    await expect(apply(nested)).rejects.toMatchObject({ code: 'JENKINS_REFUSED', next: /folder above/ });
  });
});

describe('starting a job', () => {
  const report: string[] = [];
  const logged: string[] = [];
  const listener = { report: (line: string) => report.push(line), log: (text: string) => logged.push(text) };
  const never = new AbortController().signal;
  const start = (parameters: Record<string, string> = {}, signal = never) =>
    runBuild(client, { job: 'understudy/acme/sync', parameters }, listener, { signal, pollMilliseconds: 5 });
  beforeEach(async () => {
    report.length = 0;
    logged.length = 0;
    await applyJobs(client, definition(job('acme')), { dryRun: false, report: () => undefined });
  });

  test('it waits in the queue, passes the log on in whole lines, and returns the result', async () => {
    jenkins.build = { log: ['one\ntw', 'o\nthree', '\n', 'last'], result: 'SUCCESS', waits: 3 };
    const outcome = await start({ DRY_RUN: 'true' });
    expect(outcome).toEqual({
      url: `${jenkins.url}/job/understudy/job/acme/job/sync/5/`,
      number: 5,
      result: 'SUCCESS',
    });
    expect(logged).toEqual(['one\n', 'two\n', 'three\n', 'last']);
    expect(jenkins.started).toEqual([{ job: 'understudy/acme/sync', parameters: { DRY_RUN: 'true' } }]);
    // A countdown is told once.
    expect(report.filter((line) => line.startsWith('waiting'))).toHaveLength(1);
  });

  test('without parameters a parameterized job starts with its defaults', async () => {
    expect((await start()).result).toBe('SUCCESS');
    expect(jenkins.started).toEqual([{ job: 'understudy/acme/sync', parameters: {} }]);
  });

  test.each([
    ['SUCCESS', undefined],
    ['FAILURE', 4],
    ['UNSTABLE', 5],
    ['ABORTED', 130],
    ['NOT_BUILT', 4],
  ])('%s is exit code %s', async (result, exitCode) => {
    jenkins.build = { log: ['x\n'], result, waits: 0 };
    expect(errorOfResult('j', await start())?.exitCode).toBe(exitCode);
  });

  test('a parameter that the job does not have is refused before anything starts', async () => {
    await expect(start({ DRYRUN: 'true' })).rejects.toMatchObject({
      code: 'JENKINS_PARAMETER_REFUSED',
      details: ['It takes DRY_RUN, RUN.'],
    });
    await expect(start({ DRY_RUN: 'maybe' })).rejects.toMatchObject({ code: 'JENKINS_PARAMETER_REFUSED' });
    expect(jenkins.started).toEqual([]);
  });

  test('a value that is no choice is refused before Jenkins answers 500', async () => {
    const choice = jobXml(
      job('acme', { parameters: [{ name: 'LEVEL', type: 'text', description: '', defaultValue: '' }] }),
    );
    jenkins.items.set('understudy/acme/sync', choice);
    await expect(start({ LEVEL: 'huge' })).rejects.toMatchObject({ code: 'JENKINS_PARAMETER_REFUSED' });
    expect((await start({ LEVEL: 'low' })).result).toBe('SUCCESS');
  });

  test('an unknown or disabled job is named', async () => {
    jenkins.items.set(
      'understudy/acme/sync',
      jobXml(job('acme')).replace('<disabled>false', '<disabled>true'),
    );
    await expect(start()).rejects.toMatchObject({ code: 'JENKINS_REFUSED' });
    jenkins.items.delete('understudy/acme/sync');
    await expect(start()).rejects.toMatchObject({ code: 'JENKINS_JOB_UNKNOWN' });
  });

  test('an interruption stops the build', async () => {
    const controller = new AbortController();
    jenkins.build = { log: Array.from({ length: 1000 }, () => 'x\n'), result: 'SUCCESS', waits: 0 };
    const running = start({}, controller.signal);
    const failed = expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
    while (logged.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    await failed;
    expect(jenkins.changes.at(-1)).toBe('stop understudy/acme/sync');
  });

  test('an interruption in the queue takes it out', async () => {
    const controller = new AbortController();
    jenkins.build = { log: [], result: 'SUCCESS', waits: 100_000 };
    const running = start({}, controller.signal);
    const failed = expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
    while (report.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    await failed;
    expect(jenkins.changes.at(-1)).toBe('cancel');
  });
});

describe('the login', () => {
  const environment = { UNDERSTUDY_JENKINS_USER: 'ada', UNDERSTUDY_JENKINS_TOKEN: 'token-1' };
  test('comes from the environment alone', () => {
    expect(jenkinsLogin('https://ci.example/jenkins/', environment).url).toBe('https://ci.example/jenkins');
    expect(() => jenkinsLogin('https://ci.example', {})).toThrow(
      expect.objectContaining({ code: 'JENKINS_LOGIN_MISSING' }),
    );
  });
  test.each(['ci.example', 'ftp://ci.example', 'https://ada:secret@ci.example'])(
    '%s is no address',
    (url) => {
      expect(() => jenkinsLogin(url, environment)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});
