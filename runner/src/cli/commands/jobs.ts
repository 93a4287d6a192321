import { Option } from 'commander';
import { mappingOf, textOf } from '../../config/mapping.js';
import { UnderstudyError } from '../../errors/index.js';
import type { JobChange } from '../../jenkins/apply-jobs.js';
import type { JobsOrigin } from '../../jenkins/jobs.js';
import { type Console } from '../../report/terminal/console.js';
import { defineCommand } from '../define-command.js';
import { interruption } from '../interruption.js';

interface JobsFlags {
  readonly jenkins?: string;
  readonly dryRun?: true;
  readonly folder?: string;
  readonly library?: string;
  readonly repository?: string;
  readonly branch?: string;
  readonly repositoryCredential?: string;
  readonly sitesPath?: string;
}

/** `understudy jobs`: the Jenkins jobs of all sites, as JSON for the seed or straight into a Jenkins without Job DSL. */
export const jobsCommand = defineCommand<JobsFlags>({
  name: 'jobs',
  group: 'Jenkins',
  summary: 'make the Jenkins jobs of all sites: --json prints them, --jenkins <url> creates or updates them',
  options: [
    new Option('--jenkins <url>', 'create and update them there; removed sites are disabled, not deleted'),
    new Option('--dry-run', 'with --jenkins: only say what would change'),
    new Option('--folder <name>', 'Jenkins folder that gets everything (understudy)'),
    new Option(
      '--library <name>',
      'library as the jobs load it (understudy); "" where it is loaded implicitly',
    ),
    new Option('--repository <url>', 'Git repository of the site files, as Jenkins reaches it'),
    new Option('--branch <name>', 'its branch (main)'),
    new Option('--repository-credential <id>', 'Jenkins credential for it'),
    new Option('--sites-path <path>', 'where the site files lie in it (sites), or absolute on the agents'),
  ],
  examples: [
    { words: 'jobs --json --sites-path /srv/sites', about: 'the definition of all folders, jobs and views' },
    {
      words: 'jobs --jenkins https://jenkins.example --repository https://git.example/sites.git --dry-run',
      about: 'what would change in that Jenkins',
    },
  ],
  writesStdout: true,
  run: async ({ flags, globals, console }) => {
    if (globals.json === (flags.jenkins !== undefined))
      throw new UnderstudyError('USAGE', 'Give --json or --jenkins <url>.');
    const { configInvalid, loadSites } = await import('../../config/index.js');
    const { applyJobs } = await import('../../jenkins/apply-jobs.js');
    const { createJenkinsClient, jenkinsLogin, jobPath } = await import('../../jenkins/jenkins-client.js');
    const { jobsOf } = await import('../../jenkins/jobs.js');
    const { crowdedSchedules } = await import('../../jenkins/crowded-schedules.js');
    const origin = originOf(flags);
    jobPath(origin.folder);
    const { sites, problems } = await loadSites(globals.sites);
    // A file with a mistake must not make its site look removed.
    if (problems.length > 0) throw configInvalid(problems);
    for (const crowd of crowdedSchedules(sites)) console.note(`! ${crowd}`);
    const definition = jobsOf(sites, origin);
    if (flags.jenkins === undefined) {
      process.stdout.write(`${JSON.stringify(definition)}\n`);
      return undefined;
    }
    const client = createJenkinsClient(jenkinsLogin(flags.jenkins, process.env), interruption());
    const dryRun = flags.dryRun === true;
    const changes = await applyJobs(client, definition, {
      dryRun,
      report: (change) => reportChange(console, change),
    });
    const summary = summaryOf(changes, dryRun);
    console.line(summary);
    return { run: '', summary };
  },
});

/** The seed hands over what it knows as one variable; flags win. @throws USAGE */
function originOf(flags: JobsFlags): JobsOrigin {
  const given = mappingOf(JSON.parse(process.env['UNDERSTUDY_JOBS'] ?? '{}'));
  const repository = mappingOf(given['repository']);
  const url = flags.repository ?? textOf(repository['url']) ?? '';
  const folder = flags.folder ?? textOf(given['folder']) ?? 'understudy';
  const library = flags.library ?? textOf(given['library']) ?? 'understudy';
  const sites = flags.sitesPath ?? textOf(given['sites']) ?? 'sites';
  if (!/^[\w.@/ -]*$/.test(library)) throw new UnderstudyError('USAGE', 'Invalid library name.');
  if (url === '' && !sites.startsWith('/')) {
    throw new UnderstudyError('USAGE', 'The jobs must know where the site files are.', {
      next: 'Give --repository <url>, or an absolute --sites-path that exists on the agents.',
    });
  }
  const branch = flags.branch ?? textOf(repository['branch']) ?? '';
  const credentialsId = flags.repositoryCredential ?? textOf(repository['credentialsId']) ?? '';
  return { folder, library, sites, ...(url === '' ? {} : { repository: { url, branch, credentialsId } }) };
}

function reportChange(console: Console, { action, kind, path }: JobChange): void {
  if (action !== 'unchanged') console.line(`${action.padEnd(9)} ${kind.padEnd(6)} ${path}`);
}

function summaryOf(changes: readonly JobChange[], dryRun: boolean): string {
  const count = (action: JobChange['action']): string =>
    `${String(changes.filter((change) => change.action === action).length)} ${action}`;
  const summary = (['created', 'updated', 'disabled', 'unchanged'] as const).map(count).join(', ');
  return dryRun ? `Dry run, nothing was changed: ${summary}` : summary;
}
