import { type Site } from '../config/site.js';
import { type DatabaseAccess } from '../database/connection/access.js';
import { type Finding } from '../errors/index.js';
import { type WritingHost } from '../hosts/host.js';
import { type WordPressSettings } from '../wordpress/settings/wordpress-settings.js';

/** What a cutover, a rollback or a recovery needs; every stage's context is one. */
export interface CutoverContext {
  readonly site: Site;
  /** `stagingFolder` is `<staging.workDir>/runs/<id>`, absolute. */
  readonly run: { readonly id: string; readonly stagingFolder: string };
  readonly hosts: {
    staging(): Promise<WritingHost>;
    stagingDatabase(): Promise<WritingHost>;
  };
  readonly database: { staging(): Promise<DatabaseAccess> };
  /** What wp-config.php says; its own folder is where WordPress looks for the maintenance page. */
  readonly wordpress?: { staging(): Promise<WordPressSettings | undefined> };
  readonly reporter: {
    step(text: string): void;
    warn(finding: Finding): void;
    metric(name: string, value: string | number | boolean): void;
  };
  readonly signal: AbortSignal;
}

/** `staging.workDir`, absolute: what the run's folder lies in. */
export const stagingWorkDir = (context: Pick<CutoverContext, 'run'>): string =>
  context.run.stagingFolder.split('/').slice(0, -2).join('/');
