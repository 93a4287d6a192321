import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import * as json from '../config/schema/shapes.js';
import { within } from '../hosts/deferred.js';
import { type ReadingHost, type WritingHost } from '../hosts/host.js';
import { readHostFile, writeHostFile } from '../hosts/host-files.js';
import { type RunRecord, type StageRecord } from './run-record.js';

const MOST_RUNS = 30;
/** Bytes. */
const LARGEST_HISTORY = 256 * 1024;
/** What a dead connection may cost at the end of a command. */
const PATIENCE_MS = 15_000;

export const pastRunShape = json.record({
  run: json.runId,
  state: json.oneOf('running', 'complete', 'failed', 'aborted'),
  /** Of all its stages together. */
  seconds: json.amount,
  /** Of its backup, compressed; 0 where it made none. */
  bytes: json.amount,
});
const history = json.record({
  version: json.constant(1),
  runs: json.listOf(pastRunShape, { maxItems: MOST_RUNS }),
  /** Rows by table of the last copy that was put in place. */
  rows: json.mapOf(json.amount, 1000),
});
/** How a run ended: what is left of it when its record has been removed. */
export type PastRun = json.ShapeOf<typeof pastRunShape>;
/**
 * `history.json` in staging's work folder: the last runs of the site, newest first. The records of runs that failed go
 * with the next run; this stays. Untrusted like every file on a host: it is shown and decides nothing but whether a
 * message is sent.
 */
export type RunHistory = json.ShapeOf<typeof history>;

const NO_HISTORY: RunHistory = { version: 1, runs: [], rows: {} };
const validate = documentValidator(history);

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
 * @param hasEnded before, nothing is written
 * @returns the history before it, without the run itself
 */
export async function addToHistory(
  host: WritingHost,
  workDir: string,
  own: { readonly run: string; readonly state: RunRecord['state'] },
  record: RunRecord | undefined,
  hasEnded: Promise<void>,
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
    await hasEnded;
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
