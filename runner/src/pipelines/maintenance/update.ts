import { wpVersion } from '../../commands/wp.js';
import { several, UnderstudyError, messageOf } from '../../errors/index.js';
import { type CheckRun, newFailures, sentenceOf } from '../../maintenance/checks/check-result.js';
import { comparedWith } from '../../maintenance/checks/reference-pictures.js';
import { checkSummary } from '../../maintenance/checks/run-checks.js';
import { layoutOf } from '../../wordpress/site/host-layout.js';
import { startMaintenance, type MaintenanceHandle } from '../../maintenance/maintenance-store.js';
import { needsPerson } from '../../maintenance/promote/approval.js';
import { writeMaintenanceReport } from '../../maintenance/report/maintenance-report.js';
import { verdictOf } from '../../maintenance/report/verdict.js';
import { clearCaches } from '../../maintenance/update/clear-caches.js';
import { type UpdateContext } from '../../maintenance/update/update-context.js';
import { phpHost } from '../../maintenance/update/php-host.js';
import { openSnapshots, type Snapshots } from '../../maintenance/update/item-snapshot.js';
import { runUpdates } from '../../maintenance/update/run-updates.js';
import { pageAddress } from '../../report/page/page-address.js';
import { createEventLog } from '../../report/events/event-log.js';
import { reporterOf, reportError } from '../../report/events/reporter.js';
import { openRunWorkspace } from '../../run/workspace.js';
import { type RunHandle } from '../../run/run-record.js';
import { listRuns, openRun } from '../../run/run-store.js';
import { recordProductionTree, recordTested } from './record-trees.js';
import { acquireRunLock } from '../session/run-lock.js';
import { type Outcome } from '../../run/result.js';
import { type Session } from '../session/session.js';
import { type Baseline, openSiteChecks, type SiteChecks, takeBaseline } from './site-checks.js';
import { composerVersion } from '../../commands/composer.js';
import { type MaintenanceSettings } from '../../config/sections.js';
import { type WritingHost } from '../../hosts/host.js';
import { type Layout } from '../../wordpress/site/host-layout.js';
import { waitForStaging } from '../sync/restart-staging.js';

/**
 * `understudy update`: updates WordPress, plugins, themes and translations on staging, one at a time, and reports.
 * Works on the run that synced staging last; afterwards the lock stays with that run for the approval.
 * @throws CHECKS_FAILED when staging is worse than before all the same; NOT_SYNCED, LOCKED, WP_CLI_MISSING …
 */
export async function updateSite(session: Session, givenRun: string | undefined): Promise<Outcome> {
  if (session.site.type !== 'wordpress')
    throw new UnderstudyError('NOT_WORDPRESS', `${session.site.name} is no WordPress site.`);
  const run = await syncedRun(session, givenRun);
  const { eventsFile } = openRunWorkspace(session.workspace, session.site.name, run.id);
  const events = createEventLog(eventsFile, run.id, session.site.name);
  session.useEvents(events);
  const lock = await acquireRunLock(session, run);
  let worked = false;
  try {
    const handle = await startMaintenance(session, run.id);
    const summary = await maintain(session, run, handle);
    worked = true;
    return { run: run.id, summary, ...(needsPerson(handle.record()) ? { approval: 'person' } : {}) };
  } catch (error) {
    // Staging that failed its checks is still what has to be looked at; nobody may sync over it meanwhile.
    worked = error instanceof UnderstudyError && error.code === 'CHECKS_FAILED';
    // Of the update alone: the sync that it works on stands.
    if (!worked) reportError(events, error, 'update');
    throw error;
  } finally {
    if (worked && !session.signal.aborted) await lock.leave();
    else await lock.release().catch(() => undefined);
  }
}

/** The newest run if it is complete, or the named one. A newer run that failed means: staging is no fresh copy. */
async function syncedRun(session: Session, given: string | undefined): Promise<RunHandle> {
  const id = given ?? (await listRuns(session.store)).find(({ state }) => state === 'complete')?.id;
  const run = id === undefined ? undefined : await openRun(session.store, id);
  if (run?.record().state !== 'complete')
    throw new UnderstudyError(
      'NOT_SYNCED',
      run === undefined
        ? `Staging of ${session.site.name} was not synced yet.`
        : `Run ${run.id} is ${run.record().state}; its sync is not complete.`,
    );
  return run;
}

async function maintain(session: Session, run: RunHandle, handle: MaintenanceHandle): Promise<string> {
  const { folder } = handle.workspace;
  await waitForStaging(session);
  const checks = await openSiteChecks(session, 'staging', folder);
  try {
    const context = await updateContext(session, run, checks);
    const snapshots = openSnapshots(context.update);
    await recoverItem(context.update, snapshots);
    if (handle.record().items.length === 0) await recordProduction(session, run, handle);
    session.console.line('── Checks before the updates');
    const baseline = await takeBaseline(checks, folder);
    context.start(baseline, folder);
    await handle.update((record) => ({
      ...record,
      baseline: checkSummary(baseline.run),
      notes: baseline.run.notes,
    }));
    session.console.line('── Updates');
    await updatesOrRestore(context.update, snapshots, handle);
    await snapshots.discard();
    return await conclude(session, run, handle, checks, baseline);
  } finally {
    await checks.close();
  }
}

/** What production's code was: a promotion refuses when it is another by then. */
async function recordProduction(session: Session, run: RunHandle, handle: MaintenanceHandle): Promise<void> {
  const productionTree = await recordProductionTree(session, run);
  if (productionTree !== undefined) await handle.update((record) => ({ ...record, productionTree }));
}

/** An item that a killed process had under way goes back to what it was, before anything else. */
async function recoverItem(context: UpdateContext, snapshots: Snapshots): Promise<void> {
  const open = await snapshots.open();
  if (open === undefined) return;
  context.reporter.step(`The update of ${open.title} was cut off; putting the state before it back.`);
  await snapshots.restore(open);
  await clearCaches(context);
  await snapshots.close();
}

/** However the updates end, no item is left half done while there is a connection to put it back. */
async function updatesOrRestore(
  context: UpdateContext,
  snapshots: Snapshots,
  handle: MaintenanceHandle,
): Promise<void> {
  try {
    await runUpdates(context, snapshots, handle);
  } catch (error) {
    const calm = openSnapshots({ ...context, signal: new AbortController().signal });
    await recoverItem(context, calm).catch((cause: unknown) => {
      context.reporter.step(
        `It could not be undone now (${messageOf(cause)}); the next understudy update does it first.`,
      );
    });
    throw error;
  }
}

async function updateContext(
  session: Session,
  run: RunHandle,
  checks: SiteChecks,
): Promise<{ update: UpdateContext; start(baseline: Baseline, folder: string): void }> {
  const { site, hosts, database, signal } = session;
  const files = await hosts.staging();
  const wordpress = await session.wordpress.staging();
  const layout = layoutOf(site.staging, wordpress);
  const php = await phpHost(files, site.staging, layout, checks.settings);
  const wp = { program: checks.settings.wp, path: layout.corePhp, url: site.staging.url };
  await php.run(wpVersion(wp), { label: `${wp.program} cli version` }).catch((cause: unknown) => {
    throw new UnderstudyError('WP_CLI_MISSING', undefined, {
      host: php.label,
      cause,
      stderr: stderrOf(cause),
    });
  });
  const composer = await composerOf(php, layout, checks.settings);
  let state: { good: CheckRun; baseline: Baseline; folder: string } | undefined;
  const currentState = (): NonNullable<typeof state> => {
    if (state === undefined) throw new Error('the baseline was not taken yet');
    return state;
  };
  return {
    start: (baseline, folder) => {
      state = { good: baseline.run, baseline, folder };
    },
    update: {
      site,
      hosts,
      database,
      signal,
      settings: checks.settings,
      run,
      files,
      php,
      wp,
      composer,
      layout,
      multisite: wordpress?.multisite ?? false,
      client: checks.client,
      log: { host: files, side: site.staging, layout },
      reporter: reporterOf(session),
      good: () => currentState().good,
      accept: (good) => {
        state = { ...currentState(), good };
      },
      quickCheck: (name, mark) =>
        checks.run(name, currentState().baseline.run.pages, { mark, withoutBrowser: true }),
      check: (name, mark) => {
        const { baseline, good, folder } = currentState();
        const reference = comparedWith(folder, good, baseline.unstable);
        return checks.run(name, baseline.run.pages, { reference, mark });
      },
    },
  };
}

const stderrOf = (cause: unknown): string | undefined =>
  cause instanceof UnderstudyError ? cause.stderr : undefined;

/** @throws COMPOSER_UNUSABLE where the site file asks for it and it does not run */
async function composerOf(
  php: WritingHost,
  { phpRoot }: Layout,
  { composer: program }: MaintenanceSettings,
): Promise<UpdateContext['composer']> {
  if (program === undefined) return undefined;
  const composer = { program, folder: phpRoot };
  await php.run(composerVersion(composer), { label: `${program} --version` }).catch((cause: unknown) => {
    throw new UnderstudyError('COMPOSER_UNUSABLE', `${program} --version does not run on staging.`, {
      host: php.label,
      cause,
      stderr: stderrOf(cause),
    });
  });
  return composer;
}

/** The last look, against the state before all updates; then the report. @throws CHECKS_FAILED */
async function conclude(
  session: Session,
  run: RunHandle,
  handle: MaintenanceHandle,
  checks: SiteChecks,
  baseline: Baseline,
): Promise<string> {
  const { folder } = handle.workspace;
  session.console.line('── Checks after the updates');
  const reference = comparedWith(folder, baseline.run, baseline.unstable);
  const final = await checks.run('final', baseline.run.pages, { reference });
  // Made after the last check: exactly this is what may go to production.
  const testedTree = await recordTested(session, run);
  await handle.update((record) => ({
    ...record,
    testedTree,
    checks: checkSummary(final, baseline.run),
    notes: [...new Set([...baseline.run.notes, ...final.notes])],
  }));
  await handle.saveChecks({ baseline: baseline.run, final });
  writeMaintenanceReport(handle, session.site, { baseline: baseline.run, final });
  const verdict = verdictOf(handle.record());
  session.console.block(`\n${verdict}`);
  const page = pageAddress(`${folder}/maintenance.html`);
  session.console.line(`Report: ${page}`);
  const worse = newFailures(final, baseline.run);
  if (worse.length > 0)
    throw new UnderstudyError(
      'CHECKS_FAILED',
      `After the updates ${several(worse.length, 'check fails', 'checks fail')} that passed before.`,
      {
        details: worse.map(sentenceOf).slice(0, 30),
        next: `Look at ${page} first. To start over: understudy sync ${session.site.name}`,
      },
    );
  return verdict;
}
