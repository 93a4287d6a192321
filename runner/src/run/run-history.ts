import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import { within } from '../hosts/deferred.js';
import { type ReadingHost, type WritingHost } from '../hosts/host.js';
import { readHostFile, writeHostFile } from '../hosts/host-files.js';
import { type RunRecord, type StageRecord } from './run-record.js';

/** How a run ended: what is left of it when its record has been removed. */
export interface PastRun {
  readonly run: string;
  readonly state: RunRecord['state'];
  /** Of all its stages together. */
  readonly seconds: number;
  /** Of its backup, compressed; 0 where it made none. */
  readonly bytes: number;
}

/**
 * `history.json` in staging's work folder: the last runs of the site, newest first. The records of runs that failed go
 * with the next run; this stays. Untrusted like every file on a host: it is shown and decides nothing but whether a
 * message is sent.
 */
export interface RunHistory {
  readonly version: 1;
  readonly runs: readonly PastRun[];
  /** Rows by table of the last copy that was put in place. */
  readonly rows: Readonly<Record<string, number>>;
}

const MOST_RUNS = 30;
/** Bytes. */
const LARGEST_HISTORY = 256 * 1024;
/** What a dead connection may cost at the end of a command. */
const PATIENCE_MS = 15_000;
const NO_HISTORY: RunHistory = { version: 1, runs: [], rows: {} };

const count = { type: 'number', minimum: 0 };
const validate = documentValidator<RunHistory>({
  type: 'object',
  additionalProperties: false,
  required: ['version', 'runs', 'rows'],
  properties: {
    version: { const: 1 },
    runs: {
      type: 'array',
      maxItems: MOST_RUNS,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['run', 'state', 'seconds', 'bytes'],
        properties: {
          run: { type: 'string', pattern: '^\\d{8}T\\d{6}Z-[0-9a-f]{6}$' },
          state: { enum: ['running', 'complete', 'failed', 'aborted'] },
          seconds: count,
          bytes: count,
        },
      },
    },
    rows: { type: 'object', maxProperties: 1000, additionalProperties: count },
  },
});

const fileIn = (workDir: string): string => `${workDir}/history.json`;

async function readHistory(host: ReadingHost, workDir: string): Promise<RunHistory | undefined> {
  const refuse = (why: string): never => {
    throw new Error(why);
  };
  const bytes = await readHostFile(host, fileIn(workDir), { refuse, maxBytes: LARGEST_HISTORY });
  return bytes === undefined ? undefined : readDocument(bytes, validate, refuse);
}

/** The site's last runs; none where staging does not say. Never fails and never waits long. */
export async function lastRuns(host: ReadingHost, workDir: string): Promise<RunHistory> {
  return (await within(PATIENCE_MS, readHistory(host, workDir))) ?? NO_HISTORY;
}

/**
 * Puts a run on top of the history. Never fails and never waits long: staging may be out of reach. A run that was refused
 * before it had a record writes nothing where no run was before: its staging may have been production.
 * @param record of the run, where it has one
 * @returns the history before it, without the run itself
 */
export async function addToHistory(
  host: WritingHost,
  workDir: string,
  own: { readonly run: string; readonly state: RunRecord['state'] },
  record: RunRecord | undefined,
): Promise<RunHistory> {
  const add = async (): Promise<RunHistory> => {
    const found = await readHistory(host, workDir).catch(() => NO_HISTORY);
    const known = found ?? NO_HISTORY;
    const runs = known.runs.filter(({ run }) => run !== own.run);
    const rows = record?.state === 'complete' ? rowsOf(record) : undefined;
    const next: RunHistory = {
      version: 1,
      runs: [pastRun(own.run, own.state, record), ...runs].slice(0, MOST_RUNS),
      rows: rows ?? known.rows,
    };
    if (found !== undefined || record !== undefined)
      await writeHostFile(host, fileIn(workDir), `${JSON.stringify(next)}\n`);
    return { ...known, runs };
  };
  return (await within(PATIENCE_MS, add())) ?? NO_HISTORY;
}

/** @param record undefined where the run ended before it had one */
function pastRun(run: string, state: RunRecord['state'], record: RunRecord | undefined): PastRun {
  const bytes = record?.stages['backup-database']?.outputs?.['bytes'];
  const seconds = Object.values(record?.stages ?? {}).reduce((sum, stage) => sum + secondsOf(stage), 0);
  return {
    run,
    state,
    seconds: Math.round(seconds * 10) / 10,
    bytes: typeof bytes === 'number' && bytes >= 0 ? bytes : 0,
  };
}

const secondsOf = ({ startedAt, finishedAt }: StageRecord): number =>
  finishedAt === undefined ? 0 : Math.max(0, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);

/** Rows by table that the import of a run counted. */
function rowsOf(record: RunRecord): Record<string, number> | undefined {
  const rows = record.stages['import-database']?.outputs?.['rows'];
  if (typeof rows !== 'object' || rows === null) return undefined;
  return Object.fromEntries(
    Object.entries(rows)
      .filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= 0)
      .slice(0, 1000),
  );
}
