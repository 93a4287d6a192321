import { asInterrupted, EXIT, UnderstudyError } from '../errors/index.js';
import { asDatabaseError } from '../database/connection/sql-error.js';
import type { Site } from '../config/site.js';
import type { ProductionSession } from '../pipelines/promotion/with-production.js';
import type { Session, SessionOptions } from '../pipelines/session/session.js';
import type { CommandEnd } from '../pipelines/runs/notices.js';
import {
  type CommandOutcome,
  type Outcome,
  errorOutcome,
  exitCodeOf,
  forgetOutcome,
  writeOutcome,
} from '../run/result.js';
import { asDiskError } from '../run/keep-file.js';
import { ensureWorkspace } from '../run/workspace.js';
import { confirm } from './confirm.js';
import { type Call } from './define-command.js';
import { interruption, wasInterrupted } from './interruption.js';
import { type FlagValues, parametersOf } from './parameters-of.js';

/** What broke after the lock was lost, or after a signal, broke because of that. */
function whyItEnded(error: unknown, session: Pick<Session, 'signal'> | undefined): unknown {
  if (error instanceof UnderstudyError && error.exitCode === EXIT.needsRepair) return error;
  const reason: unknown = session?.signal.reason;
  if (reason instanceof UnderstudyError) return reason;
  const known = asDatabaseError(asDiskError(error));
  return wasInterrupted() ? asInterrupted(known) : known;
}

interface Asks {
  /** What a person on a terminal is asked before any host is touched. */
  readonly question?: (site: Site) => string | undefined;
}

export type SessionNeeds = Pick<SessionOptions, 'databases' | 'meanwhile' | 'routesFrom' | 'goesBack'> & Asks;

/**
 * Loads the site, opens its session, does the work, writes `result.json` and closes, whatever happens.
 * @param work returns the run id and one line for the build's description
 */
export function withSession(
  call: Call,
  name: string,
  work: (session: Session) => Promise<Outcome>,
  { question, ...needs }: SessionNeeds = {},
): Promise<Outcome> {
  return withOpened(
    call,
    name,
    async (site, options) => {
      const { openSession } = await import('../pipelines/session/session.js');
      return openSession(site, { ...options, ...needs });
    },
    work,
    { ...asking(question), share: shareReportsOf },
  );
}

/** Whatever the command did in a run is in that run's reports, on whatever machine they are made. */
async function shareReportsOf(session: Session, run: string): Promise<void> {
  const { shareReports } = await import('../pipelines/runs/shared-reports.js');
  await shareReports(session, run);
}

/** The same for what changes production alone: staging may be locked or away. */
export function withProductionSession(
  call: Call,
  name: string,
  work: (session: ProductionSession) => Promise<Outcome>,
  question?: Asks['question'],
): Promise<Outcome> {
  return withOpened<ProductionSession & { close(): Promise<void> }>(
    call,
    name,
    async (site, options) => {
      const { openProductionSession } = await import('../pipelines/session/production-session.js');
      return openProductionSession(site, options);
    },
    work,
    asking(question),
  );
}

const asking = (question: Asks['question']): Asks => (question === undefined ? {} : { question });

interface Ends<Opened> extends Asks {
  /** Puts together the reports of a run, before the command ends. */
  readonly share?: (session: Opened, run: string) => Promise<void>;
}

async function withOpened<Opened extends Pick<Session, 'signal' | 'close' | 'events'> & Partial<Session>>(
  call: Call,
  name: string,
  open: (site: Site, options: Pick<SessionOptions, 'console' | 'signal' | 'workspace'>) => Promise<Opened>,
  work: (session: Opened) => Promise<Outcome>,
  { question, share }: Ends<Opened>,
): Promise<Outcome> {
  const { sites, workspace } = call.globals;
  call.reply.site = name;
  ensureWorkspace(workspace);
  // An outcome of an earlier command must not be taken for this one's, however this process ends.
  forgetOutcome(workspace, name);
  const started = new Date().toISOString();
  let site: Site | undefined;
  let session: Opened | undefined;
  let done: Outcome | undefined;
  let problem: unknown;
  try {
    const { loadSite } = await import('../config/load/load-sites.js');
    site = await loadSite(sites, name);
    const asked = question?.(site);
    if (asked !== undefined) await confirm(call, asked);
    session = await open(site, { console: call.console, signal: interruption(), workspace });
    done = await work(session);
    if (wasInterrupted()) throw interruptedAfter(done);
  } catch (error) {
    problem = whyItEnded(error, session);
    if (problem instanceof UnderstudyError) problem.about(name);
  }
  const write = async (): Promise<void> => {
    writeOutcome(workspace, {
      version: 1,
      command: call.name,
      site: name,
      ...(await noted(workspace, name, started)),
      ...(problem === undefined && done !== undefined
        ? { ...done, exitCode: EXIT.ok }
        : failedOutcome(problem, done)),
    });
  };
  try {
    const run = session?.events().run ?? done?.run ?? '';
    if (site !== undefined) await reportEndOf(call, { site, session, run, problem, ...done });
    if (session !== undefined && run !== '') await share?.(session, run);
    if (site !== undefined && problem !== undefined) await noteTroubleOf(call, site, started, problem);
    await write();
  } finally {
    await session?.close();
  }
  if (problem === undefined && done !== undefined && wasInterrupted()) {
    problem = interruptedAfter(done).about(name);
    await write();
  }
  if (problem !== undefined || done === undefined) throw problem;
  return done;
}

/** The work is done and stands; only, a process that was asked to stop does not end with success. */
const interruptedAfter = ({ summary }: Outcome): UnderstudyError =>
  new UnderstudyError('INTERRUPTED', `Interrupted when this was done: ${summary}`);

function failedOutcome(
  problem: unknown,
  done: Outcome | undefined,
): Pick<CommandOutcome, 'run' | 'exitCode' | 'summary' | 'error'> {
  const error = errorOutcome(problem);
  return { run: done?.run ?? '', exitCode: exitCodeOf(problem), summary: error.message, error };
}

/** People hear of it, where the site wants that; a rehearsal that somebody looks at is nothing that they must hear of. */
async function reportEndOf(
  call: Call,
  end: Pick<CommandEnd, 'site' | 'session' | 'run' | 'problem'> & { readonly summary?: string },
): Promise<void> {
  const { name: command, console } = call;
  try {
    if (parametersOf(command, end.site.name, call.flags as FlagValues).dryRun) return;
    const { reportEnd } = await import('../pipelines/runs/notices.js');
    await reportEnd({ summary: '', ...end, command, console, workspace: call.globals.workspace });
  } catch (error) {
    // A fault of the message must not hide how the command ended.
    console.line(`   ! no message was sent: ${errorOutcome(error).message}`);
  }
}

/** What this command has noted for the page of all sites. */
async function noted(workspace: string, site: string, started: string): Promise<Pick<Outcome, 'overview'>> {
  const { readSiteOverview } = await import('../pipelines/runs/note-overview.js');
  const overview = readSiteOverview(workspace, site);
  return overview === undefined || overview.at < started ? {} : { overview };
}

/** A command that ended before it had a run of its own says so on the page of all sites. */
async function noteTroubleOf(call: Call, site: Site, started: string, problem: unknown): Promise<void> {
  const { noteTrouble } = await import('../pipelines/runs/note-overview.js');
  const { workspace } = call.globals;
  if ((await noted(workspace, site.name, started)).overview === undefined)
    noteTrouble(workspace, site, call.name, problem);
}
