import { type ContentSettings, type SiteType } from '../../config/site.js';
import { servedPath, USUAL_LAYOUT, type SiteLayout } from '../../wordpress/site/site-layout.js';

/**
 * What never crosses from production to staging by its name. What holds production's secrets stays there whatever it is
 * called (find-settings.ts). One list for sending and for deleting: rsync hides an entry that a rule
 * excludes on both ends, so what is not sent is not deleted either. The first rule that matches wins.
 */
export interface FilterSettings {
  readonly type: SiteType;
  readonly content: Pick<ContentSettings, 'exclude' | 'media' | 'mediaMode' | 'keepOnStaging'>;
  /** Where the parts of WordPress lie on either side; left out: in their usual places. */
  readonly layouts?: readonly SiteLayout[];
}

/** Version control: at any depth, as folder or (submodules, worktrees) as file. */
const VERSION_CONTROL = ['.git', '.svn', '.hg'] as const;

/** Understudy's own must-use plugin, whatever the content folder is called. */
const OWN_PLUGIN = 'mu-plugins/understudy.php';

/** Configuration and secrets of one environment, at any depth. */
const ENVIRONMENT_FILES = [
  'wp-config.php',
  'local-config.php',
  '.env',
  '.env.*',
  '.htpasswd',
  // Composer's own passwords for private packages.
  'auth.json',
  '.user.ini',
  'robots.txt',
  '.maintenance',
] as const;

/** Written by the server while it runs, at any depth. */
const LOGS = ['error_log', 'debug.log'] as const;

/**
 * `.htaccess` belongs to the environment (domain redirects, passwords), except inside code, where it is part of a
 * plugin or theme and often what keeps its folder closed.
 */
const HTACCESS = [
  '+ /wp-content/plugins/**/.htaccess',
  '+ /wp-content/themes/**/.htaccess',
  '+ /wp-content/mu-plugins/**/.htaccess',
  '- .htaccess',
] as const;

/**
 * WordPress drop-ins and settings that name one environment's hosts and paths. Anchored: plugins ship files of the
 * same name as templates, and those are code. `/*` serves WordPress in a folder of its own, `/app` is Bedrock's.
 */
const CONTENT_FOLDERS = ['/wp-content', '/*/wp-content', '/app'] as const;
const DROP_INS = [
  'object-cache.php',
  // Page caches write it with absolute paths of their own server.
  'advanced-cache.php',
  'wp-cache-config.php',
  'wp-rocket-config',
  'w3tc-config',
  // HyperDB: the addresses and passwords of production's database servers.
  'db-config.php',
] as const;

/** Generated below the content folder: caches, updates in progress, logs, backups. */
const GENERATED = [
  'cache',
  'et-cache',
  'litespeed',
  'endurance-page-cache',
  'upgrade',
  'upgrade-temp-backup',
  'wflogs',
  'updraft',
  'ai1wm-backups',
  'backups-dup-lite',
] as const;

/** In the content folder: multisite before WordPress 3.5 kept uploads here. */
const OLD_NETWORK_UPLOADS = 'blogs.dir';
const DEFAULT_MEDIA = 'wp-content/uploads';

/** Media folders of a site, relative to the side's `path`. The usual one stands for where the uploads really lie. */
export function mediaFolders({ type, content, layouts = [] }: FilterSettings): readonly string[] {
  const usual = type === 'wordpress' && content.media.includes(DEFAULT_MEDIA);
  const moved = layouts.flatMap(({ uploads, media = [] }) => [uploads, ...media]);
  const old = [USUAL_LAYOUT, ...layouts].map((layout) => `${layout.content}/${OLD_NETWORK_UPLOADS}`);
  return usual ? [...new Set([...content.media, ...moved, ...old])] : content.media;
}

/** The same as addresses below the site's: without the folder that the web server serves, and slashes around. */
export function servedMedia(settings: FilterSettings): readonly string[] {
  const { layouts = [] } = settings;
  const served = mediaFolders(settings)
    .map((folder) => folder.replace(/^\/+|\/+$/g, ''))
    .flatMap((folder) => [
      ...layouts.map((layout) => servedPath(layout, folder)),
      ...(layouts.length === 0 ? [folder] : []),
    ]);
  return [...new Set(served)];
}

/** Media folders that stay where they are on both sides. */
export const unsentFolders = (settings: FilterSettings): readonly string[] =>
  settings.content.mediaMode === 'sync' ? [] : mediaFolders(settings);

/**
 * The rules, in rsync's own syntax, for `--filter=`.
 * @param travelling which of SETTINGS_IN_CODE are sent after all
 */
export function contentFilters(
  settings: FilterSettings,
  travelling: readonly string[] = [],
): readonly string[] {
  const { type, content } = settings;
  const framework = FRAMEWORK_SETTINGS.filter((path) => !travelling.includes(path.slice(1)));
  return [
    ...VERSION_CONTROL.map(exclude),
    // Without a slash at the end: media is often a link or a mount.
    ...unsentFolders(settings).map((path) => exclude(`/${literally(path)}`)),
    ...content.keepOnStaging.map(exclude),
    ...content.exclude.map(exclude),
    ...ENVIRONMENT_FILES.map(exclude),
    ...LOGS.map(exclude),
    ...(type === 'wordpress'
      ? wordpressRules(settings.layouts ?? [])
      : ['- .htaccess', ...framework.map(exclude)]),
  ];
}

/**
 * What lies deeper than any of the rules behind it looks. rsync compares each entry with each rule until one matches, on
 * both ends: with this rule a comparison of 20,000 files takes two thirds of the time.
 */
const TOO_DEEP = '+ /*/*/*/**';

const wordpressRules = (layouts: readonly SiteLayout[]): readonly string[] => [
  ...htaccessInCode(layouts),
  ...HTACCESS,
  exclude(OWN_PLUGIN),
  // At any depth, so before what lies too deep for the rules that follow.
  ...contentRules(layouts.map(({ content }) => `/${literally(content)}`).filter((place) => !isUsual(place))),
  TOO_DEEP,
  '- /db-config.php',
  // WordPress' own template is code; the others are wp-config.php by another name, included by it or left by somebody.
  '+ /wp-config-sample.php',
  '- /wp-config-*.php',
  '+ /*/wp-config-sample.php',
  '- /*/wp-config-*.php',
  ...contentRules(CONTENT_FOLDERS),
];

const isUsual = (place: string): boolean =>
  CONTENT_FOLDERS.some((usual) => usual === place) || /^\/[^/]+\/wp-content$/.test(place);

const contentRules = (places: readonly string[]): readonly string[] =>
  [...new Set(places)].flatMap((place) => [
    ...DROP_INS.map((name) => exclude(`${place}/${name}`)),
    ...GENERATED.map((name) => exclude(`${place}/${name}`)),
  ]);

function htaccessInCode(layouts: readonly SiteLayout[]): readonly string[] {
  const folders = layouts.flatMap(({ content, plugins, mustUse }) => [plugins, `${content}/themes`, mustUse]);
  return [...new Set(folders)]
    .filter((folder) => !/^wp-content\/(?:plugins|themes|mu-plugins)$/.test(folder))
    .map((folder) => `+ /${literally(folder)}/**/.htaccess`);
}

/**
 * Where frameworks other than WordPress keep settings, or caches that hold them. A cache of settings wins over the
 * settings themselves: with production's, staging works on production's database.
 */
const FRAMEWORK_SETTINGS = [
  // Laravel, CodeIgniter, CakePHP
  '/bootstrap/cache/*.php',
  '/*/bootstrap/cache/*.php',
  '/config/database.php',
  '/application/config/database.php',
  '/config/app_local.php',
  // Symfony and what is built on it
  '/var/cache',
  '/*/var/cache',
  '/app/config/parameters.*',
  '/config/parameters.*',
  // Drupal, also with its document root one folder below
  '/sites/*/settings.php',
  '/sites/*/settings.*.php',
  '/*/sites/*/settings.php',
  '/*/sites/*/settings.*.php',
  // Joomla
  '/configuration.php',
  // Magento 2 and 1
  '/app/etc/env.php',
  '/*/app/etc/env.php',
  '/app/etc/local.xml',
  '/var/page_cache',
  // TYPO3
  '/typo3conf/LocalConfiguration.php',
  '/typo3conf/AdditionalConfiguration.php',
  '/config/system/settings.php',
  '/config/system/additional.php',
  // MediaWiki, Matomo
  '/LocalSettings.php',
  '/config/config.ini.php',
] as const;

/**
 * Of these, what frameworks ship as code that reads the environment, and what some sites write their values into
 * (relative to the document root). It stays only where staging has its own or where it holds production's secrets.
 */
export const SETTINGS_IN_CODE: readonly string[] = ['config/database.php', 'application/config/database.php'];

/** The files among all these that hold settings, as patterns of the shell, relative to the document root. */
export const KNOWN_SETTINGS: readonly string[] = [
  ...['.env', '.env.*', 'local-config.php'].flatMap((name) => [name, `*/${name}`]),
  ...FRAMEWORK_SETTINGS.filter((path) => path.includes('.')).map((path) => path.slice(1)),
];

/** Those without which a site does not work, as such patterns: where staging has none, somebody has to write it. */
export const NEEDED_SETTINGS: readonly string[] = [
  '.env',
  ...FRAMEWORK_SETTINGS.filter((path) => path.includes('.') && !path.includes('/cache/')).map((path) =>
    path.slice(1),
  ),
];

/** `- PATTERN` in a `--filter`: unlike `--exclude`, no pattern can turn into another kind of rule. */
const exclude = (pattern: string): string => `- ${pattern}`;

/** rsync takes `*`, `?`, `[` as wildcards, and a backslash as an escape only where there is one of them. */
function literally(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  return /[*?[]/.test(trimmed) ? trimmed.replace(/[\\*?[]/g, '\\$&') : trimmed;
}
