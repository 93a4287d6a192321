import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSites, type Site } from '../../../src/config/index.js';
import { crowdedSchedules } from '../../../src/jenkins/crowded-schedules.js';
import { contextOf } from '../../../src/jenkins/build-context.js';
import { groovyCall, groovyLiteral } from '../../../src/jenkins/groovy-literal.js';
import { jobPath } from '../../../src/jenkins/jenkins-client.js';
import {
  exactXml,
  folderXml,
  jobXml,
  textOfElement,
  unescapeXml,
  viewXml,
} from '../../../src/jenkins/job-xml.js';
import { jobsOf, type JobsOrigin } from '../../../src/jenkins/jobs.js';

const examples = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../../sites/examples');
const origin: JobsOrigin = {
  folder: 'understudy',
  library: 'understudy@v1',
  sites: 'sites',
  repository: { url: 'https://git.example/sites.git', branch: 'main', credentialsId: 'git-read' },
};
const { sites } = await loadSites(examples);
const site = (name: string): Site => {
  const found = sites.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no example ${name}`);
  return found;
};

describe('schedules at one minute', () => {
  const at = (schedule: string, names: string) =>
    names.split(' ').map((name) => ({ ...sites[0], name, schedule, maintenance: {} }) as Site);
  test.each([
    ['0 3 * * *', 'H 3 * * *'],
    ['0  3 * * *', 'H 3 * * *'],
    ['*/30 * * * *', 'H/30 * * * *'],
    ['# nightly\n15 2 * * 1-5', 'H 2 * * 1-5'],
  ])('%j of six sites is told, with what spreads them', (schedule, spread) => {
    expect(crowdedSchedules(at(schedule, 'a b c d e f'))).toEqual([
      expect.stringMatching(/^6 jobs start at the same minute \(.*\): a, b, c, d, e and 1 more\. /),
    ]);
    expect(crowdedSchedules(at(schedule, 'a b c'))[0]).toContain(`"${spread}"`);
  });
  test.each(['H 3 * * *', '@daily', '', 'H/30 * * * *'])('%j is spread by Jenkins', (schedule) => {
    expect(crowdedSchedules(at(schedule, 'a b c d'))).toEqual([]);
  });
  test('two at one minute are no crowd; the maintenance counts, too', () => {
    const two = at('0 3 * * *', 'a b');
    expect(crowdedSchedules(two)).toEqual([]);
    const third = { ...two[0], schedule: '', maintenance: { schedule: '0 3 * * *' } } as unknown as Site;
    expect(crowdedSchedules([...two, third])).toHaveLength(1);
  });
});

describe('a value as Groovy source', () => {
  test.each([
    ['acme', "'acme'"],
    ["o'neill", "'o\\'neill'"],
    ['back\\slash', "'back\\\\slash'"],
    ['${env.X}', "'${env.X}'"],
    ['two\nlines', "'two\\nlines'"],
    ['Müller', "'M\\u00fcller'"],
    [5, '5'],
    [true, 'true'],
    [{ url: 'u', 'a-b': 'c' }, "[url: 'u', 'a-b': 'c']"],
    [{}, '[:]'],
  ])('%j', (value, expected) => {
    expect(groovyLiteral(value)).toBe(expected);
  });

  test('a call leaves out what has no value and ends without a comma', () => {
    expect(groovyCall('sync', { site: 'acme', agent: '', schedule: undefined, atOnce: 4 })).toBe(
      "sync(\n    site: 'acme',\n    atOnce: 4\n)",
    );
    expect(groovyCall('sync', {})).toBe('sync()');
  });
});

describe('the jobs of a set of sites', () => {
  const scheduled: Site = {
    ...site('efs-and-github'),
    schedule: 'H 3 * * 1-5',
    maintenance: { schedule: 'H 4 5 * *' },
  };

  test('a job holds site, type, agent and schedule as literals', () => {
    const [sync] = jobsOf([scheduled], origin).jobs;
    expect(sync?.script.split('\n').slice(1).join('\n')).toBe(`@Library('understudy@v1') _
syncProductionToStaging(
    site: 'efs-and-github',
    type: 'wordpress',
    agent: 'linux',
    schedule: 'H 3 * * 1-5',
    config: [url: 'https://git.example/sites.git', branch: 'main', credentialsId: 'git-read']
)
`);
    expect(sync?.schedule).toBe('H 3 * * 1-5');
  });

  test('only sync and maintenance start by themselves', () => {
    const starts = jobsOf([scheduled], origin).jobs.filter(({ schedule }) => schedule !== '');
    expect(starts.map(({ path: name, schedule }) => [name, schedule])).toEqual([
      ['understudy/efs-and-github/sync', 'H 3 * * 1-5'],
      ['understudy/efs-and-github/maintenance', 'H 4 5 * *'],
    ]);
  });

  test.each([
    ['efs-and-github', ['sync', 'rollback', 'maintenance', 'promote', 'publish']],
    ['plain-php', ['sync', 'rollback']],
  ])('%s gets the jobs that it has use for', (name, jobs) => {
    const made = jobsOf([site(name)], origin).jobs.filter((job) => job.site === name);
    expect(made.map((job) => job.path.split('/').at(-1))).toEqual(jobs);
  });

  test('in a job of one site, SITE holds its name', () => {
    const { jobs } = jobsOf(sites, origin);
    const defaults = jobs.map((job) => job.parameters.find(({ name }) => name === 'SITE')?.defaultValue);
    expect(defaults).toContain('bedrock');
    jobs.forEach((job, index) => {
      if (defaults[index] !== undefined) expect(defaults[index]).toBe(job.site);
    });
  });

  test('the digest changes with everything that a job is made of', () => {
    const digest = (changed: Partial<Site>): string | undefined =>
      /Definition (\w+)/.exec(jobsOf([{ ...scheduled, ...changed }], origin).jobs[0]?.script ?? '')?.[1];
    expect(digest({})).toBe(digest({}));
    expect(digest({ schedule: '@daily' })).not.toBe(digest({}));
    expect(digest({ agent: 'other' })).not.toBe(digest({}));
  });

  test('the order of the files does not matter', () => {
    expect(jobsOf([...sites].reverse(), origin)).toEqual(jobsOf(sites, origin));
  });

  test('an implicit library and site files on the agent leave their lines out', () => {
    const [job] = jobsOf([site('plain-php')], {
      folder: 'understudy',
      library: '',
      sites: '/srv/sites',
    }).jobs;
    expect(job?.script).not.toContain('@Library');
    expect(job?.script).toContain("sites: '/srv/sites'");
    expect(job?.script).not.toContain('config:');
  });
});

describe('what the bridge is told about a site', () => {
  test('sections, and the rules of an approval', () => {
    const context = contextOf({
      ...site('efs-and-github'),
      maintenance: { approve: { policy: 'person', timeout: '90m', by: ['ada'] } },
    });
    expect(context.sections).toEqual(['maintenance', 'archive', 'publish']);
    expect(context.approval).toEqual({ policy: 'person', minutes: 90, hours: 2, by: ['ada'] });
    expect(contextOf(site('plain-php')).approval).toEqual({
      policy: 'person',
      minutes: 1440,
      hours: 24,
      by: [],
    });
    expect(contextOf(site('plain-php')).stages).not.toContain('rewrite-urls');
  });
});

describe('config.xml', () => {
  const [job] = jobsOf([{ ...site('plain-php'), title: '<b>', schedule: '@daily' }], origin).jobs;
  if (job === undefined) throw new Error('no job');

  test('a script comes back as it was', () => {
    expect(textOfElement(jobXml(job), 'script')).toBe(job.script);
    expect(jobXml(job)).toContain('<spec>@daily</spec>');
    expect(jobXml(job)).toContain('<sandbox>true</sandbox>');
  });

  test('hostile texts stay texts', () => {
    const hostile = `</script><sandbox>false</sandbox>&amp;'"\u0000\u0008`;
    const xml = jobXml({ ...job, script: hostile, description: hostile });
    expect(xml.match(/<sandbox>/g)).toHaveLength(1);
    expect(textOfElement(xml, 'script')).toBe(hostile.replace(/[\u0000\u0008]/g, ''));
    expect(unescapeXml(exactXml('&amp;lt;'))).toBe('&amp;lt;');
    expect(unescapeXml('&#xe4;&#228;')).toBe('ää');
    expect(unescapeXml('&#38;lt;&#x26;amp;&apos;')).toBe("&lt;&amp;'");
  });

  test('folders and views', () => {
    expect(folderXml({ path: 'a', title: '<b>', description: 'd' })).toContain(
      '<displayName>&#60;b&#62;</displayName>',
    );
    expect(viewXml({ folder: 'a', name: 'n', description: 'd', regex: '.*/sync' })).toContain(
      '<includeRegex>.*/sync</includeRegex>',
    );
  });
});

describe('the address of a job', () => {
  test.each([
    ['understudy/acme/sync', '/job/understudy/job/acme/job/sync'],
    ['a b', '/job/a%20b'],
  ])('%s', (name, expected) => {
    expect(jobPath(name)).toBe(expected);
  });
  test.each(['', '/', 'a/../b', 'a?b', 'a#b', 'a%2fb', 'a\nb'])('%j is invalid', (name) => {
    expect(() => jobPath(name)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
