import { type Command } from 'commander';
import { type Parameters, parseParameters } from '../config/parameters.js';
import { asInterrupted, EXIT, UnderstudyError } from '../errors/index.js';
import { asDatabaseError } from '../database/sql-error.js';
import { createConsole, type Console } from '../report/console.js';
import type { Site } from '../config/site.js';
import type { ProductionSession } from '../pipelines/promotion-context.js';
import type { Session, SessionOptions } from '../pipelines/session.js';
import { errorOutcome, exitCodeOf, forgetOutcome, writeOutcome, type CommandOutcome } from '../run/result.js';
import { ensureWorkspace } from '../run/workspace.js';
import { interruption, wasInterrupted } from './interruption.js';

interface GlobalOptions {
  readonly sites: string;
  readonly workspace: string;
}

export const globalOptions = (command: Command): GlobalOptions =>
  command.optsWithGlobals<{ sites: string; workspace: string }>();

/** stdout is where people read; machine output goes to files. */
export const standardConsole = (): Console => createConsole(process.stdout);

export interface FlagValues {
  readonly dryRun?: boolean;
  readonly run?: string;
  readonly allowDeletions?: boolean;
  readonly keepLock?: boolean;
}

/** Parameters from UNDERSTUDY_PARAMETERS (Jenkins) and from flags; a flag that is given wins. */
export function readParameters(
  site: string | undefined,
  flags: FlagValues,
): Parameters & { readonly site: string } {
  const given = parseParameters(process.env['UNDERSTUDY_PARAMETERS'] ?? '{}');
  const name = site ?? given.site;
  if (name === undefined)
    throw new UnderstudyError('USAGE', 'No site was named.', {
      next: 'Give the name of a site: understudy sync <site>',
    });
  if (site !== undefined && given.site !== undefined && site !== given.site) {
    throw new UnderstudyError('USAGE', `Two sites were named: ${site} and ${given.site}.`);
  }
  const run = flags.run ?? given.run;
  return {
    site: name,
    dryRun: flags.dryRun === true || given.dryRun,
    allowDeletions: flags.allowDeletions === true || given.allowDeletions,
    keepLock: flags.keepLock === true || given.keepLock,
    ...(run === undefined ? {} : { run }),
    ...(given.approvedBy === undefined ? {} : { approvedBy: given.approvedBy }),
  };
}

/** What broke after the lock was lost, or after a signal, broke because of that. */
function whyItEnded(error: unknown, session: Pick<Session, 'signal'> | undefined): unknown {
  if (error instanceof UnderstudyError && error.exitCode === EXIT.needsRepair) return error;
  const reason: unknown = session?.signal.reason;
  if (reason instanceof UnderstudyError) return reason;
  const known = asDatabaseError(error);
  return wasInterrupted() ? asInterrupted(known) : known;
}

/** Whatever the command did in a run is in that run's reports, on whatever machine they are made. */
async function shareReportsOf(session: Session, named: string | undefined): Promise<void> {
  const run = session.events().run ?? named ?? '';
  if (run === '') return;
  const { shareReports } = await import('../pipelines/shared-reports.js');
  await shareReports(session, run);
}

/**
 * Loads the site, opens its session, does the work, writes `result.json` and closes, whatever happens. Commands import
 * their work when the session is open: what they do not need is not loaded, and the rest while the hosts answer.
 * @param work returns the run id and one line for the build's description
 */
export function withSession(
  command: Command,
  name: string,
  work: (session: Session) => Promise<Outcome>,
  needs: Pick<SessionOptions, 'databases' | 'meanwhile' | 'routesFrom' | 'goesBack'> = {},
): Promise<void> {
  return withOpened(
    command,
    name,
    async (site, options) => {
      const { openSession } = await import('../pipelines/session.js');
      return openSession(site, { ...options, ...needs });
    },
    async (session) => {
      let done: Outcome | undefined;
      try {
        done = await work(session);
        return done;
      } finally {
        await shareReportsOf(session, done?.run);
      }
    },
  );
}

/** The same for what changes production alone: staging may be locked or away. */
export function withProductionSession(
  command: Command,
  name: string,
  work: (session: ProductionSession) => Promise<Outcome>,
): Promise<void> {
  return withOpened<ProductionSession & { close(): Promise<void> }>(
    command,
    name,
    async (site, options) => {
      const { openProductionSession } = await import('../pipelines/production-session.js');
      return openProductionSession(site, options);
    },
    work,
  );
}

type Outcome = Pick<CommandOutcome, 'run' | 'summary' | 'lines' | 'approval' | 'maintenance'>;

async function withOpened<Opened extends Pick<Session, 'signal' | 'close'>>(
  command: Command,
  name: string,
  open: (site: Site, options: Pick<SessionOptions, 'console' | 'signal' | 'workspace'>) => Promise<Opened>,
  work: (session: Opened) => Promise<Outcome>,
): Promise<void> {
  const { sites, workspace } = globalOptions(command);
  ensureWorkspace(workspace);
  const outcome = { version: 1, command: command.name(), site: name } as const;
  // An outcome of an earlier command must not be taken for this one's, however this process ends.
  forgetOutcome(workspace, name);
  let session: Opened | undefined;
  let done: Outcome | undefined;
  try {
    const { loadSite } = await import('../config/load-sites.js');
    const site = await loadSite(sites, name);
    session = await open(site, { console: standardConsole(), signal: interruption(), workspace });
    done = await work(session);
    // The work is done and stands; only, a process that was asked to stop does not end with success.
    if (wasInterrupted())
      throw new UnderstudyError('INTERRUPTED', `Interrupted when this was done: ${done.summary}`);
    writeOutcome(workspace, { ...outcome, ...done, exitCode: EXIT.ok });
  } catch (error) {
    const problem = whyItEnded(error, session);
    const told = errorOutcome(problem);
    writeOutcome(workspace, {
      ...outcome,
      run: done?.run ?? '',
      exitCode: exitCodeOf(problem),
      summary: told.message,
      error: told,
    });
    throw problem;
  } finally {
    await session?.close();
  }
}
