import { closeSync, openSync } from 'node:fs';
import { compareTrees } from '../../commands/rsync.js';
import { shellScript } from '../../commands/command.js';
import { UnderstudyError } from '../../errors/index.js';
import { ChangeList } from './change-list.js';
import { rsyncRun, type ContentEnds, type ContentWatch } from '../content-ends.js';
import { inventoryFile, runFolder } from '../swap/file-swap.js';
import { parseRecordedLists, type RecordedLists } from '../swap/recorded-lists.js';
import { runRsync } from './run-rsync.js';
import { COMPARE_WITH_INVENTORY, RECORD_LISTS } from '../../commands/scripts/content/record-lists.js';

export interface ContentOutcome {
  readonly changes: ChangeList;
  readonly lists: RecordedLists;
}

/** Files on the runner. */
export interface SpoolFiles {
  /** The names that rsync is to send, each ended by NUL. */
  readonly changed: string;
  /** What is searched for settings. */
  readonly search: string;
}

/**
 * One pass over both trees; the lists are recorded on staging while they come.
 * @param spool where names go
 * @param all names also what is the same on both sides
 */
export async function compareAndRecord(
  ends: ContentEnds,
  watch: ContentWatch,
  spool: SpoolFiles,
  all: boolean,
): Promise<ContentOutcome> {
  const lists = `${runFolder(ends.folders)}/content`;
  const script = shellScript('write', RECORD_LISTS, [lists, inventoryFile(ends.folders)]);
  const [changed, search] = [openSync(spool.changed, 'w', 0o600), openSync(spool.search, 'w', 0o600)];
  try {
    return await compare(ends, watch, new ChangeList({ changed, search }), script, all);
  } finally {
    closeSync(changed);
    closeSync(search);
  }
}

/**
 * What a sync would do; writes nothing anywhere, so its ends name no job: a job leaves a file on production.
 * @param search file on the runner for what is searched for settings
 */
export async function planFiles(
  ends: Omit<ContentEnds, 'job'>,
  watch: ContentWatch,
  search: string,
  all: boolean,
): Promise<ContentOutcome> {
  const script = shellScript('read', COMPARE_WITH_INVENTORY, [inventoryFile(ends.folders)]);
  const spool = openSync(search, 'w', 0o600);
  try {
    return await compare(ends, watch, new ChangeList({ search: spool }), script, all);
  } finally {
    closeSync(spool);
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
    // It waits for rsync, which needs a session on the same host.
    longLived: true,
    label: 'recording which files there are',
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
  } catch (cause) {
    // A full disk of the runner breaks the list off, and both commands with it.
    const error = changes.errored instanceof UnderstudyError ? changes.errored : cause;
    stop.abort();
    changes.destroy();
    await recording.catch((refusal: unknown) => {
      if (!isInterruption(refusal) && isInterruption(error)) throw refusal;
    });
    throw error;
  }
  const { stdout } = await recording;
  return { changes, lists: parseRecordedLists(stdout.toString('latin1')) };
}

const isInterruption = (error: unknown): boolean =>
  error instanceof UnderstudyError && error.code === 'INTERRUPTED';
