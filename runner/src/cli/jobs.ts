import { Command } from 'commander';
import { mappingOf, textOf } from '../config/mapping.js';
import { UnderstudyError } from '../errors/index.js';
import type { JobChange } from '../jenkins/apply-jobs.js';
import { createJenkinsClient, jenkinsLogin, jobPath } from '../jenkins/jenkins-client.js';
import type { JobsOrigin } from '../jenkins/jobs.js';
import { type Console } from '../report/console.js';
import { interruption } from './interruption.js';
import { globalOptions, standardConsole } from './with-session.js';

interface JobsFlags {
  readonly json?: true;
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
export function jobsCommand(): Command {
  return new Command('jobs')
    .description(
      'make the Jenkins jobs of all sites: --json prints them, --jenkins <url> creates or updates them',
    )
    .option('--json', 'print the definition of all folders, jobs and views')
    .option('--jenkins <url>', 'create and update them there; removed sites are disabled, not deleted')
    .option('--dry-run', 'with --jenkins: only say what would change')
    .option('--folder <name>', 'Jenkins folder that gets everything (understudy)')
    .option('--library <name>', 'library as the jobs load it (understudy); "" where it is loaded implicitly')
    .option('--repository <url>', 'Git repository of the site files, as Jenkins reaches it')
    .option('--branch <name>', 'its branch (main)')
    .option('--repository-credential <id>', 'Jenkins credential for it')
    .option('--sites-path <path>', 'where the site files lie in it (sites), or absolute on the agents')
    .action(async (flags: JobsFlags, command: Command) => {
      if ((flags.json === undefined) === (flags.jenkins === undefined))
        throw new UnderstudyError('USAGE', 'Give --json or --jenkins <url>.');
      const { configInvalid, loadSites } = await import('../config/index.js');
      const { applyJobs } = await import('../jenkins/apply-jobs.js');
      const { jobsOf } = await import('../jenkins/jobs.js');
      const { sites, problems } = await loadSites(globalOptions(command).sites);
      // A file with a mistake must not make its site look removed.
      if (problems.length > 0) throw configInvalid(problems);
      const definition = jobsOf(sites, originOf(flags));
      if (flags.jenkins === undefined) {
        process.stdout.write(`${JSON.stringify(definition)}\n`);
        return;
      }
      const client = createJenkinsClient(jenkinsLogin(flags.jenkins, process.env), interruption());
      const dryRun = flags.dryRun === true;
      const console = standardConsole();
      const changes = await applyJobs(client, definition, {
        dryRun,
        told: (change) => tell(console, change),
      });
      summarize(console, changes, dryRun);
    });
}

/** The seed hands over what it knows as one variable; flags win. @throws USAGE */
function originOf(flags: JobsFlags): JobsOrigin {
  const given = mappingOf(JSON.parse(process.env['UNDERSTUDY_JOBS'] ?? '{}'));
  const repository = mappingOf(given['repository']);
  const url = flags.repository ?? textOf(repository['url']) ?? '';
  const folder = flags.folder ?? textOf(given['folder']) ?? 'understudy';
  const library = flags.library ?? textOf(given['library']) ?? 'understudy';
  const sites = flags.sitesPath ?? textOf(given['sites']) ?? 'sites';
  jobPath(folder);
  if (!/^[\w.@/ -]*$/.test(library)) throw new UnderstudyError('USAGE', 'The name of the library is none.');
  if (url === '' && !sites.startsWith('/')) {
    throw new UnderstudyError('USAGE', 'The jobs must know where the site files are.', {
      next: 'Give --repository <url>, or an absolute --sites-path that exists on the agents.',
    });
  }
  const branch = flags.branch ?? textOf(repository['branch']) ?? '';
  const credentialsId = flags.repositoryCredential ?? textOf(repository['credentialsId']) ?? '';
  return { folder, library, sites, ...(url === '' ? {} : { repository: { url, branch, credentialsId } }) };
}

function tell(console: Console, { action, kind, path }: JobChange): void {
  if (action !== 'unchanged') console.line(`${action.padEnd(9)} ${kind.padEnd(6)} ${path}`);
}

function summarize(console: Console, changes: readonly JobChange[], dryRun: boolean): void {
  const count = (action: JobChange['action']): string =>
    `${String(changes.filter((change) => change.action === action).length)} ${action}`;
  const summary = (['created', 'updated', 'disabled', 'unchanged'] as const).map(count).join(', ');
  console.line(dryRun ? `Dry run, nothing was changed: ${summary}` : summary);
}
