import { type Constants } from './wordpress-settings.js';

/** What the text of a wp-config.php says. */
export interface TextConfig {
  readonly constants: Constants;
  readonly prefix?: string;
  /** What only PHP could tell, one sentence each. */
  readonly unknown: readonly string[];
  /** Constants (and `$table_prefix`) whose value only PHP could tell. */
  readonly doubtful: readonly string[];
  /** Files that are included and were not handed in. */
  readonly missing: readonly string[];
  /** Variables of the environment that are asked for and not set, unless a .env file decides. */
  readonly unset: readonly string[];
  /** Whether it came to wp-settings.php. */
  readonly reached: boolean;
}

/** What the reader may know beside the text. */
export interface TextSources {
  /** The account's variables; one that is missing is not set. */
  readonly environment: ReadonlyMap<string, string>;
  /** Included files by path; null: there is no such file. */
  readonly files?: ReadonlyMap<string, string | null>;
  /** Constants that exist before the file runs (ABSPATH). */
  readonly given?: Constants;
}
