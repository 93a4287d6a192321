import { createHash } from 'node:crypto';
import { type ParameterDefinition } from '../config/parameters.js';
import { type Site } from '../config/site.js';
import { mappingOf, textOf } from '../config/mapping.js';
import { sectionsOf } from './build-context.js';
import { groovyCall, type GroovyValue } from './groovy-literal.js';
import { parametersOf, type PipelineDefinition, PIPELINES, type PipelineStep } from './pipelines.js';

/** Where the site files come from, as the generated jobs name it. */
export interface JobsOrigin {
  /** Folder in Jenkins that gets everything: `understudy`. Folders above it must be there. */
  readonly folder: string;
  /** `understudy@v1`; '' where the library is loaded implicitly. */
  readonly library: string;
  /** Path of the site files in the repository, or absolute on the agent. */
  readonly sites: string;
  readonly repository?: {
    readonly url: string;
    readonly branch?: string;
    readonly credentialsId?: string;
  };
}

export interface FolderDefinition {
  readonly path: string;
  readonly title: string;
  readonly description: string;
}

/** A boolean's default is false. */
export interface JobParameter extends Pick<ParameterDefinition, 'name' | 'type' | 'description'> {
  readonly defaultValue: string;
}

export interface JobDefinition {
  /** '' for jobs of all sites. */
  readonly site: string;
  readonly path: string;
  readonly title: string;
  readonly description: string;
  /** Text of the Jenkinsfile; its first line holds a digest of the whole definition. */
  readonly script: string;
  /** Jenkins cron text; '' means not scheduled. */
  readonly schedule: string;
  readonly parameters: readonly JobParameter[];
}

export interface ViewDefinition {
  readonly folder: string;
  readonly name: string;
  readonly description: string;
  /** Jobs below the folder whose relative name matches as a whole. */
  readonly regex: string;
}

/** Everything that Jenkins gets for a set of site files. Job DSL and the REST API are both fed with it. */
export interface JobsDefinition {
  readonly version: 1;
  readonly folders: readonly FolderDefinition[];
  readonly jobs: readonly JobDefinition[];
  readonly views: readonly ViewDefinition[];
}

/** Stands in every description; only what has it is ever disabled. */
export const MADE_BY = 'Made by Understudy';

export function jobsOf(sites: readonly Site[], origin: JobsOrigin): JobsDefinition {
  const sorted = [...sites].sort((a, b) => (a.name < b.name ? -1 : 1));
  const forAll = PIPELINES.filter(({ scope, step }) => scope === 'all-sites' && step !== 'createSiteJobs');
  return {
    version: 1,
    folders: [
      { path: origin.folder, title: 'Understudy', description: `Staging sites. ${MADE_BY}.` },
      ...sorted.map((site) => ({
        path: `${origin.folder}/${site.name}`,
        title: site.title,
        description: `${site.production.url} to ${site.staging.url}. ${madeFrom(site)}`,
      })),
    ],
    jobs: [
      ...sorted.flatMap((site) => pipelinesOf(site).map((pipeline) => siteJob(site, pipeline, origin))),
      ...forAll.map((pipeline) => fleetJob(pipeline, origin)),
    ],
    views: PIPELINES.filter(({ step }) => VIEWED.includes(step)).map(({ job, title }) => ({
      folder: origin.folder,
      name: title,
      description: `${title}: all sites. ${MADE_BY}.`,
      regex: `.*/${job}`,
    })),
  };
}

const VIEWED: readonly PipelineStep[] = ['syncProductionToStaging', 'maintainSite'];

const madeFrom = (site: Site): string => `${MADE_BY} from ${site.name}.yaml; change that file, not this job.`;

/** The pipelines that a site has use for, by the sections of its file. */
function pipelinesOf(site: Site): PipelineDefinition[] {
  const sections = sectionsOf(site);
  const wanted: PipelineStep[] = ['syncProductionToStaging', 'rollbackStaging'];
  if (sections.includes('maintenance')) wanted.push('maintainSite', 'promoteToProduction');
  if (sections.includes('publish')) wanted.push('publishToGitHub');
  return PIPELINES.filter(({ step }) => wanted.includes(step));
}

function siteJob(site: Site, pipeline: PipelineDefinition, origin: JobsOrigin): JobDefinition {
  const schedule = scheduleOf(site, pipeline);
  return withScript(pipeline, origin, {
    site: site.name,
    path: `${origin.folder}/${site.name}/${pipeline.job}`,
    description: `${pipeline.description} ${madeFrom(site)}`,
    schedule,
    parameters: shownParameters(pipeline, site.name),
    given: { site: site.name, type: site.type, agent: site.agent, schedule },
  });
}

function fleetJob(pipeline: PipelineDefinition, origin: JobsOrigin): JobDefinition {
  return withScript(pipeline, origin, {
    site: '',
    path: `${origin.folder}/${pipeline.job}`,
    description: `${pipeline.description} ${MADE_BY}.`,
    schedule: '',
    parameters: shownParameters(pipeline, ''),
    given: { folder: origin.folder },
  });
}

const shownParameters = (pipeline: PipelineDefinition, site: string): JobParameter[] =>
  parametersOf(pipeline).map(({ name, type, description }) => ({
    name,
    type,
    description,
    defaultValue: name === 'SITE' ? site : '',
  }));

/** Only these two start by themselves. */
function scheduleOf(site: Site, { step }: PipelineDefinition): string {
  if (step === 'syncProductionToStaging') return site.schedule;
  return step === 'maintainSite' ? (textOf(mappingOf(site.maintenance)['schedule']) ?? '') : '';
}

interface JobDraft extends Omit<JobDefinition, 'script' | 'title'> {
  readonly given: Readonly<Record<string, GroovyValue | undefined>>;
}

function withScript(pipeline: PipelineDefinition, origin: JobsOrigin, draft: JobDraft): JobDefinition {
  const { given, ...job } = draft;
  const { url, branch, credentialsId } = origin.repository ?? { url: '' };
  const config = {
    url,
    ...(branch === undefined || branch === '' ? {} : { branch }),
    ...(credentialsId === undefined || credentialsId === '' ? {} : { credentialsId }),
  };
  const call = groovyCall(pipeline.step, {
    ...given,
    sites: origin.sites === 'sites' ? undefined : origin.sites,
    config: url === '' ? undefined : config,
  });
  const body = `${origin.library === '' ? '' : `@Library('${origin.library}') _\n`}${call}\n`;
  const complete = { ...job, title: pipeline.title };
  const digest = createHash('sha256')
    .update(JSON.stringify([complete, body]))
    .digest('hex')
    .slice(0, 12);
  return { ...complete, script: `// ${MADE_BY}. Changes made here are lost. Definition ${digest}\n${body}` };
}
