import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Site } from '../../config/site.js';
import { several, UnderstudyError, shownLine } from '../../errors/index.js';
import { type Console } from '../../report/terminal/console.js';
import { type RunEvent, parseEvent } from '../../report/events/event-log.js';
import { formatTime, formatAge, formatSeconds } from '../../report/format.js';
import { renderText } from '../../report/terminal/render-text.js';
import { foldEvents } from '../../report/run/run-report.js';
import { readLock } from '../../run/lock.js';
import { lifeOf, lockSentence, runLine, type RunLine } from '../../run/run-life.js';
import { listRuns, labelOf } from '../../run/run-store.js';
import { type Outcome } from '../../run/result.js';
import { eventsHere, eventsOnStaging, mergeEvents } from './shared-reports.js';
import { openStagingView, type StagingView } from '../session/staging-view.js';
import { productionState } from './production-state.js';
import { renderProgress } from '../../report/terminal/progress-meter.js';
import { renderFinding } from '../../report/events/reporter.js';
import { type Progress } from '../../run/progress.js';

export interface LookOptions {
  readonly console: Console;
  readonly signal: AbortSignal;
  readonly workspace: string;
}

/** What staging and this machine know of the runs of a site. Staging may be away: then this machine alone. */
async function withRuns<Result>(
  site: Site,
  options: LookOptions,
  look: (view: StagingView | undefined) => Promise<Result>,
): Promise<Result> {
  let view: StagingView | undefined;
  try {
    view = await openStagingView(site, options);
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code === 'INTERRUPTED') throw error;
    options.console.line(`   ! staging could not be asked; this is the local state: ${error.message}`);
  }
  try {
    return await look(view);
  } finally {
    await view?.close();
  }
}

async function newestRun(site: Site, view: StagingView | undefined): Promise<string> {
  const [newest] = view === undefined ? [] : await listRuns(view.store);
  if (newest !== undefined) return newest.id;
  throw new UnderstudyError('RUN_NOT_FOUND', `Staging of ${site.name} has no run.`, {
    next: `Start one: understudy sync ${site.name}`,
  });
}

async function eventsOf(
  site: Site,
  run: string,
  view: StagingView | undefined,
  workspace: string,
): Promise<RunEvent[]> {
  const there = view === undefined ? '' : await eventsOnStaging(view.store, run);
  return mergeEvents(site.name, run, [there, eventsHere(workspace, site.name, run)]).flatMap(
    (line) => parseEvent(line) ?? [],
  );
}

const notFound = (site: Site, run: string): UnderstudyError =>
  new UnderstudyError('RUN_NOT_FOUND', `Neither staging of ${site.name} nor this machine knows run ${run}.`, {
    next: `understudy runs ${site.name} lists the runs that staging knows.`,
  });

/** `understudy show`: one run, as its report tells it. @param given the newest without it */
export function showRun(site: Site, given: string | undefined, options: LookOptions): Promise<Outcome> {
  const { console, workspace } = options;
  return withRuns(site, options, async (view) => {
    const run = given ?? (await newestRun(site, view));
    const events = await eventsOf(site, run, view, workspace);
    const [records, lock] =
      view === undefined ? [[], undefined] : await Promise.all([listRuns(view.store), readLock(view.lock)]);
    const record = records.find(({ id }) => id === run);
    if (record === undefined && events.length === 0) throw notFound(site, run);
    const folded = foldEvents(events);
    const state = record === undefined ? folded.state : lifeOf(record, lock);
    const report = { ...folded, site: site.name, run, state };
    console.block(renderText(report, console.columns));
    if (folded.startedAt !== '')
      console.line(
        `Started ${formatTime(folded.startedAt)}, last heard of ${formatTime(folded.finishedAt)}.`,
      );
    if (lock?.run === run) console.line(lockSentence(lock));
    const page = path.resolve(workspace, site.name, run, 'report.html');
    if (existsSync(page)) console.line(`Report: ${page}`);
    console.data({
      report,
      ...(record === undefined ? {} : { line: runLine(record, site.type, lock) }),
    });
    return { run, summary: `Run ${run} of ${site.name}: ${state}` };
  });
}

/** Between two looks at this machine's log; staging is asked every tenth time. */
const LOOK_MS = 500;
const EVERY = 10;

/** `understudy logs`: what was said in a run, in its order; `follow` goes on until the run ends. */
export function showLogs(
  site: Site,
  given: string | undefined,
  follow: boolean,
  options: LookOptions,
): Promise<Outcome> {
  const { console, workspace } = options;
  return withRuns(site, options, async (view) => {
    const run = given ?? (await newestRun(site, view));
    const shown = new Set<string>();
    const all: RunEvent[] = [];
    const show = (events: readonly RunEvent[]): void => {
      for (const event of events) {
        const key = JSON.stringify(event);
        if (shown.has(key)) continue;
        shown.add(key);
        all.push(event);
        const text = renderEvent(event, console.verbose);
        if (text !== undefined) console.block(withTime(event, text));
      }
    };
    show(await eventsOf(site, run, view, workspace));
    if (shown.size === 0 && !follow) throw notFound(site, run);
    for (let look = 1; follow && !(await hasEnded(all, view, run, look)); look += 1) {
      await sleep(LOOK_MS, undefined, { signal: options.signal }).catch(() => undefined);
      if (options.signal.aborted) break;
      show(await eventsOf(site, run, look % EVERY === 0 ? view : undefined, workspace));
    }
    console.data({ events: all });
    return { run, summary: `${several(all.length, 'event')} of run ${run}` };
  });
}

/** It said so, or nobody holds its lock and nothing came for a minute. */
async function hasEnded(
  events: readonly RunEvent[],
  view: StagingView | undefined,
  run: string,
  look: number,
): Promise<boolean> {
  const last = events.at(-1);
  if (last?.type === 'run-finished') return true;
  if (view === undefined || look % EVERY !== 1) return false;
  const lock = await readLock(view.lock);
  const holds = lock?.run === run && lock.leaseUntil >= lock.now;
  return !holds && (last === undefined || Date.now() - Date.parse(last.time) > 60_000);
}

/** `20:15:03 text`, later lines below it. */
const withTime = (event: RunEvent, text: string): string => {
  const time = new Date(event.time).toTimeString().slice(0, 8);
  return `${time} ${text.replaceAll('\n', `\n${' '.repeat(9)}`)}`;
};

/** `2026-11-21 20:15  3 min 05 s  complete`, and where it stopped. */
export function describeRun(line: RunLine, now: Date): string {
  const age = formatAge((now.getTime() - Date.parse(line.startedAt)) / 1000);
  const where = line.stage === '' ? '' : `: ${labelOf(line.stage as Parameters<typeof labelOf>[0])}`;
  const took = line.seconds > 0 ? formatSeconds(line.seconds) : '–';
  const stages = `${String(line.stagesDone)} of ${several(line.stages, 'stage')}`;
  return `${line.run}  ${formatTime(line.startedAt)}  ${age.padStart(10)}  ${took.padStart(12)}  ${line.state.padEnd(8)}  ${stages}${where}`;
}

/** `understudy runs`: the runs that staging knows, newest first, what lives of them, and who holds the lock. */
export async function showRuns(site: Site, options: LookOptions): Promise<Outcome> {
  const { console } = options;
  const view = await openStagingView(site, options);
  try {
    const [records, lock] = await Promise.all([listRuns(view.store), readLock(view.lock)]);
    const runs = records.map((record) => runLine(record, site.type, lock));
    const now = new Date();
    for (const line of runs) console.line(describeRun(line, now));
    console.line(lockSentence(lock));
    if (runs.some(({ state }) => state === 'dead'))
      console.line(
        `A dead run was killed, or its machine was. The next sync ends it, and so does understudy finish ${site.name} --run <id>.`,
      );
    const production = await productionState(view);
    if (production !== undefined) console.line(production.text);
    console.data({ runs, lock: lock ?? null });
    return { run: '', summary: `${several(runs.length, 'run')}` };
  } finally {
    await view.close();
  }
}

/** An event as the console showed it when it happened; undefined: nothing that people read. */
export function renderEvent(event: RunEvent, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'run-started':
      return `── Run ${event.run} of ${event.site}${event.resumed ? ' goes on' : ''}`;
    case 'stage-started':
      return `── ${shownLine(event.label)}`;
    case 'step':
      return `   ${shownLine(event.text)}`;
    case 'progress':
      return verbose ? `   ${shownLine(renderProgress(event as Progress, 0))}` : undefined;
    case 'fact':
      return verbose ? `   · ${shownLine(`${event.name}: ${String(event.value)}`)}` : undefined;
    case 'counts':
    case 'history':
      return undefined;
    case 'finding':
      return renderFinding(event);
    case 'stage-finished': {
      const mark = event.state === 'complete' ? '✓' : event.state === 'skipped' ? '–' : '✗';
      return `   ${mark} ${shownLine(event.summary || event.state)} (${formatSeconds(event.seconds)})`;
    }
    case 'error':
      return [
        `   ✗ ${event.code}: ${shownLine(event.message)}`,
        ...event.details.map((detail) => `     ${detail.replaceAll('\n', '\n     ')}`),
        `     ${event.next.replaceAll('\n', '\n     ')}`,
      ].join('\n');
    case 'run-finished':
      return `── Run ${event.run}: ${shownLine(event.state)} (exit code ${String(event.exitCode)})`;
  }
}
