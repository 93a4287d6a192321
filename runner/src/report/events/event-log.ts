import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { documentValidator } from '../../config/schema/document-validator.js';
import * as json from '../../config/schema/shapes.js';
import { maskDocument, maskValues } from '../../errors/index.js';
import { keepFile } from '../../run/keep-file.js';
import { pastRunShape } from '../../run/run-history.js';

const text = json.text();
const metric = json.either(text, json.amount, json.flag);

/** One line of a list of counts: a folder, a table, a place. */
const countRow = json.openRecord({ name: text, values: json.listOf(json.amount) });
export type CountRow = json.ShapeOf<typeof countRow>;

const fileList = json.oneOf('newFiles', 'changedFiles', 'deletedFiles');
/** Files by name, one list for each kind of change: bytes. Deleted ones have no value. */
export type FileList = json.ShapeOf<typeof fileList>;

/**
 * What a list of counts is of, and what its values are, in order. `folders`, files by folder: new, changed, deleted, bytes.
 * `rows`: of the copy by table. `rewritten` by table: values, addresses. `left`: mentions of production that stay on
 * purpose, by `table.column: reason`.
 */
const countList = json.either(fileList, json.oneOf('folders', 'rows', 'rewritten', 'left'));
export type CountList = json.ShapeOf<typeof countList>;

const errorFields = {
  code: text,
  message: text,
  next: text,
  details: json.listOf(text),
  host: json.optional(text),
  command: json.optional(text),
  stderr: json.optional(text),
};
const _writtenError = json.openRecord(errorFields);
/** An error as machines read it, in events and in the answer of `--json`. */
export type WrittenError = json.ShapeOf<typeof _writtenError>;

const body = json.both(
  json.openRecord({ stage: json.optional(text) }),
  json.either(
    json.openRecord({
      type: json.constant('run-started'),
      parameters: json.mapOf(metric),
      resumed: json.flag,
      /** Title, type and addresses of the site. */
      about: json.optional(json.mapOf(text)),
    }),
    json.openRecord({ type: json.constant('stage-started'), stage: text, label: text }),
    json.openRecord({ type: json.constant('step'), text }),
    json.openRecord({
      type: json.constant('progress'),
      done: json.amount,
      total: json.optional(json.amount),
      unit: text,
    }),
    json.openRecord({ type: json.constant('fact'), name: text, value: metric }),
    json.openRecord({
      type: json.constant('counts'),
      list: countList,
      /** The largest first. */
      rows: json.listOf(countRow),
      more: json.amount,
    }),
    /** Newest first, without the run itself. `rows`: by table, of the last that is complete. */
    json.openRecord({
      type: json.constant('history'),
      runs: json.listOf(pastRunShape),
      rows: json.listOf(countRow),
      /** Versions on production and on staging. */
      wordpress: json.optional(json.mapOf(text)),
    }),
    json.openRecord({
      type: json.constant('finding'),
      severity: text,
      code: text,
      message: text,
      details: json.optional(json.listOf(text)),
      host: json.optional(text),
      next: json.optional(text),
    }),
    json.openRecord({
      type: json.constant('stage-finished'),
      stage: text,
      state: text,
      seconds: json.amount,
      summary: text,
    }),
    json.openRecord({ type: json.constant('error'), ...errorFields }),
    json.openRecord({ type: json.constant('run-finished'), state: text, exitCode: json.whole() }),
  ),
);
export type EventBody = json.ShapeOf<typeof body>;

const event = json.both(
  json.openRecord({ version: json.constant(1), time: text, run: text, site: text }),
  body,
);
/** One line of `events.ndjson`. Machines read it; fields are only ever added. */
export type RunEvent = json.ShapeOf<typeof event>;
const isEvent = documentValidator(event);

export interface EventLog {
  /** The run whose events these are; undefined where nothing is kept. */
  readonly run: string | undefined;
  write(body: EventBody): void;
}

/** Appends to a file; every line is masked. Synchronous: the last event before a crash is the one that is needed. */
export function createEventLog(file: string, run: string, site: string): EventLog {
  keepFile(() => mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 }));
  return {
    run,
    write(body) {
      const event: RunEvent = { version: 1, time: new Date().toISOString(), run, site, ...body };
      const line = `${maskDocument(JSON.stringify(maskValues(event)))}\n`;
      keepFile(() => {
        appendFileSync(file, line, { mode: 0o600 });
      });
    },
  };
}

export const noEventLog: EventLog = { run: undefined, write: () => undefined };

/** One line of `events.ndjson`, which may have come from a host; undefined when it is no event. */
export function parseEvent(line: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
