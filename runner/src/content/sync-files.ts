import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finding } from '../errors/index.js';
import { type ChangeList } from './rsync/change-list.js';
import {
  checkLinks,
  checkDeletions,
  checkProduction,
  checkSpace,
  keptFinding,
} from './checks/check-changes.js';
import { compareAndRecord, planFiles, type ContentOutcome, type SpoolFiles } from './rsync/compare-files.js';
import { type ContentEnds, type ContentWatch } from './content-ends.js';
import { finishFileSwap, runFolder } from './swap/file-swap.js';
import { holdBackSettings } from './settings/hold-back-settings.js';
import { sendChanges } from './rsync/send-changes.js';
import { assertNothingAppeared, findStaying, recordedSettings, type Staying } from './swap/staying-files.js';
import { deleteListed, prepareIncoming, planTheSwap, pruneIncoming } from './swap/staging-scripts.js';

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
    const room = await prepareIncoming(ends);
    const outcome = await compareAndRecord(ends, watch, spool, !room.inventory);
    judge(ends, watch, outcome, maxDeletePercent);
    const without = await holdBackSettings(ends, watch, spool.search, outcome.changes);
    checkSpace(outcome.changes.counts, room.freeBytes, staging.label);
    if (hasChanges(outcome.changes)) {
      const incoming = `${runFolder(folders)}/incoming`;
      const basis = [...(room.previous ? [`${runFolder(folders)}/previous`] : []), folders.live];
      await sendChanges(ends, watch, { spool: spool.changed, without }, outcome.changes, {
        target: incoming,
        basis,
      });
      await assertNothingAppeared(ends, spool.search, without, incoming);
      await pruneIncoming(ends);
    }
    if (hasChanges(outcome.changes) || outcome.changes.hasSurplus) await planTheSwap(ends, watch);
    return outcome;
  });
}

/** What a sync of files would do, and which files it would leave on production as its settings. Reads only. */
export async function planSync(
  ends: Omit<ContentEnds, 'job'>,
  watch: ContentWatch,
): Promise<ContentOutcome & Staying> {
  return withSpool(async ({ search }) => {
    const isFirst = (await recordedSettings(ends)) === undefined;
    const outcome = await planFiles(ends, watch, search, isFirst);
    const staying = await findStaying(ends, search);
    outcome.changes.leaveOut(staying.files);
    return { ...outcome, ...staying };
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
    const room = await prepareIncoming(ends);
    const outcome = await compareAndRecord(ends, watch, spool, !room.inventory);
    judge(ends, watch, outcome, settings.maxDeletePercent);
    const without = await holdBackSettings(ends, watch, spool.search, outcome.changes);
    await planTheSwap(ends, watch);
    await deleteListed(ends);
    if (hasChanges(outcome.changes)) {
      await sendChanges(ends, watch, { spool: spool.changed, without }, outcome.changes, {
        target: folders.live,
        basis: [],
        // It writes into what is served: not for a run that was suspended and has lost its lock.
        ...(ends.route.kind === 'direct' && ends.staging.underFence !== undefined
          ? { farProgram: ends.staging.underFence(['rsync']) }
          : {}),
      });
      await assertNothingAppeared(ends, spool.search, without, folders.live);
    }
    await finishFileSwap(ends.staging, folders, settings.keepGenerations, { signal: ends.signal });
    return outcome;
  });
}

const hasChanges = ({ counts }: ChangeList): boolean => counts.created + counts.updated + counts.folders > 0;

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

/** Files of our own on the runner for names. */
async function withSpool<Result>(work: (files: SpoolFiles) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-content-'));
  try {
    return await work({ changed: join(folder, 'changed'), search: join(folder, 'search') });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
