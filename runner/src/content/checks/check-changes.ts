import { type Finding, several, UnderstudyError } from '../../errors/index.js';
import { type ChangeCounts, type ProductionLink } from '../rsync/change-list.js';
import { type RecordedLists } from '../swap/recorded-lists.js';
import { posix } from 'node:path';
import { showName } from '../rsync/parse-rsync.js';

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

interface LinkPlaces {
  readonly productionPath: string;
  readonly folders: { readonly live: string };
  readonly sameMachine: boolean;
  readonly productionLabel: string;
}

/**
 * Links are copied as links. Those that lead out of the site are named; on one machine a new link into production's folder
 * stops the sync, because staging would write through it.
 */
export function checkLinks(links: readonly ProductionLink[], places: LinkPlaces): readonly Finding[] {
  const intoProduction = places.sameMachine ? links.filter((link) => leadsIntoProduction(link, places)) : [];
  const fresh = intoProduction.filter(({ changed }) => changed);
  if (fresh.length > 0)
    throw new UnderstudyError(
      'CONTENT_LINK_TO_PRODUCTION',
      `On staging, ${describe(fresh)} would lead into production's folder ${places.productionPath}.`,
      { host: places.productionLabel, details: fresh.map(show) },
    );
  if (links.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'CONTENT_LINK_OUTSIDE',
      message: `Links that lead out of the site were copied as they are: ${links.slice(0, 5).map(show).join(', ')}${links.length > 5 ? ', …' : ''}.`,
      host: places.productionLabel,
    },
  ];
}

const show = ({ path, target }: ProductionLink): string => `${showName(path)} → ${showName(target)}`;
const describe = (links: readonly ProductionLink[]): string =>
  links.length === 1 ? `the link ${showName(links[0]?.path ?? Buffer.of())}` : several(links.length, 'link');

function leadsIntoProduction({ path, target }: ProductionLink, places: LinkPlaces): boolean {
  const from = posix.join(places.folders.live, posix.dirname(path.toString('latin1')));
  const reached = posix.resolve(from, target.toString('latin1'));
  return reached === places.productionPath || reached.startsWith(`${places.productionPath}/`);
}
