import { type MaintenanceSettings } from '../../config/sections.js';
import { type HttpClient } from '../../http/site-client.js';
import { type CheckBrowser } from './browser.js';
import { type PageCheck } from './check-page.js';
import { type PlannedPage } from './check-result.js';
import { type LogMark, type LogTarget } from './php-log.js';
import { type PictureReference } from './reference-pictures.js';

export interface CheckOptions {
  /** `baseline`, `final`, `plugin-akismet`: names the folder. */
  readonly name: string;
  /** Address of the site and how it is reached. */
  readonly url: string;
  readonly client: HttpClient;
  readonly settings: MaintenanceSettings['checks'];
  readonly pages: readonly PlannedPage[];
  /** Folder of the run on this machine; pictures go to `<folder>/checks/<name>/`. */
  readonly folder: string;
  /** Where PHP's log is read; without it the log is not looked at. */
  readonly log?: LogTarget;
  /** Where the log ended before the update; default: where it ends now. */
  readonly mark?: LogMark | undefined;
  /** Undefined: no browser; what that leaves out is told. */
  readonly browser?: CheckBrowser;
  /** The pictures to compare with; without it there is nothing to compare. */
  readonly reference?: PictureReference | undefined;
  readonly signal: AbortSignal;
}

export interface CheckedPage {
  readonly page: PlannedPage;
  readonly check: PageCheck;
}
