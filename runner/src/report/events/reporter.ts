import { type Finding, shownLine } from '../../errors/index.js';
import { type OnProgress } from '../../run/progress.js';
import { writtenError } from '../../run/result.js';
import { type Console } from '../terminal/console.js';
import { type CountList, type CountRow, type EventLog } from './event-log.js';
import { formatSeconds } from '../format.js';
import { createProgressMeter } from '../terminal/progress-meter.js';

/** What a piece of work tells the people who watch; masked, thinned out and written to the event log. */
export interface Reporter {
  step(text: string): void;
  readonly progress: OnProgress;
  warn(finding: Finding): void;
  /** For the report: `('tables', 42)`. */
  metric(name: string, value: string | number | boolean): void;
  /**
   * A list for the report: files by folder, rows by table. The rest beyond a limit is counted.
   * @param total how many there are, where `rows` is only the beginning
   */
  counts(list: CountList, rows: readonly CountRow[], total?: number): void;
}

/** Lines of one list that a run keeps. */
export const MOST_ROWS = 200;
/** Characters of a name in it. */
const LONGEST_NAME = 200;

/** A stage that is being watched; `finish` says how it ended. */
export interface StageWatch extends Reporter {
  finish(state: 'complete' | 'failed' | 'aborted' | 'skipped', summary: string): void;
}

/** Where a stage stands among those of its site, and since when the run goes on. */
export interface StageProgress {
  readonly number: number;
  readonly of: number;
  /** When the run was begun. */
  readonly since: Date;
}

export function watchStage(
  console: Console,
  events: EventLog,
  stage: { readonly name: string; readonly label: string },
  place: StageProgress | undefined,
): StageWatch {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const base = createReporter(console, events, stage.name, place);
  console.note(`── ${placeOf(place)}${stage.label}${elapsedOf(place)}`);
  events.write({ type: 'stage-started', stage: stage.name, label: stage.label });
  return {
    ...base,
    finish(state, summary) {
      events.write({ type: 'stage-finished', stage: stage.name, state, seconds: round(seconds()), summary });
      const mark = state === 'complete' ? '✓' : state === 'skipped' ? '–' : '✗';
      console.note(`   ${mark} ${stage.label}: ${summary || state} (${formatSeconds(seconds())})`);
    },
  };
}

const placeOf = (place: StageProgress | undefined): string =>
  place === undefined ? '' : `Stage ${String(place.number)} of ${String(place.of)}: `;

const elapsedOf = (place: StageProgress | undefined): string => {
  const seconds = place === undefined ? 0 : (Date.now() - place.since.getTime()) / 1000;
  return seconds < 1 ? '' : ` (${formatSeconds(seconds)} so far)`;
};

/** @param stage name for the events; undefined outside of stages (preflight, rollback …) */
export function createReporter(
  console: Console,
  events: EventLog,
  stage?: string,
  place?: StageProgress,
): Reporter {
  const where = stage === undefined ? {} : { stage };
  const meter = createProgressMeter(console.terminal ? 0.2 : 5);
  return {
    step(text) {
      console.note(`   ${text}`);
      events.write({ type: 'step', ...where, text });
    },
    progress(progress) {
      const text = meter.update(progress);
      if (text === undefined) return;
      // On a terminal it is the only line that moves: it says where all of it stands.
      const short = place === undefined ? '' : `${String(place.number)}/${String(place.of)}  `;
      console.transient(
        `   ${console.terminal ? short : ''}${text}${console.terminal ? elapsedOf(place) : ''}`,
      );
      events.write({ type: 'progress', ...where, ...progress });
    },
    warn(finding) {
      if (finding.severity !== 'info' || !console.quiet) console.block(renderFinding(finding));
      events.write({ type: 'finding', ...where, ...finding });
    },
    metric(name, value) {
      events.write({ type: 'fact', ...where, name, value });
    },
    counts(list, rows, total = rows.length) {
      const shown = rows
        .slice(0, MOST_ROWS)
        .map(({ name, values }) => ({ name: name.slice(0, LONGEST_NAME), values }));
      events.write({ type: 'counts', ...where, list, rows: shown, more: total - shown.length });
    },
  };
}

/** The reporter of a process, outside of stages. Its events go to the log of the run that it works on by then. */
export const reporterOf = ({ console, events }: { console: Console; events: () => EventLog }): Reporter =>
  createReporter(console, events());

/** `   ! CODE message (host)`; below it what belongs to it, which may be a program's words, and what to do. */
export function renderFinding(
  finding: Pick<Finding, 'message' | 'details' | 'host' | 'next'> & {
    readonly severity: string;
    readonly code: string;
  },
): string {
  const mark = { error: '✗', warning: '!' }[finding.severity] ?? '·';
  const host = finding.host === undefined ? '' : ` (${finding.host})`;
  const next = finding.next === undefined ? '' : `\n     ${finding.next.replaceAll('\n', '\n     ')}`;
  const below = (finding.details ?? []).map((line) => `\n     | ${shownLine(line)}`).join('');
  return `   ${mark} ${finding.code}: ${shownLine(finding.message)}${shownLine(host)}${below}${next}`;
}

/** The event of an error; a bug becomes INTERNAL. */
export function reportError(events: EventLog, error: unknown, stage?: string): void {
  events.write({ type: 'error', ...(stage === undefined ? {} : { stage }), ...writtenError(error) });
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
