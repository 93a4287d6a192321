import { isStageName } from '../../config/stage-list.js';
import { existsSync, readFileSync } from 'node:fs';
import { type PastRun } from '../../run/run-history.js';
import { type CountList, type RunEvent, parseEvent } from '../events/event-log.js';

/** What happened in a run, folded from its events. Everything that is rendered (text, HTML, JUnit, Markdown) comes from it. */
export interface RunReport {
  readonly site: string;
  /** Title, type and addresses of the site; '' where an older run did not note them. */
  readonly about: AboutSite;
  readonly run: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly state: string;
  readonly parameters: Readonly<Record<string, string | boolean>>;
  readonly stages: readonly StageReport[];
  /** What changed, by folder and table. */
  readonly counts: { readonly [List in CountList]?: Counts };
  /** Undefined: nothing of the run says; it goes on, or ended before its first stage. */
  readonly serves: ServedCopy | undefined;
  /** Runs before it, newest first. */
  readonly history: readonly PastRun[];
  /** Versions on both sides when it had ended. */
  readonly wordpress?: { readonly production: string; readonly staging: string };
  /** Rows by table of the copy before it. */
  readonly rowsBefore: ReadonlyMap<string, number>;
  readonly findings: readonly Extract<RunEvent, { type: 'finding' }>[];
  readonly errors: readonly Extract<RunEvent, { type: 'error' }>[];
  /** What ended commands that worked on the copy later (update, promote), the last of each: the sync itself stands. */
  readonly afterwards: readonly Extract<RunEvent, { type: 'error' }>[];
}

interface AboutSite {
  readonly title: string;
  readonly type: 'wordpress' | 'php';
  readonly production: string;
  readonly staging: string;
}

type Counts = Pick<Extract<RunEvent, { type: 'counts' }>, 'rows' | 'more'>;

/** Which copy staging serves after a stage that did not complete; `unknown`: nobody could look. */
export type ServedCopy = 'new' | 'former' | 'unknown';

/** Name of the metric that says so. */
export const SERVES = 'serves';

export interface StageReport {
  readonly name: string;
  readonly label: string;
  readonly state: string;
  readonly seconds: number;
  readonly summary: string;
  readonly metrics: Readonly<Record<string, string | number | boolean>>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** @param events in the order written. A stage that ran twice (resumed) shows its last run. */
export function foldEvents(events: readonly RunEvent[]): RunReport {
  const first = events[0];
  const stages = new Map<string, Mutable<StageReport>>();
  const report: Mutable<RunReport> = {
    site: first?.site ?? '',
    about: { title: first?.site ?? '', type: 'wordpress', production: '', staging: '' },
    run: first?.run ?? '',
    startedAt: first?.time ?? '',
    finishedAt: events.at(-1)?.time ?? '',
    state: 'running',
    parameters: {},
    stages: [],
    counts: {},
    serves: undefined,
    history: [],
    rowsBefore: new Map(),
    findings: [],
    errors: [],
    afterwards: [],
  };
  for (const event of events) take(report, stages, event);
  return { ...report, stages: [...stages.values()] };
}

function take(report: Mutable<RunReport>, stages: Map<string, Mutable<StageReport>>, event: RunEvent): void {
  const stage = 'stage' in event ? stages.get(event.stage ?? '') : undefined;
  switch (event.type) {
    case 'run-started':
      Object.assign(report, { parameters: event.parameters, state: 'running', errors: [] });
      if (event.about !== undefined) report.about = aboutSite(event.about, report.site);
      break;
    case 'stage-started': {
      const { stage: name, label } = event;
      stages.delete(name);
      stages.set(name, { name, label, state: 'running', seconds: 0, summary: '', metrics: {} });
      break;
    }
    case 'stage-finished':
      if (stage) Object.assign(stage, { state: event.state, seconds: event.seconds, summary: event.summary });
      break;
    case 'fact':
      if (event.name === SERVES) report.serves = servedCopy(event.value);
      else if (stage) stage.metrics = { ...stage.metrics, [event.name]: event.value };
      break;
    case 'counts':
      report.counts = { ...report.counts, [event.list]: event };
      break;
    case 'history':
      report.history = event.runs;
      if (event.wordpress !== undefined)
        report.wordpress = {
          production: String(event.wordpress['production'] ?? ''),
          staging: String(event.wordpress['staging'] ?? ''),
        };
      report.rowsBefore = new Map(event.rows.map(({ name, values: [rows = 0] }) => [name, rows]));
      break;
    case 'finding':
      if (!report.findings.some((known) => known.message === event.message))
        report.findings = [...report.findings, event];
      break;
    case 'error':
      if (event.stage !== undefined && !isStageName(event.stage))
        report.afterwards = [...report.afterwards.filter(({ stage: other }) => other !== event.stage), event];
      else report.errors = [...report.errors, event];
      break;
    case 'run-finished':
      Object.assign(report, { state: event.state });
      if (event.state === 'complete') report.serves = 'new';
      break;
    case 'step':
    case 'progress':
      break;
  }
}

const aboutSite = (about: Readonly<Record<string, unknown>>, site: string): AboutSite => ({
  title: String(about['title'] ?? site),
  type: about['type'] === 'php' ? 'php' : 'wordpress',
  production: String(about['production'] ?? ''),
  staging: String(about['staging'] ?? ''),
});

const servedCopy = (value: unknown): ServedCopy =>
  value === 'new' || value === 'former' ? value : 'unknown';

/** Reads `events.ndjson`. Lines that are no events are left out: one may be cut off, and others may have written some. */
export const readEvents = (file: string): RunEvent[] =>
  (existsSync(file) ? readFileSync(file, 'utf8') : '').split('\n').flatMap((line) => parseEvent(line) ?? []);

export const metricOf = (stages: readonly StageReport[], stage: string, name: string): number | undefined => {
  const value = stages.find((one) => one.name === stage)?.metrics[name];
  return typeof value === 'number' ? value : undefined;
};
