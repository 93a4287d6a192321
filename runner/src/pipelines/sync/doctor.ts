import { type Parameters } from '../../config/parameters.js';
import { UnderstudyError, isErrorFinding } from '../../errors/index.js';
import { createRunId } from '../../run/run-id.js';
import { instanceCodeFindings } from '../maintenance/refresh-instances.js';
import { collectFindings, preflightContext, tolerate, withAdvice, showFindings } from './preflight.js';
import { plannedRun } from '../session/planned-run.js';
import { type Outcome } from '../../run/result.js';
import { type Session } from '../session/session.js';
import { proveAhead } from '../../stages/survey/staging-route.js';
import { syncStages } from './sync-stages.js';

/** Asks every stage and guard whether it could work, and says all of it. Changes nothing. */
export async function examine(session: Session, parameters: Parameters): Promise<Outcome> {
  const { site, hosts, console } = session;
  proveAhead(session);
  const machines = await Promise.all([
    hosts.productionApplication(),
    hosts.productionDatabase(),
    hosts.staging(),
    hosts.stagingDatabase(),
  ]);
  const labels = [...new Set(machines.map((machine) => machine.label))];
  for (const label of labels) console.note(`   ✓ ${label} answers`);
  const context = preflightContext(session, plannedRun(session, createRunId()), parameters);
  const [findings, instances] = await Promise.all([
    collectFindings(session, syncStages(site.type), context),
    tolerate(() => instanceCodeFindings(session)),
  ]);
  const all = [...findings, ...instances.map((finding) => withAdvice(finding, site.name))];
  console.data({ hosts: labels, findings: all });
  showFindings(console, all);
  const errors = all.filter(isErrorFinding).length;
  if (errors > 0) {
    throw new UnderstudyError(
      'PREFLIGHT_FAILED',
      `${site.name} is not ready: ${String(errors)} of the points above must be fixed first.`,
    );
  }
  const summary = `${site.name} is ready for a sync.`;
  console.line(summary);
  return { run: '', summary };
}
