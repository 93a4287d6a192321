import { type Parameters } from '../../config/parameters.js';
import { type StageName } from '../../config/stage-list.js';
import { UnderstudyError, isErrorFinding } from '../../errors/index.js';
import { type Console } from '../../report/terminal/console.js';
import { createRunId } from '../../run/run-id.js';
import { openRun } from '../../run/run-store.js';
import { type PlanLine, type Stage, type StageContext } from '../../stages/stage.js';
import { collectFindings, preflightContext, showFindings } from './preflight.js';
import { plannedRun } from '../session/planned-run.js';
import { type Outcome } from '../../run/result.js';
import { type Session } from '../session/session.js';
import { proveAhead } from '../../stages/survey/staging-route.js';
import { stageByName, syncStages } from './sync-stages.js';

/** Shows what each stage would do, and what would stop it. Changes nothing on any host. */
export async function showPlan(
  session: Session,
  parameters: Parameters,
  only?: readonly StageName[],
): Promise<Outcome> {
  const { site, console } = session;
  const stages = only === undefined ? syncStages(site.type) : only.map(stageByName);
  const run =
    parameters.run === undefined
      ? plannedRun(session, createRunId())
      : await openRun(session.store, parameters.run);
  console.line(`Plan for ${site.name}: ${site.production.url} → ${site.staging.url}. Nothing is changed.`);
  if (only === undefined) proveAhead(session);
  const context = preflightContext(session, run, parameters);
  // At the same time: neither changes anything, and comparing the files takes as long as proving the route.
  const [findings, plans] = await Promise.all([
    collectFindings(session, stages, context),
    Promise.all(stages.map((stage) => linesOf(stage, context))),
  ]);
  const planned = [];
  for (const [index, stage] of stages.entries()) {
    const lines = plans[index] ?? [];
    console.line(`── ${stage.label}`);
    for (const line of lines) showLine(console, line);
    planned.push({
      name: stage.name,
      label: stage.label,
      lines: lines.map((line) =>
        typeof line === 'string' ? { text: line, detail: false } : { text: line.detail, detail: true },
      ),
    });
  }
  console.data({ stages: planned, findings });
  if (findings.length > 0) console.line('── Notes');
  showFindings(console, findings);
  const errors = findings.filter(isErrorFinding).length;
  if (errors > 0) {
    throw new UnderstudyError(
      'PREFLIGHT_FAILED',
      `The sync could not run: ${String(errors)} of the points above must be fixed first.`,
    );
  }
  if (!console.verbose) console.note(`Full commands: --verbose. To run it: understudy sync ${site.name}`);
  return { run: '', summary: `Plan for ${site.name}: the sync can run.` };
}

function showLine(console: Console, line: PlanLine): void {
  if (typeof line === 'string') console.line(`   ${line}`);
  else if (console.verbose) console.line(`   ${line.detail}`);
}

/** A stage that cannot say what it would do says why; the others are still shown. */
async function linesOf(stage: Stage, context: StageContext): Promise<readonly PlanLine[]> {
  try {
    return await stage.plan(context);
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code === 'INTERRUPTED') throw error;
    return [`cannot be planned: ${error.message}`];
  }
}
