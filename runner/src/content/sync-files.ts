import { createReadStream, openSync, closeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareTrees, sendFiles } from '../commands/rsync.js';
import { shellScript } from '../commands/command.js';
import { type Finding, UnderstudyError } from '../errors/index.js';
import { type RunOptions, type WritingHost } from '../hosts/host.js';
import { type Route } from '../hosts/route.js';
import { type OnProgress } from '../run/progress.js';
import { ChangeList } from './change-list.js';
import { checkLinks } from './check-links.js';
import { checkDeletions, checkProduction, checkSpace, keptFinding } from './check-changes.js';
import { finishFileSwap, generationFolder, inventoryFile, runFolder, type SwapFolders } from './file-swap.js';
import { parseRecordedLists, type RecordedLists } from './recorded-lists.js';
import { ProgressOutput, runRsync, type RsyncRun } from './run-rsync.js';
import { DELETE_LISTED, PREPARE_INCOMING, TIDY_INCOMING } from './scripts/generations.js';
import { planSwap } from './scripts/plan-swap.js';
import { COMPARE_WITH_INVENTORY, RECORD_LISTS } from './scripts/record-lists.js';
import { type Interpreter, twoScripts } from './scripts/script.js';

/** The two trees of a sync and the way between them. */
export interface ContentEnds {
  readonly route: Pick<Route, 'run' | 'remoteShell' | 'remote'>;
  readonly productionPath: string;
  readonly productionLabel: string;
  readonly staging: WritingHost;
  readonly folders: SwapFolders;
  readonly filters: readonly string[];
  /** `content.checksum`: files are compared by what is in them. */
  readonly checksum?: boolean;
  /** Both sides are one machine: a link into production's folder would work there. */
  readonly sameMachine: boolean;
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
  readonly job?: NonNullable<RunOptions['job']>;
  readonly interpreter?: Interpreter;
}

export interface ContentWatch {
  step(text: string): void;
  readonly progress: OnProgress;
  warn(finding: Finding): void;
}

export interface ContentOutcome {
  readonly changes: ChangeList;
  readonly lists: RecordedLists;
}

/**
 * Brings production's files to `incoming` beside staging's live tree and writes what a cutover will do
 * (scripts/plan-swap.ts). The live tree is only read.
 */
export async function stageFiles(
  ends: ContentEnds,
  watch: ContentWatch,
  maxDeletePercent: number,
): Promise<ContentOutcome> {
  const { staging, folders } = ends;
  return withSpool(async (spool) => {
    const room = await prepare(ends);
    const outcome = await compareAndRecord(ends, watch, spool, !room.inventory);
    judge(ends, watch, outcome, maxDeletePercent);
    checkSpace(outcome.changes.counts, room.freeBytes, staging.label);
    if (hasChanges(outcome.changes)) {
      const basis = [...(room.previous ? [`${runFolder(folders)}/previous`] : []), folders.live];
      await send(ends, watch, spool, outcome.changes, { target: `${runFolder(folders)}/incoming`, basis });
      await runOnStaging(ends, 'tidying up', TIDY_INCOMING, [runFolder(folders)]);
    }
    if (hasChanges(outcome.changes) || outcome.changes.hasSurplus) await planTheSwap(ends, watch);
    return outcome;
  });
}

/** `content.apply: immediate`: deletes and writes in the live tree at once. Nothing of it can be undone. */
export async function writeFilesAtOnce(
  ends: ContentEnds,
  watch: ContentWatch,
  settings: { readonly maxDeletePercent: number; readonly keepGenerations: number },
): Promise<ContentOutcome> {
  const { folders } = ends;
  return withSpool(async (spool) => {
    const room = await prepare(ends);
    const outcome = await compareAndRecord(ends, watch, spool, !room.inventory);
    judge(ends, watch, outcome, settings.maxDeletePercent);
    await planTheSwap(ends, watch);
    const lists = `${runFolder(folders)}/content`;
    await runOnStaging(ends, 'deleting files', DELETE_LISTED, [folders.live, lists]);
    if (hasChanges(outcome.changes))
      await send(ends, watch, spool, outcome.changes, { target: folders.live, basis: [] });
    await finishFileSwap(ends.staging, folders, settings.keepGenerations, { signal: ends.signal });
    return outcome;
  });
}

/** What a sync would do; writes nothing anywhere, so its ends name no job: a job leaves a file on production. */
export async function planFiles(
  ends: Omit<ContentEnds, 'job'>,
  watch: ContentWatch,
): Promise<ContentOutcome> {
  const script = shellScript('read', COMPARE_WITH_INVENTORY, [inventoryFile(ends.folders)]);
  return compare(ends, watch, new ChangeList(), script, false);
}

const hasChanges = ({ counts }: ChangeList): boolean => counts.created + counts.updated + counts.folders > 0;

/** One pass over both trees; the lists are recorded on staging while they come. */
async function compareAndRecord(
  ends: ContentEnds,
  watch: ContentWatch,
  spool: string,
  all: boolean,
): Promise<ContentOutcome> {
  const lists = `${runFolder(ends.folders)}/content`;
  const script = shellScript('write', RECORD_LISTS, [lists, inventoryFile(ends.folders)]);
  const file = openSync(spool, 'w', 0o600);
  try {
    return await compare(ends, watch, new ChangeList(file), script, all);
  } finally {
    closeSync(file);
  }
}

async function compare(
  ends: ContentEnds,
  watch: ContentWatch,
  changes: ChangeList,
  script: ReturnType<typeof shellScript<'read' | 'write'>>,
  all: boolean,
): Promise<ContentOutcome> {
  watch.step('Comparing the files of production and staging');
  const stop = new AbortController();
  const signal = AbortSignal.any([ends.signal, stop.signal]);
  const recording = ends.staging.run(script, {
    stdin: changes,
    signal,
    timeoutSeconds: ends.timeoutSeconds,
    describe: 'recording which files there are',
  });
  // Who reads the list failed: rsync would wait for a reader for ever.
  recording.catch(() => {
    stop.abort();
    changes.resume();
  });
  const command = compareTrees({
    route: ends.route,
    source: ends.productionPath,
    target: ends.folders.live,
    filters: ends.filters,
    all,
    checksum: ends.checksum === true,
  });
  try {
    const findings = await runRsync(command, changes, rsyncRun(ends, signal));
    findings.forEach((finding) => {
      watch.warn(finding);
    });
  } catch (error) {
    stop.abort();
    changes.destroy();
    await recording.catch((cause: unknown) => {
      if (!isInterruption(cause) && isInterruption(error)) throw cause;
    });
    throw error;
  }
  const { stdout } = await recording;
  return { changes, lists: parseRecordedLists(stdout.toString('latin1')) };
}

const isInterruption = (error: unknown): boolean =>
  error instanceof UnderstudyError && error.code === 'INTERRUPTED';

async function send(
  ends: ContentEnds,
  watch: ContentWatch,
  spool: string,
  changes: ChangeList,
  place: { readonly target: string; readonly basis: readonly string[] },
): Promise<void> {
  const { created, updated, bytes } = changes.counts;
  watch.step(`Copying ${String(created + updated)} files to staging`);
  const command = sendFiles({
    route: ends.route,
    source: ends.productionPath,
    ...place,
    unfinished: `${runFolder(ends.folders)}/unfinished`,
    checksum: ends.checksum === true,
  });
  const output = new ProgressOutput(watch.progress, bytes);
  const stdin = createReadStream(spool);
  const findings = await runRsync(command, output, { ...rsyncRun(ends, ends.signal), stdin });
  findings.forEach((finding) => {
    watch.warn(finding);
  });
}

const rsyncRun = (ends: ContentEnds, signal: AbortSignal): RsyncRun => ({
  route: ends.route,
  label: `${ends.productionLabel} → ${ends.staging.label}`,
  signal,
  timeoutSeconds: ends.timeoutSeconds,
  ...(ends.job === undefined ? {} : { job: ends.job }),
});

/** Everything that stops a sync once the trees were compared, and what a person should know of them. */
function judge(
  ends: ContentEnds,
  watch: ContentWatch,
  { changes, lists }: ContentOutcome,
  maxDeletePercent: number,
): void {
  checkProduction(changes.counts, ends.productionLabel, ends.productionPath);
  checkDeletions(changes.counts, lists, maxDeletePercent, ends.staging.label);
  const findings = [
    ...keptFinding(lists, ends.staging.label, `${runFolder(ends.folders)}/content/kept.list`),
    ...checkLinks(changes.links, ends),
    ...specialFiles(changes.skipped, ends.productionLabel),
  ];
  findings.forEach((finding) => {
    watch.warn(finding);
  });
}

const specialFiles = (skipped: readonly string[], host: string): readonly Finding[] =>
  skipped.length === 0
    ? []
    : [
        {
          severity: 'info',
          code: 'CONTENT_SPECIAL_FILES',
          message: `Pipes, sockets and devices were left out: ${skipped.slice(0, 5).join(', ')}.`,
          host,
        },
      ];

async function planTheSwap(ends: ContentEnds, watch: ContentWatch): Promise<void> {
  const { staging, folders } = ends;
  const command = twoScripts(
    'write',
    planSwap,
    [folders.live, runFolder(folders)],
    ends.interpreter ?? 'auto',
  );
  const { stdout } = await staging.run(command, {
    describe: 'noting which files change places',
    timeoutSeconds: ends.timeoutSeconds,
    signal: ends.signal,
  });
  const words = stdout.toString().split('\0');
  const strangers = Number(words[words.indexOf('owner') + 1]);
  if (strangers > 0)
    watch.warn({
      severity: 'warning',
      code: 'CONTENT_OWNER',
      message: `${String(strangers)} new files could not get the owner or group that their neighbours have.`,
      host: staging.label,
    });
}

async function runOnStaging(
  ends: ContentEnds,
  describe: string,
  text: string,
  args: readonly string[],
): Promise<Buffer> {
  const { stdout } = await ends.staging.run(shellScript('write', text, args), {
    describe,
    timeoutSeconds: ends.timeoutSeconds,
    signal: ends.signal,
  });
  return stdout;
}

interface Room {
  readonly previous: boolean;
  readonly inventory: boolean;
  readonly freeBytes: number | undefined;
}

async function prepare(ends: ContentEnds): Promise<Room> {
  const { folders } = ends;
  const answer = await runOnStaging(ends, 'making room for the files', PREPARE_INCOMING, [
    folders.live,
    runFolder(folders),
    generationFolder(folders),
    inventoryFile(folders),
  ]);
  return parseRoom(answer.toString());
}

/** Answer of PREPARE_INCOMING. */
function parseRoom(text: string): Room {
  const free = /^free (\d+)$/m.exec(text)?.[1];
  return {
    previous: /^previous$/m.test(text),
    inventory: /^inventory$/m.test(text),
    freeBytes: free === undefined ? undefined : Number(free) * 1024,
  };
}

/** A file of our own on the runner for the names that rsync is to send. */
async function withSpool<Result>(work: (file: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-content-'));
  try {
    return await work(join(folder, 'changed'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
