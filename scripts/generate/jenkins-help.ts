import { loadSites } from '../../runner/src/config/load/load-sites.js';
import { jobsOf } from '../../runner/src/jenkins/jobs.js';
import { parametersOf, type PipelineDefinition, PIPELINES } from '../../runner/src/jenkins/pipelines.js';
import { type GeneratedFile } from './generated-file.js';
import { TOP } from './site-schema.js';
import path from 'node:path';

/** What the calls take; `vars/understudySettings.groovy` refuses everything else. */
const ARGUMENTS = {
  site: 'name of the site; its file is <sites>/<name>.yaml. The job is then for this site alone',
  type: 'wordpress or php, as in the site file; the seed writes it, and a difference stops the build',
  agent: 'label of the agents; empty: any',
  schedule: 'cron text of Jenkins',
  sites: 'folder of the site files in the repository (sites), or an absolute path on the agents',
  config:
    "repository of the site files: [url: '…', branch: 'main', credentialsId: '…']; without it: the Jenkinsfile's own",
  notify: 'closure that is called at the end with [site, result, run, description, url]',
  folder: 'Jenkins folder of the jobs (understudy)',
  library: 'library as the generated jobs load it (understudy); empty where it is loaded implicitly',
  atOnce: 'how many sites at the same time (4)',
  timeoutMinutes: 'longest time of a build',
  keepBuilds: 'how many builds are kept (30)',
} as const;

type Argument = keyof typeof ARGUMENTS;

const SITE_ARGUMENTS: readonly Argument[] = [
  'site',
  'type',
  'agent',
  'schedule',
  'sites',
  'config',
  'notify',
  'timeoutMinutes',
  'keepBuilds',
];
const FLEET_ARGUMENTS: readonly Argument[] = [
  'folder',
  'agent',
  'schedule',
  'sites',
  'config',
  'atOnce',
  'notify',
  'timeoutMinutes',
  'keepBuilds',
];
const SEED_ARGUMENTS: readonly Argument[] = [
  'folder',
  'library',
  'agent',
  'schedule',
  'sites',
  'config',
  'timeoutMinutes',
  'keepBuilds',
];

/** Of the pipelines for one site, these start by themselves. */
const SCHEDULED = ['syncProductionToStaging', 'maintainSite'];

function argumentsOf({ scope, step }: PipelineDefinition): readonly Argument[] {
  if (step === 'createSiteJobs') return SEED_ARGUMENTS;
  if (step === 'showAllSites') return ['agent', 'schedule', 'timeoutMinutes', 'keepBuilds'];
  if (scope !== 'site') return FLEET_ARGUMENTS;
  return SITE_ARGUMENTS.filter((key) => key !== 'schedule' || SCHEDULED.includes(step));
}

function meaningOf(key: Argument, { scope }: PipelineDefinition): string {
  const text = ARGUMENTS[key];
  if (scope !== 'site') return key === 'notify' ? text.replace('site, result, run,', 'result, text,') : text;
  if (key === 'agent') return `${text}. A site file that names a label must name the same`;
  return key === 'schedule' ? `${text}; needs site` : text;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  createSiteJobs: "createSiteJobs(library: 'understudy@v1')",
  syncAllSites: "syncAllSites(folder: 'understudy', atOnce: 4)",
  maintainAllSites: "maintainAllSites(folder: 'understudy', atOnce: 2)",
  showAllSites: "showAllSites(agent: 'linux')",
};

/** Plain text: Jenkins shows it with whatever markup formatter it has. */
function helpOf(pipeline: PipelineDefinition): string {
  const width = (names: readonly string[]): number => Math.max(0, ...names.map(({ length }) => length)) + 2;
  const keys = argumentsOf(pipeline);
  const parameters = parametersOf(pipeline);
  const rows = (entries: readonly (readonly [string, string])[]): string =>
    entries
      .map(([name, text]) => `  ${name.padEnd(width(entries.map(([first]) => first)))}${text}`)
      .join('\n');
  const lines = [
    `${pipeline.title}. ${pipeline.description}`,
    '',
    `  ${EXAMPLES[pipeline.step] ?? `${pipeline.step}(site: 'acme')`}`,
    '',
    `Stages: ${pipeline.stages.join(', ')}.`,
    '',
    'The call takes:',
    rows(keys.map((key) => [key, meaningOf(key, pipeline)])),
  ];
  if (parameters.length > 0) {
    lines.push(
      '',
      'The job asks for:',
      rows(
        parameters.map(({ name, type, description }) => [
          name,
          `${type === 'boolean' ? 'true or false. ' : ''}${description}`,
        ]),
      ),
    );
    if (pipeline.parameters.includes('SITE'))
      lines.push('In a job that is made for one site, SITE holds its name, and no other is taken.');
  }
  return `${lines.join('\n')}\n`;
}

export const stepHelp: readonly GeneratedFile[] = PIPELINES.map((pipeline) => ({
  path: `vars/${pipeline.step}.txt`,
  render: () => helpOf(pipeline),
}));

/** What the Groovy specs compare the vars with. */
export const pipelinesForSpecs: GeneratedFile = {
  path: 'test/groovy/support/pipelines.json',
  render: () =>
    `${JSON.stringify(
      PIPELINES.map((pipeline: PipelineDefinition) => ({
        step: pipeline.step,
        scope: pipeline.scope,
        stages: pipeline.stages,
        keys: argumentsOf(pipeline),
        parameters: parametersOf(pipeline).map(({ name, type, description }) => ({
          name,
          type,
          description,
        })),
      })),
      null,
      2,
    )}\n`,
};

/** The jobs of the example sites: the specs run the seed with them and read their scripts as Groovy does. */
export const jobsForSpecs: GeneratedFile = {
  path: 'test/groovy/support/jobs.json',
  render: async () => {
    const { sites } = await loadSites(path.join(TOP, 'sites/examples'));
    const repository = {
      url: "https://git.example/o'neill/sites.git",
      branch: 'main',
      credentialsId: 'git-read',
    };
    const definition = jobsOf(sites, {
      folder: 'understudy',
      library: 'understudy@v1',
      sites: 'sites',
      repository,
    });
    return `${JSON.stringify(definition, null, 2)}\n`;
  },
};
