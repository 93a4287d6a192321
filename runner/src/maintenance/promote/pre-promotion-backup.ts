import { type DatabaseAccess } from '../../database/connection/access.js';
import { withDatabase } from '../../database/connection/open-database.js';
import { backupFindings, type BackupSurvey } from '../../database/dump/findings.js';
import { lookAtDatabase } from '../../database/dump/look-at-database.js';
import { PRUNE_SCRIPT } from '../../commands/scripts/backup-scripts.js';
import { readBackup } from '../../database/restore/read-backup.js';
import { createWholeBackup } from '../../database/restore/whole-backup.js';
import { restoreBackup } from '../../database/restore/restore-backup.js';
import { replaceObjects } from '../../database/restore/objects/replace-objects.js';
import { UnderstudyError } from '../../errors/index.js';
import { shellScript } from '../../commands/command.js';
import { type Site } from '../../config/site.js';
import { type Finding } from '../../errors/index.js';
import { type ProductionHost, type WritingHost } from '../../hosts/host.js';
import { emptySchema } from '../../database/restore/objects/schema-objects.js';

export interface PrePromotionBackup {
  readonly site: Site;
  readonly run: string;
  /** Reads, and writes backups into its own work folder. */
  readonly host: ProductionHost;
  readonly access: DatabaseAccess;
  readonly signal: AbortSignal;
  readonly step: (text: string) => void;
}

/** Backups of promotions lie apart from those of syncs, which come and go by their own count. */
const backupFolder = (host: Pick<ProductionHost, 'workDir'>, run: string): string =>
  `${host.workDir}/promotion-backups/${run}/backup`;

export interface PromotionBackupSurvey extends BackupSurvey {
  readonly findings: readonly Finding[];
  /** Every table is the site's: the schema may be put back as a whole. */
  readonly restorable: boolean;
  readonly backupSeconds: number;
  readonly restoreSeconds: number;
}

/** Bytes of SQL a second, cautiously: a small server with a slow disk. */
const DUMP_RATE = 20e6;
const RESTORE_RATE = 6e6;

export async function surveyDatabase(backup: PrePromotionBackup): Promise<PromotionBackupSurvey> {
  const { host, access, signal } = backup;
  const survey = await withDatabase(host, access, { signal }, (connection) =>
    lookAtDatabase({ host, access, connection }, { workDir: host.workDir, structureOnly: [] }),
  );
  const { database, expectedRawBytes: expected } = survey;
  return {
    ...survey,
    host,
    findings: backupFindings(survey),
    restorable: access.prefix !== '' && database.tables.every(({ name }) => name.startsWith(access.prefix)),
    backupSeconds: Math.ceil(expected / DUMP_RATE) + 2,
    restoreSeconds: Math.ceil(expected / RESTORE_RATE) + 5,
  };
}

/** Waits until no request that began before the page is left; what is still there afterwards is returned. */
export async function waitForWriters(
  { host, access, signal }: PrePromotionBackup,
  seconds: number,
): Promise<number> {
  return withDatabase(host, access, { signal }, async (connection) => {
    for (let left = seconds * 2; ; left--) {
      const rows = await connection.query(
        `SELECT COUNT(*) AS n FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND db = ? AND user = SUBSTRING_INDEX(USER(), '@', 1)`,
        [access.name],
      );
      const others = Number(rows[0]?.['n'] ?? 0);
      if (others === 0 || left <= 0) return others;
      await new Promise((resolve) => setTimeout(resolve, 500));
      signal.throwIfAborted();
    }
  });
}

/** A whole backup, read back and compared. @returns its folder */
export async function backUpDatabase(
  backup: PrePromotionBackup,
  survey: PromotionBackupSurvey,
): Promise<string> {
  const { host, access, site, run, signal } = backup;
  const folder = backupFolder(host, run);
  await createWholeBackup({
    site,
    host,
    workDir: host.workDir,
    access,
    tools: survey.tools,
    database: survey.database,
    run,
    folder,
    signal,
    onRetry: backup.step,
  });
  return folder;
}

/** Before anything is put back: the backup of that run is whole. @throws BACKUP_INVALID … */
export const assertBackup = async ({
  host,
  run,
}: Pick<PrePromotionBackup, 'host' | 'run'>): Promise<void> => {
  await readBackup(host, backupFolder(host, run));
};

export async function pruneBackups({ host, site }: PrePromotionBackup): Promise<void> {
  const parent = `${host.workDir}/promotion-backups`;
  const keep = String(Math.max(1, site.run.keepBackups));
  await host.run(shellScript('remove-own-backup', PRUNE_SCRIPT, [parent, keep, '.'], parent), {
    allowedExitCodes: 'any',
    label: 'remove old backups',
  });
}

/**
 * Puts the whole schema back as the backup has it. May be repeated; the backup is proven before anything is dropped.
 * The caller sees to it that nothing else writes.
 */
export async function restoreDatabase(backup: PrePromotionBackup, host: WritingHost): Promise<void> {
  const { access, site, run, signal, step } = backup;
  const folder = backupFolder(backup.host, run);
  await readBackup(host, folder);
  await withDatabase(host, access, { signal }, (connection) => emptySchema(connection, access.name));
  const { objects } = await restoreBackup(
    { host, access },
    {
      folder,
      into: access.name,
      live: access.name,
      events: 'keep',
      connections: site.database.connections,
      jobsFolder: backup.host.workDir,
      onStep: step,
      signal,
    },
  );
  const [refused] = await withDatabase(host, access, { signal }, (connection) =>
    replaceObjects(connection, access.name, objects, () => Promise.resolve(connection)),
  );
  if (refused !== undefined)
    throw new UnderstudyError('OBJECT_REFUSED', `${refused.object.name} was not made: ${refused.why}.`);
}
