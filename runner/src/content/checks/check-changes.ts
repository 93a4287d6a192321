import { type Finding, several, UnderstudyError } from '../../errors/index.js';
import { type ChangeCounts } from '../rsync/change-list.js';
import { type RecordedLists } from '../swap/recorded-lists.js';

/** An empty production is a wrong path or an unmounted disk, never a wish to empty staging. */
export function checkProduction(counts: ChangeCounts, host: string, path: string): void {
  if (counts.production === 0)
    throw new UnderstudyError('CONTENT_SOURCE_MISSING', `There is no file in ${path} on production.`, {
      host,
    });
}

/**
 * `content.maxDeletePercent`: the share is of staging's files and links, without those that are never touched.
 * @throws UnderstudyError TOO_MANY_DELETIONS with the figures and some names
 */
export function checkDeletions(
  counts: ChangeCounts,
  lists: RecordedLists,
  maxDeletePercent: number,
  host: string,
): void {
  const percent = counts.staging === 0 ? 0 : (100 * lists.deleted) / counts.staging;
  if (percent <= maxDeletePercent) return;
  throw new UnderstudyError(
    'TOO_MANY_DELETIONS',
    `The sync would delete ${String(lists.deleted)} of staging's ${several(counts.staging, 'file')} (${percent.toFixed(1)} %); content.maxDeletePercent allows ${String(maxDeletePercent)} %.`,
    { host, details: lists.deletedNames.slice(0, 10) },
  );
}

const RESERVE = 64 * 1024 * 1024;

/** Before a byte is sent: the files must fit and leave a little room. @param freeBytes undefined: not known */
export function checkSpace(counts: ChangeCounts, freeBytes: number | undefined, host: string): void {
  if (freeBytes === undefined || counts.room === 0 || counts.room + RESERVE <= freeBytes) return;
  throw new UnderstudyError(
    'CONTENT_DISK_FULL',
    `The changed files need ${megabytes(counts.room + RESERVE)} on staging and ${megabytes(freeBytes)} are free.`,
    { host },
  );
}

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;

/** @param list where all names stand on staging */
export function keptFinding(lists: RecordedLists, host: string, list: string): readonly Finding[] {
  if (lists.kept === 0) return [];
  return [
    {
      severity: 'info',
      code: 'CONTENT_ONLY_ON_STAGING',
      message: `${several(lists.kept, 'file that no sync brought is on staging alone and stays', 'files that no sync brought are on staging alone and stay')} there: ${lists.preservedNames.slice(0, 5).join(', ')}${lists.kept > 5 ? ', …' : ''} (all: ${list}).`,
      host,
    },
  ];
}
