import { type DatabaseAccess } from '../../database/connection/access.js';
import { type Site } from '../../config/site.js';
import { type WritingHost } from '../../hosts/host.js';
import { type WordPressSettings } from '../../wordpress/settings/wordpress-settings.js';

/** One thing that staging needs before its first sync. */
export interface Part {
  readonly name: string;
  /** `made`: by this call. `open`: somebody has to do it. `would`: `--apply` does it. */
  readonly state: 'there' | 'made' | 'would' | 'open';
  readonly sentence: string;
  /** Commands and lines to paste; no secret is in them. */
  readonly lines: readonly string[];
}

/** What the parts need to know. */
export interface PrepareContext {
  readonly site: Site;
  readonly staging: WritingHost;
  /** Staging's work folder, absolute. */
  readonly workDir: string;
  readonly production: WordPressSettings;
  readonly apply: boolean;
}

/** How the site will reach its database; undefined: not known before there is a wp-config.php. */
export interface PreparedDatabase {
  readonly access: DatabaseAccess | undefined;
}

export const partNamed =
  (name: string) =>
  (state: Part['state'], sentence: string, lines: readonly string[] = []): Part => ({
    name,
    state,
    sentence,
    lines,
  });
