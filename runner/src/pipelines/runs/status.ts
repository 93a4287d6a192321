import { type Site } from '../../config/site.js';
import { shownLine, several, UnderstudyError } from '../../errors/index.js';
import { type Generation, generationPlace, listGenerations } from '../../cutover/journal/generations.js';
import { inParallel } from '../../basics/in-parallel.js';
import { formatAge, formatSeconds, formatTime } from '../../report/format.js';
import { type LockState, readLock } from '../../run/lock.js';
import { type RunLine, runLine } from '../../run/run-life.js';
import { listRuns } from '../../run/run-store.js';
import { openStagingView, type StagingView } from '../session/staging-view.js';
import { type Outcome } from '../../run/result.js';
import { type LookOptions } from './show-run.js';
import { productionState } from './production-state.js';
import { versionsOf, type WordPressVersions } from './wordpress-versions.js';

/** A site as `understudy status` shows it. */
export interface SiteStatus {
  readonly site: string;
  readonly production: string;
  readonly staging: string;
  /** The newest run; undefined where there is none. */
  readonly run?: RunLine;
  /** When the copy that staging serves was begun; undefined where no run is complete. ISO 8601. */
  readonly copyFrom?: string;
  /** When a rollback changed what staging serves, if that was after the last sync. ISO 8601. */
  readonly rollbackAt?: string;
  /** WordPress on both sides; '' where it cannot be read. */
  readonly wordpress?: WordPressVersions;
  /** A promotion or rollback that has not ended, or that production could not be asked about. */
  readonly openOnProduction?: string;
  readonly lock: LockState | null;
  /** Why it could not be asked. */
  readonly problem?: { readonly code: string; readonly message: string; readonly next: string };
}

/** Sites that are asked at the same time. */
const WIDTH = 6;

/** All sites at a glance, asked from their staging hosts. @throws HOST_UNREACHABLE when one could not be asked */
export async function showStatus(sites: readonly Site[], options: LookOptions): Promise<Outcome> {
  const { console } = options;
  const found = await inParallel(WIDTH, sites, (site) => statusOf(site, options));
  const now = new Date();
  for (const status of found) console.block(renderStatus(status, now));
  console.data({ sites: found });
  const silent = found.filter(({ problem }) => problem !== undefined);
  if (silent.length > 0)
    throw new UnderstudyError(
      'HOST_UNREACHABLE',
      `${String(silent.length)} of ${several(found.length, 'site')} could not be asked.`,
      { next: `See why: understudy doctor ${silent[0]?.site ?? '<site>'}` },
    );
  return { run: '', summary: `${several(found.length, 'site')}` };
}

async function statusOf(
  site: Site,
  options: { readonly signal: AbortSignal; readonly workspace: string },
): Promise<SiteStatus> {
  const fixed = { site: site.name, production: site.production.url, staging: site.staging.url };
  let view: StagingView | undefined;
  try {
    view = await openStagingView(site, options);
    const [records, generation, lock, wordpress, production] = await Promise.all([
      listRuns(view.store),
      newestGeneration(view),
      readLock(view.lock),
      site.type === 'wordpress' ? versionsOf(view) : undefined,
      productionState(view),
    ]);
    const complete = records.find(({ state }) => state === 'complete');
    const [newest] = records;
    return {
      ...fixed,
      lock: lock ?? null,
      ...(newest === undefined ? {} : { run: runLine(newest, site.type, lock) }),
      ...(complete === undefined ? {} : { copyFrom: complete.createdAt }),
      ...(complete === undefined || generation === undefined || generation.retiredBy <= complete.id
        ? {}
        : { rollbackAt: generation.retiredAt }),
      ...(wordpress === undefined ? {} : { wordpress }),
      ...(production === undefined || production.state === 'ended'
        ? {}
        : { openOnProduction: production.text }),
    };
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code === 'INTERRUPTED') throw error;
    const { code, message, next } = error;
    return { ...fixed, lock: null, problem: { code, message, next } };
  } finally {
    await view?.close();
  }
}

/** What was put aside last: by a sync, whose id its run has, or by a rollback, which has an id of its own. */
async function newestGeneration({ store, lock }: StagingView): Promise<Generation | undefined> {
  const [newest] = await listGenerations(generationPlace(lock.staging, store.stagingWorkDir));
  return newest;
}

/** A heading, and below it what there is to say; fits 80 columns. */
export function renderStatus(status: SiteStatus, now: Date): string {
  const { site, staging, run, copyFrom, rollbackAt, wordpress, openOnProduction, lock, problem } = status;
  const head = `── ${site}  ${staging}`;
  if (problem !== undefined)
    return [
      head,
      `   ✗ ${problem.code}: ${shownLine(problem.message)}`,
      `     ${problem.next.replaceAll('\n', '\n     ')}`,
    ].join('\n');
  const lines = [head];
  const age = (time: string): string => {
    const text = formatAge((now.getTime() - Date.parse(time)) / 1000);
    return text === 'just now' ? text : `${text} ago`;
  };
  if (run === undefined) lines.push(`   · no run yet: understudy sync ${site}`);
  else {
    const mark = { complete: '✓', failed: '✗', aborted: '!', running: '…', waiting: '…', dead: '✗' }[
      run.state
    ];
    const took = run.seconds > 0 ? `, ${formatSeconds(run.seconds)}` : '';
    const stages =
      run.state === 'complete' ? '' : `, ${String(run.stagesDone)} of ${several(run.stages, 'stage')}`;
    lines.push(
      `   ${mark} last run ${formatTime(run.startedAt)}, ${age(run.startedAt)}${took}: ${run.state}${stages}`,
    );
    if (run.state !== 'complete')
      lines.push(
        copyFrom === undefined
          ? '     no complete copy so far'
          : `     staging serves the copy of ${formatTime(copyFrom)}, ${age(copyFrom)}`,
      );
    if (run.state === 'failed' || run.state === 'dead' || run.state === 'aborted')
      lines.push(`     what happened: understudy show ${site}`);
  }
  if (rollbackAt !== undefined)
    lines.push(
      `     ! a rollback changed what staging serves: ${formatTime(rollbackAt)}, ${age(rollbackAt)}`,
    );
  if (wordpress !== undefined) {
    const { production, staging: here } = wordpress;
    const same = production === here && production !== '';
    lines.push(
      same
        ? `     WordPress ${production}`
        : `     WordPress ${production || 'unknown'} on production, ${here || 'unknown'} on staging`,
    );
  }
  if (openOnProduction !== undefined) lines.push(`   ! ${shownLine(openOnProduction)}`);
  if (lock !== null) lines.push(`     ${shownLine(lockLine(lock))}`);
  return lines.join('\n');
}

const lockLine = (lock: LockState): string => {
  const who = lock.holder === '' ? `run ${lock.run}` : lock.holder;
  if (lock.leaseUntil < lock.now) return `its lock (${who}) ran out at ${formatTime(lock.leaseUntil * 1000)}`;
  const why = {
    running: 'works on it',
    'between-stages': 'is between two stages',
    'awaiting-approval': 'waits for approval',
  }[lock.phase];
  return `locked: ${who} ${why}, until ${formatTime(lock.leaseUntil * 1000)} at the latest`;
};
