import { type Parameters } from '../config/parameters.js';
import { type StageName } from '../config/stage-list.js';
import { UnderstudyError } from '../errors/index.js';
import { renderFinding } from '../report/reporter.js';
import { createRunId } from '../run/run-id.js';
import { openRun } from '../run/run-store.js';
import { type Stage, type StageContext } from '../stages/stage.js';
import { collectFindings, preflightContext } from './preflight.js';
import { plannedRun } from './planned-run.js';
import { type RunSummary } from './run-sync.js';
import { type Session } from './session.js';
import { stageByName, syncStages } from './sync-stages.js';

/** Shows what each stage would do, and what stands in the way. Changes nothing on any host. */
export async function showPlan(
  session: Session,
  parameters: Parameters,
  only?: readonly StageName[],
): Promise<RunSummary> {
  const { site, console } = session;
  const stages = only === undefined ? syncStages(site.type) : only.map(stageByName);
  const run =
    parameters.run === undefined
      ? plannedRun(session, createRunId())
      : await openRun(session.store, parameters.run);
  console.line(`Plan for ${site.name}: ${site.production.url} → ${site.staging.url}. Nothing is changed.`);
  const context = preflightContext(session, run, parameters);
  const findings = await collectFindings(session, stages, context);
  const plans = await Promise.all(stages.map((stage) => linesOf(stage, context)));
  for (const [index, { label }] of stages.entries()) {
    console.line(`── ${label}`);
    for (const line of plans[index] ?? []) console.line(`   ${line}`);
  }
  if (findings.length > 0) console.line('── To know');
  for (const finding of findings) console.block(renderFinding(finding));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) {
    throw new UnderstudyError(
      'PREFLIGHT_FAILED',
      `The sync could not run: ${String(errors)} of the points above must be mended first.`,
    );
  }
  return { run: '', summary: `Plan for ${site.name}: the sync can run.` };
}

/** A stage that cannot say what it would do says why; the others are still shown. */
async function linesOf(stage: Stage, context: StageContext): Promise<readonly string[]> {
  try {
    return await stage.plan(context);
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code === 'INTERRUPTED') throw error;
    return [`cannot be planned: ${error.message}`];
  }
}
