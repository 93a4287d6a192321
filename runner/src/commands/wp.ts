import { type Command, readCommand, type ReadCommand, writeCommand } from './command.js';

/**
 * The WP-CLI that Understudy relies on: 2.8 and later (developer.wordpress.org/cli/commands). What it says about
 * success is not relied on: versions are read from the files afterwards (wp-cli/extension-command#203, #90,
 * wp-cli/wp-cli#4983).
 */
export interface WpCli {
  /** Program: a name on the PATH, or an absolute path. */
  readonly program: string;
  /** Folder of WordPress (ABSPATH) as seen where the program runs. */
  readonly path: string;
  /** Address of the site: a network is loaded for this one. */
  readonly url: string;
}

/** Containers run programs as root; WP-CLI refuses that unless it is told. The option is harmless elsewhere. */
const words = (wp: WpCli, ...command: readonly string[]): [string, ...string[]] => [
  wp.program,
  ...command,
  `--path=${wp.path}`,
  `--url=${wp.url}`,
  '--no-color',
  '--allow-root',
];

export const wpVersion = (wp: WpCli): ReadCommand =>
  readCommand(wp.program, 'cli', 'version', '--allow-root');

/** `update_package` is empty where WordPress knows of a version but may not fetch it (premium without a licence). */
const LISTED_FIELDS = [
  'name',
  'title',
  'status',
  'update',
  'version',
  'update_version',
  'update_package',
] as const;

export interface ListedItem {
  /** Folder, or file name without `.php`. */
  readonly name: string;
  readonly title: string;
  /** `active`, `active-network`, `inactive`, `must-use`, `dropin`, `parent`. */
  readonly status: string;
  /** `available`, `none`, `unavailable` (needs another PHP or WordPress), `version higher than expected`. */
  readonly update: string;
  readonly version: string;
  readonly update_version: string;
  readonly update_package: string;
}

/** Changes only WordPress' own notes on which updates there are (a transient). */
export const listItems = (wp: WpCli, kind: 'plugin' | 'theme'): Command<'write'> =>
  writeCommand(...words(wp, kind, 'list', '--format=json', `--fields=${LISTED_FIELDS.join(',')}`));

export interface CoreOffer {
  readonly version: string;
  readonly update_type: 'minor' | 'major';
  readonly package_url: string;
}

export const checkCore = (wp: WpCli): Command<'write'> =>
  writeCommand(...words(wp, 'core', 'check-update', '--format=json', '--force-check'));

/** @param version only for a pinned one: WP-CLI fetches it from wordpress.org then */
export const updateItemCommand = (
  wp: WpCli,
  kind: 'plugin' | 'theme',
  slug: string,
  version: string | undefined,
): Command<'write'> =>
  writeCommand(
    ...words(wp, kind, 'update', slug, ...(version === undefined ? [] : [`--version=${version}`])),
  );

export const updateCore = (wp: WpCli, version: string): Command<'write'> =>
  writeCommand(...words(wp, 'core', 'update', `--version=${version}`));

export const updateDatabase = (wp: WpCli, multisite: boolean): Command<'write'> =>
  writeCommand(...words(wp, 'core', 'update-db', ...(multisite ? ['--network'] : [])));

export const updateTranslations = (wp: WpCli): readonly Command<'write'>[] => [
  writeCommand(...words(wp, 'language', 'core', 'update')),
  writeCommand(...words(wp, 'language', 'plugin', 'update', '--all')),
  writeCommand(...words(wp, 'language', 'theme', 'update', '--all')),
];

export const flushObjectCache = (wp: WpCli): Command<'write'> => writeCommand(...words(wp, 'cache', 'flush'));

/**
 * The JSON in what a command printed. Plugins print notices around it (PHP deprecations on stdout, banners), so the
 * last line that is a JSON array counts. Nothing printed is an empty list: that is how `core check-update` says "none".
 * @returns undefined when there is output but no list in it
 */
export function listIn(output: string): readonly Readonly<Record<string, unknown>>[] | undefined {
  const lines = output.split('\n').map((line) => line.trim());
  for (const line of lines.toReversed().filter((each) => each.startsWith('['))) {
    try {
      const value: unknown = JSON.parse(line);
      if (Array.isArray(value))
        return value.filter(
          (each): each is Record<string, unknown> => typeof each === 'object' && each !== null,
        );
    } catch {
      // `[21-Nov-2026 20:15:00 UTC] PHP Warning: …` begins like a list but is not one.
    }
  }
  return lines.every((line) => line === '' || line.startsWith('Success')) ? [] : undefined;
}
