import { type MaintenanceSettings } from '../../config/sections.js';
import { type Site } from '../../config/site.js';
import { type Reporter } from '../../report/events/reporter.js';
import { type WritingHost } from '../../hosts/host.js';
import { type SiteLayout } from '../../wordpress/site/site-layout.js';
import { type CodeRules } from '../tree/code-rules.js';
import { type Tree } from '../tree/site-tree.js';
import { type PromotionBackupSurvey, type PrePromotionBackup } from './pre-promotion-backup.js';
import { type Instances } from './operation/instances.js';
import { type BypassToken } from './page.js';

export type PromotionReporter = Pick<Reporter, 'step' | 'warn'>;

/** What undoing needs: no tree, no staging. */
export interface RecoveryContext {
  readonly site: Site;
  readonly settings: MaintenanceSettings;
  readonly instances: Instances;
  readonly bypass: BypassToken;
  /** Of production, as its wp-config.php says. */
  readonly layout: SiteLayout;
  readonly reporter: PromotionReporter;
  /** For the run whose promotion is undone. */
  prePromotionBackup(run: string): Promise<PrePromotionBackup>;
  /** The connection that may write to the database's machine; opened for a restore alone. */
  databaseHost(): Promise<WritingHost>;
}

export interface PromotionContext extends RecoveryContext {
  readonly run: string;
  readonly rules: CodeRules;
  readonly tested: Tree;
  /** Its tested files are read. */
  readonly staging: WritingHost;
  /** Digest of the code that production had when staging was synced. */
  readonly formerDigest: string;
  /** The entries of that tree, to name a difference. */
  readonly former: Tree | undefined;
  readonly survey: PromotionBackupSurvey;
  readonly multisite: boolean;
  readonly signal: AbortSignal;
}
