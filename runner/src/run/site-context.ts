import { type Site } from '../config/site.js';
import { type DatabaseAccess } from '../database/connection/access.js';
import { type ProductionHost, type WritingHost } from '../hosts/host.js';
import { type Reporter } from '../report/events/reporter.js';
import { type WordPressSettings } from '../wordpress/settings/wordpress-settings.js';

/** The machines of a site. Connections are opened when first used and shared within the process. */
export interface SiteHosts {
  productionApplication(): Promise<ProductionHost>;
  /** The same connection as the application's where the database has no machine of its own. */
  productionDatabase(): Promise<ProductionHost>;
  staging(): Promise<WritingHost>;
  stagingDatabase(): Promise<WritingHost>;
  close(): Promise<void>;
}

interface Sides<Value> {
  production(): Promise<Value>;
  staging(): Promise<Value>;
}

/** What was read of both sides, once per process, from wp-config.php and the site file. */
export interface SideReaders {
  readonly database: Sides<DatabaseAccess>;
  /** What wp-config.php says; undefined for a site that is not WordPress. */
  readonly wordpress: Sides<WordPressSettings | undefined>;
}

/** What work on staging has: a cutover, a rollback, an update. */
export interface StagingContext {
  readonly site: Site;
  /** `stagingFolder` is `<staging.workDir>/runs/<id>`, absolute, without trailing slash. */
  readonly run: { readonly id: string; readonly stagingFolder: string };
  readonly hosts: Pick<SiteHosts, 'staging' | 'stagingDatabase'>;
  readonly database: Pick<SideReaders['database'], 'staging'>;
  readonly wordpress?: Pick<SideReaders['wordpress'], 'staging'>;
  readonly reporter: Pick<Reporter, 'step' | 'warn' | 'metric'>;
  readonly signal: AbortSignal;
}

/** What work with both sides has: a stage. */
export interface SiteContext extends StagingContext {
  readonly hosts: SiteHosts;
  readonly database: SideReaders['database'];
  readonly wordpress?: SideReaders['wordpress'];
  readonly reporter: Reporter;
}

/** `staging.workDir`, absolute: what the run's folder lies in. */
export const stagingWorkDir = (context: Pick<StagingContext, 'run'>): string =>
  context.run.stagingFolder.split('/').slice(0, -2).join('/');
