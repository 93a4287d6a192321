import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { type DatabaseAccess } from '../../../src/database/connection/access.js';
import { type BackupManifest } from '../../../src/database/manifest.js';
import {
  restoreBackup,
  type Restored,
  type RestoreOptions,
} from '../../../src/database/restore/restore-backup.js';
import { createStagingAccount, makeWorld } from '../cutover/cutover-world.js';
import { backUp, type Production, productionAt, RUN } from '../database-dump/support.js';
import { spoilFile } from './spoilt-backup.js';
import { siteDatabase } from '../../../src/database/restore/staging-account.js';

/** The schema that backups are restored into. */
export const NEW = 'acme_understudy_new';

/** A production with its backup, and a staging to restore it on. */
export interface RestoreWorld {
  readonly productionServer: MariaDbServer;
  readonly stagingServer: MariaDbServer;
  readonly production: Production;
  readonly manifest: BackupManifest;
  /** Staging's folder. */
  readonly folder: string;
  /** The copy of the backup on staging, which a test may spoil. */
  readonly backup: string;
  /** What the restore said since the last `reset`. */
  readonly steps: string[];
  /** Data files with rows of a table. */
  shardsOf(table: string): readonly string[];
  firstShardOf(table: string): string;
  /** Changes a file of the copy; the manifest of the copy agrees. */
  spoil(name: string, change: (text: string) => string): Promise<void>;
  /** Another backup takes the place of the copy. */
  receive(backup: string): Promise<void>;
  restore(changes?: Partial<RestoreOptions>): Promise<Restored>;
  /** The copy is as the backup again, and `NEW` is empty. */
  reset(): Promise<void>;
  remove(): Promise<void>;
}

/** @param load fills production's server, and says how its schema is reached */
export async function makeRestoreWorld(
  load: (server: MariaDbServer) => Promise<DatabaseAccess>,
): Promise<RestoreWorld> {
  const [productionServer, stagingServer] = await Promise.all([
    startMariaDb(),
    // So that an event which must not act would.
    startMariaDb({ config: ['--event-scheduler=ON'] }),
  ]);
  const production = await productionAt(await load(productionServer));
  const { manifest } = await backUp(production);
  await createStagingAccount(stagingServer);
  await stagingServer.query('CREATE DATABASE acme');
  const staging = await makeWorld(stagingServer);
  const { folder } = staging;
  const backup = path.join(staging.context.run.stagingFolder, 'backup');
  const steps: string[] = [];
  const shardsOf = (table: string) =>
    manifest.files.filter((file) => file.tables?.includes(table)).map(({ name }) => name);
  const receive = async (from: string) => {
    await rm(backup, { recursive: true, force: true });
    await cp(from, backup, { recursive: true });
  };
  return {
    productionServer,
    stagingServer,
    production,
    manifest,
    folder,
    backup,
    steps,
    shardsOf,
    firstShardOf: (table) => shardsOf(table)[0] ?? 'none',
    spoil: (name, change) => spoilFile(backup, name, change),
    receive,
    restore: async (changes = {}) =>
      restoreBackup(await siteDatabase(staging.context), {
        folder: backup,
        into: NEW,
        live: 'acme',
        events: 'disable',
        connections: 4,
        jobsFolder: folder,
        onStep: (text) => steps.push(text),
        onProgress: () => undefined,
        ...changes,
      }),
    reset: async () => {
      steps.length = 0;
      await receive(path.join(production.folder, RUN, 'backup'));
      await stagingServer.query(
        `DROP DATABASE IF EXISTS ${NEW}; CREATE DATABASE ${NEW} CHARACTER SET utf8mb4`,
      );
    },
    remove: async () => {
      await staging.remove();
      await rm(production.folder, { recursive: true, force: true });
      await Promise.all([productionServer.stop(), stagingServer.stop()]);
    },
  };
}
