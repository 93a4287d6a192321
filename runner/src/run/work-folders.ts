import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { UnderstudyError } from '../errors/index.js';
import { type RunRecord, type WorkFolders } from './run-record.js';
import { parseRunRecord } from './run-record.js';
import { type RunStore } from './run-record.js';

/** The work folders as this process sees them, absolute. */
export const workFoldersOf = (store: RunStore): WorkFolders => ({
  staging: store.stagingWorkDir,
  production: store.site.production.workDir,
});

/**
 * A run's lock, journal, backups and records lie in its work folders. Where a later process finds other folders under
 * the same name (the account's home folder was moved, `~` became another one), it would go on without them.
 * @throws WORK_FOLDER_CHANGED
 */
export function assertSameWorkFolder(run: RunRecord, store: RunStore, side: keyof WorkFolders): void {
  const former = run.folders?.[side];
  const now = workFoldersOf(store)[side];
  if (former === undefined || former === now) return;
  throw new UnderstudyError(
    'WORK_FOLDER_CHANGED',
    `The work folder on ${side} was ${former} when run ${run.id} began, and is ${now} now.`,
    { details: [`The lock, the records and the backups of that run lie in ${former}.`] },
  );
}

/** What this machine keeps of a run's record; undefined where it has none that can be read. */
export function copyOfRecord({ workspace, site }: RunStore, id: string): RunRecord | undefined {
  const file = path.join(workspace, site.name, id, 'record.json');
  if (!existsSync(file)) return undefined;
  try {
    return parseRunRecord(readFileSync(file), { site: site.name, id });
  } catch {
    return undefined;
  }
}
