import { type Site } from '../../config/site.js';
import { type ProductionHost, type WritingHost } from '../../hosts/host.js';
import { openDatabase } from '../connection/open-database.js';
import { type BackupOrder, createBackup } from '../dump/create-backup.js';
import { expectedRawBytes } from '../dump/survey-schema.js';
import { readBackup } from './read-backup.js';

export interface WholeBackup extends Pick<
  BackupOrder,
  'access' | 'tools' | 'database' | 'run' | 'folder' | 'signal' | 'onRetry'
> {
  readonly site: Pick<Site, 'name' | 'run'>;
  readonly host: ProductionHost | WritingHost;
  /** For the dump's own files, absolute. */
  readonly workDir: string;
}

/** A backup of every table with all its rows, from which a side is put back: its files are read back and compared. */
export async function createWholeBackup({ host, workDir, site, ...order }: WholeBackup): Promise<void> {
  await createBackup({
    ...order,
    host: { label: host.label, run: (command, options) => host.run(command, options), workDir },
    connect: () => openDatabase(host, order.access, { signal: order.signal }),
    structureOnly: [],
    expectedRawBytes: expectedRawBytes(order.database, []),
    site: site.name,
    timeoutSeconds: site.run.stageTimeoutSeconds,
  });
  await readBackup(host, order.folder);
}
