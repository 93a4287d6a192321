import { existsSync } from 'node:fs';
import { STAGES } from '../../config/stage-list.js';
import { EXIT } from '../../errors/index.js';
import { refreshMaintenanceReport } from '../../maintenance/report/maintenance-report.js';
import { buildLines } from '../../report/run/build-lines.js';
import { createEventLog } from '../../report/events/event-log.js';
import { pageAddress } from '../../report/page/page-address.js';
import { reporterOf } from '../../report/events/reporter.js';
import { foldEvents, readEvents, SERVES, type ServedCopy } from '../../report/run/run-report.js';
import { readLock } from '../../run/lock.js';
import { type RunRecord } from '../../run/run-record.js';
import { describeHolder } from '../../run/holder.js';
import { assertRunId } from '../../run/run-id.js';
import { openRun } from '../../run/run-store.js';
import { findMaintenance, type MaintenanceHandle } from '../../maintenance/maintenance-store.js';
import { monthlySummaryOf } from '../../maintenance/report/month/summarize-month.js';
import { openRunWorkspace } from '../../run/workspace.js';
import { asProductionSession } from '../promotion/with-production.js';
import { endPromotion } from '../promotion/promotion-rollback.js';
import { isInPlace } from '../../stages/staging/cut-over.js';
import { cutoverContext, freeLock, withRunLock } from '../session/run-lock.js';
import { type Outcome } from '../../run/result.js';
import { type NotApproved } from '../runs/not-approved.js';
import { reportCutOff, reportNotApproved } from '../runs/notices.js';
import { type Session } from '../session/session.js';
import { shareReports } from '../runs/shared-reports.js';
import { startStoppedStaging } from '../sync/restart-staging.js';

/**
 * Ends a build, however it went: a cutover that was cut off is finished or undone, a run that nobody works on any more
 * is marked as aborted, a promotion that was cut off is ended, its lock is freed whatever happens, the reports are
 * written. Record, dump and incoming schema stay for a restart.
 * @param notApproved why nobody approved what waited for it: people are told
 */
export async function finishRun(
  session: Session,
  given: string | undefined,
  notApproved?: NotApproved,
): Promise<Outcome> {
  const id = given === undefined ? await runOfThisBuild(session) : assertRunId(given);
  if (id === undefined) return { run: '', summary: 'This build has no run; nothing to finish.' };
  const run = await openRun(session.store, id).catch(() => undefined);
  let maintenance: MaintenanceHandle | undefined;
  const cutOff: [command: string, summary: string][] = [];
  try {
    if (run !== undefined && run.record().state !== 'complete')
      await withRunLock(session, run, { everything: true }, async () => {
        if (run.record().state !== 'running') return;
        await run.update((record) => ({ ...record, state: 'aborted' }));
        const reporter = reporterOf(session);
        const inPlace = await isInPlace(cutoverContext(session, run, reporter));
        for (const label of noteKilledStages(session, run.record(), inPlace ? 'new' : 'former'))
          cutOff.push([
            'stage',
            `${label} did not end; staging serves ${inPlace ? 'the new copy' : 'what it served before'}.`,
          ]);
      });
    maintenance = run === undefined ? undefined : await findMaintenance(session, id);
    const { approval, promotion, checks } = maintenance?.record() ?? {};
    if (maintenance !== undefined && checks === undefined)
      cutOff.push(['update', 'Nothing can be promoted before the site was checked after its updates.']);
    // Its process died, and nobody may come again: the maintenance page must not stay on production.
    if (approval !== undefined && (promotion === undefined || promotion.state === 'running')) {
      const ended = await endPromotion(asProductionSession(session));
      if (ended.run !== '') cutOff.push(['promote', ended.summary]);
      maintenance = await findMaintenance(session, id);
    }
    // Last: what production needs comes first, whatever Portainer says.
    if (run?.record().state === 'complete') await startStoppedStaging(session);
  } finally {
    await freeLock(session, id);
  }
  if (maintenance !== undefined) await refreshMaintenanceReport(maintenance, session.site);
  const summary = run === undefined ? `Run ${id} left no record.` : `Run ${id} is ${run.record().state}.`;
  session.console.line(summary);
  for (const [command, what] of cutOff) await reportCutOff(session, id, command, what);
  if (notApproved !== undefined) await reportNotApproved(session, id, notApproved);
  return {
    run: id,
    summary,
    ...(run === undefined ? {} : { lines: await linesOf(session, id) }),
    ...(maintenance === undefined
      ? {}
      : { maintenance: monthlySummaryOf(session.site.title, maintenance.record()) }),
  };
}

/** The whole run's numbers, on whatever machines its stages ran, for the build's description. */
async function linesOf(session: Session, run: string): Promise<string[]> {
  await shareReports(session, run);
  const { folder, eventsFile } = openRunWorkspace(session.workspace, session.site.name, run);
  if (!existsSync(eventsFile)) return [];
  return buildLines(foldEvents(readEvents(eventsFile)), pageAddress(`${folder}/report.html`));
}

/** A stage whose process, or its machine, died has not reported how it ended: the report says so. @returns their labels */
function noteKilledStages(
  session: Session,
  { id, stages }: RunRecord,
  serves: ServedCopy,
): readonly string[] {
  const { eventsFile } = openRunWorkspace(session.workspace, session.site.name, id);
  const events = createEventLog(eventsFile, id, session.site.name);
  const killed = STAGES.filter(({ name }) => stages[name]?.state === 'running');
  for (const { name, label } of killed) {
    events.write({ type: 'stage-started', stage: name, label });
    const summary = 'Its process, or the agent, was killed.';
    events.write({ type: 'fact', stage: name, name: SERVES, value: serves });
    events.write({ type: 'stage-finished', stage: name, state: 'aborted', seconds: 0, summary });
  }
  events.write({ type: 'run-finished', state: 'aborted', exitCode: EXIT.interrupted });
  return killed.map(({ label }) => label);
}

/**
 * The run that this very build holds the lock with. A build that was refused because another one works on the site
 * must not end that one's run.
 */
async function runOfThisBuild(session: Session): Promise<string | undefined> {
  const own = describeHolder(process.env);
  const lock = await readLock(session.lock);
  return lock !== undefined && own.build !== '' && lock.holder === own.holder && lock.build === own.build
    ? assertRunId(lock.run)
    : undefined;
}
