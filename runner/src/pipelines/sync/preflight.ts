import { type Parameters } from '../../config/parameters.js';
import {
  catalogue,
  EXIT,
  type ErrorFinding,
  errorOf,
  type Finding,
  findingOf,
  nameSite,
  several,
  UnderstudyError,
  isErrorFinding,
} from '../../errors/index.js';
import { openOperationFindings } from '../../maintenance/promote/operation/open-operation.js';
import { createReporter, renderFinding } from '../../report/events/reporter.js';
import { formatSeconds } from '../../report/format.js';
import { type RunHandle } from '../../run/run-record.js';
import { reachStaging } from '../../stages/survey/reach-staging.js';
import { type Stage, type StageContext } from '../../stages/stage.js';
import { askGuards } from '../session/same-target-check.js';
import { type Session } from '../session/session.js';
import { stageContext } from '../session/stage-context.js';
import { type RunLog } from '../runs/run-log.js';
import { portainerFindings } from '../../hosts/portainer/portainer.js';
import { type Site } from '../../config/site.js';
import { type Console } from '../../report/terminal/console.js';

/** Errors that more room may do away with. */
const OUT_OF_ROOM: ReadonlySet<string> = new Set([
  'CONTENT_DISK_FULL',
  'DUMP_DISK_SHORT',
  'DATABASE_DISK_SHORT',
]);

/**
 * Everything that would stop the run, told in one message before anything is changed.
 * @param removeDeadRuns removes what dead runs left, where a disk is too full; whether there was anything
 * @throws PREFLIGHT_FAILED listing all errors; warnings are reported and do not stop
 */
export async function runPreflight(
  session: Session,
  run: RunHandle,
  stages: readonly Stage[],
  runLog: Pick<RunLog, 'events'>,
  parameters: Parameters,
  removeDeadRuns: () => Promise<boolean>,
): Promise<void> {
  const started = performance.now();
  const reporter = createReporter(session.console, runLog.events);
  session.console.note('── Preflight');
  // Asked again with a context of its own: what was looked at once is remembered by it.
  const ask = () => collectFindings(session, stages, preflightContext(session, run, parameters));
  const isShort = ({ severity, code }: Finding) => severity === 'error' && OUT_OF_ROOM.has(code);
  let findings = await ask();
  if (findings.some(isShort) && (await removeDeadRuns())) findings = await ask();
  for (const finding of findings.filter(({ severity }) => severity !== 'error')) reporter.warn(finding);
  const errors = findings.filter(isErrorFinding);
  if (errors.length > 0) throw preflightError(errors);
  session.console.note(
    `   ✓ guards and preflight passed (${formatSeconds((performance.now() - started) / 1000)})`,
  );
}

/** The same-target check alone, for commands that change something but run no stage. @throws as runPreflight */
export async function assertGuards(session: Session): Promise<void> {
  const findings = (await Promise.all(guardFindings(session))).flat();
  await session.preflightConnections.close();
  const errors = findings.filter(isErrorFinding);
  if (errors.length > 0) throw preflightError(errors);
}

/** Those that were asked from the beginning, or else asked now. */
const guardFindings = (session: Session): Promise<readonly Finding[]>[] =>
  (session.takeGuards() ?? askGuards(session)).map((answer) => tolerate(() => answer));

/** What all preflights of a process share: with one context, they look at a server once. */
export function preflightContext(session: Session, run: RunHandle, parameters: Parameters): StageContext {
  const silent = {
    step: () => undefined,
    progress: () => undefined,
    warn: () => undefined,
    metric: () => undefined,
    counts: () => undefined,
  };
  return {
    ...stageContext(session, run, silent, parameters),
    preflightConnections: session.preflightConnections,
  };
}

/** All findings of the guards and of the stages, each said once. @param context of {@link preflightContext} */
export async function collectFindings(
  session: Session,
  stages: readonly Stage[],
  context: StageContext,
): Promise<readonly Finding[]> {
  const { preflightConnections } = session;
  const [trees = Promise.resolve([]), ...others] = guardFindings(session);
  const guards = Promise.all([trees, ...others]).then((found) => found.flat());
  const answers = await Promise.all([
    guards,
    trees.then((found) => (isSafe(found) ? tolerate(() => reachStaging(context, guards.then(isSafe))) : [])),
    ...stages.map((stage) => tolerate(() => stage.preflight(context))),
    tolerate(async () => {
      const { portainer } = session.site.staging;
      return portainer === undefined ? [] : portainerFindings(portainer, session.signal);
    }),
    tolerate(async () => openOperationFindings(await session.hosts.productionApplication(), session.site)),
  ]).finally(() => {
    // Nobody waits for it: no question is left.
    void preflightConnections.close();
  });
  const seen = new Set<string>();
  const { name } = session.site;
  return withoutConsequences(answers.flat(), session.site)
    .map((finding) => withAdvice(finding, name))
    .filter((finding) => {
      const key = `${finding.code}\n${finding.message}\n${finding.host ?? ''}`;
      return seen.has(key) ? false : (seen.add(key), true);
    });
}

/** Every finding says what to do next: the catalogue's advice where it has none of its own. */
export const withAdvice = (finding: Finding, site: string): Finding => ({
  ...finding,
  next: nameSite(finding.next ?? catalogue[finding.code].next, site),
});

/** A file is put into staging's folder for a moment: not into one that may be production's, which the first guard knows. */
const isSafe = (guards: readonly Finding[]): boolean => guards.every(({ severity }) => severity !== 'error');

/** A question that fails is an error finding: the other stages still get to say what they found. */
export async function tolerate(ask: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code === 'INTERRUPTED') throw error;
    return [findingOf(error)];
  }
}

function preflightError(errors: readonly ErrorFinding[]): UnderstudyError {
  const only = errors.length === 1 ? errors[0] : undefined;
  // One cause alone keeps its own code: scripts and people look it up.
  if (only !== undefined && catalogue[only.code].exit === EXIT.preflight) return errorOf(only);
  return checksFailed(errors);
}

/** What ends a command whose preflight has errors. */
export function checksFailed(errors: readonly ErrorFinding[]): UnderstudyError {
  const sentence = `${several(errors.length, 'check')} failed; nothing was changed.`;
  return new UnderstudyError('PREFLIGHT_FAILED', sentence, {
    details: errors.map((error) => renderFinding(error).trimStart()),
  });
}

/**
 * A finding that only follows from another one is left out: who removes the cause removes it too. An empty staging is told
 * as that, not also as a folder that could not be compared, entered or written.
 */
export function withoutConsequences(findings: readonly Finding[], { staging }: Site): readonly Finding[] {
  const isEmpty = findings.some(
    ({ code, message }) =>
      code === 'WP_CONFIG_UNREADABLE' &&
      message.startsWith(`There is no wp-config.php in ${staging.containerPath ?? staging.path} `),
  );
  if (!isEmpty) return findings;
  const follows = ({ code, message }: Finding): boolean =>
    (code === 'LIVE_GUARD_UNANSWERED' || code === 'CONTENT_FOLDER_MISSING') &&
    message.includes(`${staging.path} is not a folder`);
  return findings.filter((finding) => !follows(finding));
}

const WEIGHT = { error: 0, warning: 1, info: 2 } as const;

/** By weight, errors first. What stops nothing and asks for nothing is one line, and whole with `--verbose`. */
export function showFindings(console: Console, findings: readonly Finding[]): void {
  for (const finding of [...findings].sort((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity])) {
    if (finding.severity !== 'info' || console.verbose) console.block(renderFinding(finding));
    else console.note(`   · ${finding.message.split('\n')[0] ?? ''}`);
  }
}
