import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { maskDocument, maskValues } from '../../errors/index.js';
import { keepFile } from '../../run/keep-file.js';
import { type PastRun } from '../../run/run-history.js';

/** One line of `events.ndjson`. Machines read it; fields are only ever added. */
export type RunEvent = {
  readonly version: 1;
  readonly time: string;
  readonly run: string;
  readonly site: string;
} & EventBody;

/** One line of a list of counts: a folder, a table, a place. */
export interface CountRow {
  readonly name: string;
  readonly values: readonly number[];
}

/** Files by name, one list for each kind of change. */
export type FileList = 'newFiles' | 'changedFiles' | 'deletedFiles';

/** What a list of counts is of, and what its values are, in order. */
export type CountList =
  /** Files by folder: new, changed, deleted, bytes. */
  | 'folders'
  /** Names of new and of changed files, as far as they were noted: bytes. Deleted ones have no value. */
  | FileList
  /** Rows of the copy by table. */
  | 'rows'
  /** Rewritten by table: values, addresses. */
  | 'rewritten'
  /** Mentions of production that stay on purpose, by `table.column: reason`. */
  | 'left';

/** An error as machines read it, in events and in the answer of `--json`. */
export interface WrittenError {
  readonly code: string;
  readonly message: string;
  readonly next: string;
  readonly details: readonly string[];
  readonly host?: string;
  readonly command?: string;
  readonly stderr?: string;
}

export type EventBody =
  | {
      readonly type: 'run-started';
      readonly parameters: Readonly<Record<string, string | boolean>>;
      readonly resumed: boolean;
      /** Title, type and addresses of the site. */
      readonly about?: Readonly<Record<string, string>>;
    }
  | { readonly type: 'stage-started'; readonly stage: string; readonly label: string }
  | { readonly type: 'step'; readonly stage?: string; readonly text: string }
  | {
      readonly type: 'progress';
      readonly stage?: string;
      readonly done: number;
      readonly total?: number;
      readonly unit: string;
    }
  | {
      readonly type: 'fact';
      readonly stage?: string;
      readonly name: string;
      readonly value: string | number | boolean;
    }
  | {
      readonly type: 'counts';
      readonly stage?: string;
      readonly list: CountList;
      /** The largest first. */
      readonly rows: readonly CountRow[];
      /** How many more there were. */
      readonly more: number;
    }
  /** Newest first, without the run itself. `rows`: by table, of the last that is complete. */
  | {
      readonly type: 'history';
      readonly runs: readonly PastRun[];
      readonly rows: readonly CountRow[];
      /** Versions on production and on staging. */
      readonly wordpress?: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'finding';
      readonly stage?: string;
      readonly severity: string;
      readonly code: string;
      readonly message: string;
      readonly details?: readonly string[] | undefined;
      readonly host?: string | undefined;
      readonly next?: string | undefined;
    }
  | {
      readonly type: 'stage-finished';
      readonly stage: string;
      readonly state: string;
      readonly seconds: number;
      readonly summary: string;
    }
  | ({
      readonly type: 'error';
      readonly stage?: string;
    } & WrittenError)
  | { readonly type: 'run-finished'; readonly state: string; readonly exitCode: number };

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
