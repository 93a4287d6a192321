import { type Composer } from '../../commands/composer.js';
import { type WpCli } from '../../commands/wp.js';
import { type MaintenanceSettings } from '../../config/sections.js';
import { type Site } from '../../config/site.js';
import { type StagingDatabase } from '../../database/restore/staging-account.js';
import { type WritingHost } from '../../hosts/host.js';
import { type Reporter } from '../../report/events/reporter.js';
import { type HttpClient } from '../../http/site-client.js';
import { type CheckRun } from '../checks/check-result.js';
import { type LogMark, type LogTarget } from '../checks/php-log.js';
import { type Layout } from '../../wordpress/site/host-layout.js';

/** What updating one item needs. */
export interface UpdateContext extends StagingDatabase {
  readonly site: Site;
  readonly settings: MaintenanceSettings;
  /** `stagingFolder`: `<workDir>/runs/<id>`. */
  readonly run: { readonly id: string; readonly stagingFolder: string };
  readonly files: WritingHost;
  /** Where WP-CLI runs: the container, or the same machine. */
  readonly php: WritingHost;
  readonly wp: WpCli;
  /** Where Composer updates the site. */
  readonly composer?: Pick<Composer, 'program' | 'folder'> | undefined;
  readonly layout: Layout;
  readonly multisite: boolean;
  readonly client: HttpClient;
  readonly log: LogTarget;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** Looks at the site and compares its pictures with the last good ones. */
  check(name: string, mark: LogMark): Promise<CheckRun>;
  /** The same without the browser: enough to see that a site is alive again. */
  quickCheck(name: string, mark: LogMark): Promise<CheckRun>;
  /** The last state that was good: what the next item is measured by. */
  good(): CheckRun;
  accept(run: CheckRun): void;
}

/** What may be updated next. */
export interface UpdateTarget {
  readonly kind: 'core' | 'plugin' | 'theme' | 'translations' | 'composer';
  readonly slug: string;
  readonly title: string;
  readonly from: string;
  readonly offered: string;
  /** The version is fetched from wordpress.org because the site file pins it. */
  readonly pinned?: boolean;
  readonly changelog?: string;
}
