import { type Parameters } from '../../config/parameters.js';
import { archiveOf, type ArchiveSettings } from '../../config/sections.js';
import { UnderstudyError, errorOf } from '../../errors/index.js';
import { connectHost, expandHome } from '../../hosts/connect-host.js';
import { type WritingHost } from '../../hosts/host.js';
import { sweepJobs } from '../../hosts/process/remote-jobs.js';
import {
  findMaintenance,
  openMaintenance,
  type MaintenanceHandle,
} from '../../maintenance/maintenance-store.js';
import { reporterOf, type Reporter } from '../../report/events/reporter.js';
import { listRuns, openRun } from '../../run/run-store.js';
import { type RunHandle } from '../../run/run-record.js';
import { type Outcome } from '../../run/result.js';
import { acquireRunLock } from '../session/run-lock.js';
import { type Session } from '../session/session.js';
import { type PromotedCode, refreshInstances } from './refresh-instances.js';
import { assertPromoted } from '../../maintenance/archive/promoted-tree.js';
import { lastOperation, openOperation } from '../../maintenance/promote/operation/open-operation.js';
import { type CodeRules } from '../../maintenance/tree/code-rules.js';
import { type Tree } from '../../maintenance/tree/site-tree.js';
import { treeDigest } from '../../maintenance/tree/tree-digest.js';

/** The most trusted machine, and the run whose tree it gets. */
export interface ArchiveWork {
  readonly host: WritingHost;
  /** With an absolute work folder. */
  readonly settings: ArchiveSettings;
  readonly run: RunHandle;
  readonly maintenance: MaintenanceHandle;
  readonly reporter: Reporter;
}

export type ArchiveRun = Pick<Parameters, 'run' | 'dryRun'>;

/** How that work ended, in one sentence, and what production serves. */
interface Archived {
  readonly summary: string;
  readonly served: PromotedCode;
}

/**
 * Does one piece of work on the archive host with the lock of the run held: staging stays as it was promoted until the
 * archive has it. Jobs that a killed runner left there are ended first, so that whatever they had locked is ours.
 */
export async function withArchive(
  session: Session,
  command: 'archive' | 'publish',
  { run: given, dryRun }: ArchiveRun,
  work: (archive: ArchiveWork) => Promise<Archived>,
): Promise<Outcome> {
  const configured = archiveOf(session.site);
  if (configured === undefined) throw new UnderstudyError('ARCHIVE_NOT_CONFIGURED');
  const maintenance = await promotedRun(session, given);
  const run = await openRun(session.store, maintenance.run);
  const reporter = reporterOf(session);
  const host = await connectHost(configured.address, {
    side: 'archive',
    name: 'archive',
    signal: session.signal,
  });
  let done: Archived;
  try {
    const settings = { ...configured, workDir: await expandHome(host, configured.workDir) };
    done = await locked(session, run, async () => {
      await endLeftovers(host, settings.workDir, reporter);
      return work({ host, settings, run, maintenance, reporter });
    });
  } finally {
    await host.close();
  }
  const { summary, served } = done;
  session.console.line(summary);
  // Without the lock: an instance refresh takes its time.
  if (!dryRun) await refreshInstances(session, command, served, reporter);
  return { run: run.id, summary };
}

/** The given run, or the newest that was promoted. @throws NOTHING_PROMOTED */
async function promotedRun(session: Session, given: string | undefined): Promise<MaintenanceHandle> {
  if (given !== undefined) return openMaintenance(session, given);
  for (const { id } of await listRuns(session.store)) {
    const found = await findMaintenance(session, id);
    if (found?.record().promotion?.state === 'complete') return found;
  }
  throw new UnderstudyError('NOTHING_PROMOTED', `No run of ${session.site.name} was promoted.`);
}

/** After a failure the lock waits for the next try, so that no sync takes the promoted tree away meanwhile. */
async function locked<Result>(
  session: Session,
  run: RunHandle,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = await acquireRunLock(session, run, { needs: 'files' });
  let next: 'release' | 'leave' = 'leave';
  try {
    const result = await work();
    next = 'release';
    return result;
  } finally {
    await lock[next]();
  }
}

async function endLeftovers(host: WritingHost, workDir: string, reporter: Reporter): Promise<void> {
  for (const job of await sweepJobs(host, workDir)) {
    if (job.state === 'ended')
      reporter.step(`${job.name} (process ${String(job.pid)}) was left by a run that died; ended it`);
    if (job.state === 'alive')
      throw new UnderstudyError(
        'ARCHIVE_COPY_FAILED',
        `${job.name} (process ${String(job.pid)}) was left by a run that died, and cannot be ended.`,
        { host: host.label, next: 'End it on that machine, then start again.' },
      );
  }
}

/**
 * What is archived and published is what production serves. The record on staging may say `complete` still: a rollback
 * does not wait for staging. So production is asked, its journal first and then its files.
 * @throws PRODUCTION_OPEN, NOTHING_PROMOTED, ARCHIVE_TREE_DIFFERS
 */
export async function assertProductionServes(
  { site, hosts, signal }: Pick<Session, 'site' | 'hosts' | 'signal'>,
  run: string,
  digest: string,
  rules: CodeRules,
  promoted: Pick<Tree, 'entries'> | undefined,
): Promise<void> {
  const production = await hosts.productionApplication();
  const journal = await lastOperation(production, site);
  const open = openOperation(journal, production.label);
  if (open !== undefined) throw errorOf(open);
  if (journal !== undefined && journal.run === run && journal.goal === 'former')
    throw new UnderstudyError(
      'NOTHING_PROMOTED',
      `Production serves the code from before run ${run}, whatever the record on staging says.`,
      { host: production.label },
    );
  assertPromoted(
    await treeDigest(production, site.production.path, { rules, signal }),
    digest,
    {
      host: production.label,
      sentence: 'Production no longer serves the tree that was promoted.',
      next: 'Find out what changed it; then sync, test and promote again. Nothing was archived or published.',
    },
    promoted,
  );
}
