import {
  type ParameterDefinition,
  PARAMETERS,
  SITE_RESULT_PARAMETER,
  SITES_PARAMETER,
} from '../config/parameters.js';
import { STAGES } from '../config/stage-list.js';

/**
 * The pipelines of `vars/`: what the jobs made for them are called, ask for and consist of.
 * Jobs (Job DSL and REST), the `.txt` help and the specs of the vars are all made from this list.
 */
export interface PipelineDefinition {
  /** Name of the file in vars/. */
  readonly step: string;
  /** Name of the job in a site's folder, or beside the folders when it is for all sites. */
  readonly job: string;
  readonly scope: 'site' | 'all-sites';
  readonly title: string;
  /** One or two sentences: the job's description, and the beginning of the step's help. */
  readonly description: string;
  /** Names of the parameters, in the order in which Jenkins shows them. In a job of one site, SITE has its name as default. */
  readonly parameters: readonly ParameterName[];
  /** What RUN names, where that is not a run to continue. */
  readonly run?: string;
  /** Labels of the stages, in order. */
  readonly stages: readonly string[];
}

type ParameterName =
  (typeof PARAMETERS)[number]['name'] | typeof SITES_PARAMETER.name | typeof SITE_RESULT_PARAMETER.name;

const SYNC_STAGES = STAGES.map(({ label }) => label);

export const PIPELINES = [
  {
    step: 'syncProductionToStaging',
    job: 'sync',
    scope: 'site',
    title: 'Sync from production',
    description:
      'Copies production to staging, files and database, in six stages. Staging serves what it served before until the new copy is proven.',
    parameters: ['SITE', 'DRY_RUN', 'RUN', 'ALLOW_DELETIONS'],
    stages: SYNC_STAGES,
  },
  {
    step: 'rollbackStaging',
    job: 'rollback',
    scope: 'site',
    title: 'Roll back staging',
    description: 'Puts the former generation of staging back, files and database.',
    parameters: ['SITE'],
    stages: ['Roll back staging'],
  },
  {
    step: 'maintainSite',
    job: 'maintenance',
    scope: 'site',
    title: 'Monthly maintenance',
    description:
      'Syncs staging, updates WordPress, plugins and themes there, asks for an approval, carries exactly what was tested to production, archives it and commits it to GitHub.',
    parameters: ['DRY_RUN', 'ALLOW_DELETIONS'],
    stages: [
      ...SYNC_STAGES,
      'Update on staging',
      'Approval',
      'Promote to production',
      'Archive to EFS',
      'Publish to GitHub',
    ],
  },
  {
    step: 'promoteToProduction',
    job: 'promote',
    scope: 'site',
    title: 'Promote to production',
    description:
      'Carries what a maintenance run has tested to production, after an approval. RUN names that run.',
    parameters: ['RUN'],
    run: 'Id of the maintenance run whose tested code goes to production. Needed.',
    stages: ['Approval', 'Promote to production'],
  },
  {
    step: 'publishToGitHub',
    job: 'publish',
    scope: 'site',
    title: 'Publish to GitHub',
    description: 'Archives the promoted code to EFS and commits it to GitHub.',
    parameters: ['SITE', 'RUN'],
    run: 'Id of the maintenance run to archive and publish. Empty: the newest that was promoted.',
    stages: ['Archive to EFS', 'Publish to GitHub'],
  },
  {
    step: 'syncAllSites',
    job: '_sync-all',
    scope: 'all-sites',
    title: 'Sync all sites',
    description:
      'Starts the sync job of every site, a bounded number at once. A site that fails does not stop the others.',
    parameters: ['SITES', 'DRY_RUN', 'ALLOW_DELETIONS'],
    stages: ['Synchronize all sites'],
  },
  {
    step: 'maintainAllSites',
    job: '_maintain-all',
    scope: 'all-sites',
    title: 'Maintain all sites',
    description:
      'Starts the maintenance job of every site, a bounded number at once. A site that fails does not stop the others.',
    parameters: ['SITES', 'DRY_RUN', 'ALLOW_DELETIONS'],
    stages: ['Maintain all sites'],
  },
  {
    step: 'showAllSites',
    job: '_all-sites',
    scope: 'all-sites',
    title: 'All sites',
    description:
      'Makes one page of all sites: state, age of the copy, last runs, updates, what needs a person. Builds of the sites start it at their end.',
    parameters: ['SITE_RESULT'],
    stages: ['Show all sites'],
  },
  {
    step: 'createSiteJobs',
    job: '_seed',
    scope: 'all-sites',
    title: 'Create the jobs of all sites',
    description:
      'Reads the site files and makes a folder of jobs for each. Jobs of removed sites are disabled.',
    parameters: [],
    stages: ['Create jobs'],
  },
] as const satisfies readonly PipelineDefinition[];

export type PipelineStep = (typeof PIPELINES)[number]['step'];

/** What a pipeline asks for, with the words that are true of it. */
export const parametersOf = ({ parameters, run }: PipelineDefinition): ParameterDefinition[] =>
  parameters.flatMap((name) =>
    [...PARAMETERS, SITES_PARAMETER, SITE_RESULT_PARAMETER]
      .filter((parameter) => parameter.name === name)
      .map((parameter) =>
        name === 'RUN' && run !== undefined ? { ...parameter, description: run } : parameter,
      ),
  );
