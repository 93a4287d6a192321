import { type StageName, stagesOf } from '../../config/stage-list.js';
import { type SiteType } from '../../config/site.js';
import { backupDatabase } from '../../stages/backup-database.js';
import { dropDatabase } from '../../stages/drop-database.js';
import { importDatabase } from '../../stages/import-database.js';
import { rewriteUrls } from '../../stages/rewrite-urls.js';
import { type Stage } from '../../stages/stage.js';
import { syncContent } from '../../stages/sync-content.js';
import { transferBackup } from '../../stages/transfer-backup.js';

const BY_NAME: Readonly<Record<StageName, Stage>> = {
  'sync-content': syncContent,
  'backup-database': backupDatabase,
  'transfer-backup': transferBackup,
  'drop-database': dropDatabase,
  'import-database': importDatabase,
  'rewrite-urls': rewriteUrls,
};

/** The stages of a sync, in the order of the table in config/stage-list.ts. */
export const syncStages = (type: SiteType): readonly Stage[] => stagesOf(type).map((name) => BY_NAME[name]);

export const stageByName = (name: StageName): Stage => BY_NAME[name];
