import { existsSync, readFileSync } from 'node:fs';
import { type RunEvent } from './event-log.js';
import { parseEvent } from './parse-event.js';

/** What happened in a run, folded from its events. Everything that is rendered (text, HTML, JUnit, Markdown) comes from it. */
export interface RunReport {
  readonly site: string;
  readonly run: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly state: string;
  readonly exitCode: number | undefined;
  readonly parameters: Readonly<Record<string, string | boolean>>;
  readonly stages: readonly StageReport[];
  readonly findings: readonly Extract<RunEvent, { type: 'finding' }>[];
  readonly errors: readonly Extract<RunEvent, { type: 'error' }>[];
}

export interface StageReport {
  readonly name: string;
  readonly label: string;
  readonly state: string;
  readonly seconds: number;
  readonly summary: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** @param events in the order written. A stage that ran twice (resumed) shows its last run. */
export function foldEvents(events: readonly RunEvent[]): RunReport {
  const first = events[0];
  const stages = new Map<string, { -readonly [K in keyof StageReport]: StageReport[K] }>();
  const findings: Extract<RunEvent, { type: 'finding' }>[] = [];
  let errors: Extract<RunEvent, { type: 'error' }>[] = [];
  let parameters: RunReport['parameters'] = {};
  let state = 'running';
  let exitCode: number | undefined;
  for (const event of events) {
    if (event.type === 'run-started') {
      parameters = event.parameters;
      state = 'running';
      errors = [];
    } else if (event.type === 'stage-started') {
      stages.delete(event.stage);
      stages.set(event.stage, {
        name: event.stage,
        label: event.label,
        state: 'running',
        seconds: 0,
        summary: '',
        facts: {},
      });
    } else if (event.type === 'stage-finished') {
      const stage = stages.get(event.stage);
      if (stage) Object.assign(stage, { state: event.state, seconds: event.seconds, summary: event.summary });
    } else if (event.type === 'fact') {
      const stage = stages.get(event.stage ?? '');
      if (stage) stage.facts = { ...stage.facts, [event.name]: event.value };
    } else if (event.type === 'finding') {
      if (!findings.some((known) => known.message === event.message)) findings.push(event);
    } else if (event.type === 'error') {
      errors.push(event);
    } else if (event.type === 'run-finished') {
      state = event.state;
      exitCode = event.exitCode;
    }
  }
  return {
    site: first?.site ?? '',
    run: first?.run ?? '',
    startedAt: first?.time ?? '',
    finishedAt: events.at(-1)?.time ?? '',
    state,
    exitCode,
    parameters,
    stages: [...stages.values()],
    findings,
    errors,
  };
}

/** Reads `events.ndjson`. Lines that are no events are left out: one may be cut off, and others may have written some. */
export const readEvents = (file: string): RunEvent[] =>
  (existsSync(file) ? readFileSync(file, 'utf8') : '').split('\n').flatMap((line) => parseEvent(line) ?? []);
