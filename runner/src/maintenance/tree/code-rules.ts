import { maintenanceOf } from '../../config/sections.js';
import { type Site } from '../../config/site.js';
import { contentFilters } from '../../content/rsync/filters.js';
import { UnderstudyError } from '../../errors/index.js';
import { below, USUAL_LAYOUT, type SiteLayout } from '../../wordpress/site/site-layout.js';
import { type UpdateItem } from '../maintenance-record.js';
import { type Tree } from './site-tree.js';

/** What of a document root is code: what a promotion may carry, and nothing else. */
export interface CodeRules {
  /** Files and folders, relative to the document root, that are looked through; sorted. */
  readonly roots: readonly string[];
  /** rsync filter rules, first match wins: what below the roots is no code. */
  readonly filters: readonly string[];
}

/**
 * Files of WordPress itself in its own folder (WordPress 6.x; the list has not changed since 3.x). By name, not by
 * pattern: what else lies there (`wp-salt.php`, `wp-config-local.php`) belongs to one server.
 */
const CORE_FILES = [
  'index.php',
  'license.txt',
  'readme.html',
  'wp-activate.php',
  'wp-blog-header.php',
  'wp-comments-post.php',
  'wp-config-sample.php',
  'wp-cron.php',
  'wp-links-opml.php',
  'wp-load.php',
  'wp-login.php',
  'wp-mail.php',
  'wp-settings.php',
  'wp-signup.php',
  'wp-trackback.php',
  'xmlrpc.php',
] as const;
const CORE_FOLDERS = ['wp-admin', 'wp-includes'] as const;
/** Translations are updated too, so they are code. */
const CONTENT_FOLDERS = ['themes', 'languages', 'index.php'] as const;

/**
 * Code of a site: WordPress itself, plugins, themes, must-use plugins, translations, and the declared
 * `maintenance.promote` paths. Never media, caches, configuration, either side's own files, or Understudy's own plugin:
 * the rules that keep them out of a sync keep them out here.
 * @param kept files (relative paths) that only staging has and that no sync brought: they stay on staging
 */
export function codeRules(
  site: Site,
  kept: readonly string[] = [],
  layout: SiteLayout = USUAL_LAYOUT,
): CodeRules {
  const declared = maintenanceOf(site).promote.map((path) => path.replace(/^\/+|\/+$/g, ''));
  const wordpress = site.type === 'wordpress' ? wordpressRoots(layout) : [];
  return {
    roots: withoutNested([...wordpress, ...declared].filter((path) => path !== '')),
    filters: [
      ...kept.map((path) => `- /${literally(path)}`),
      ...contentFilters({ ...site, layouts: [layout] }),
    ],
  };
}

/** What an update of an item may have put on staging. */
export interface ItemFiles {
  readonly roots: readonly string[];
  /** Of these nothing stays from before the update: WordPress removes the former folder, or the name is its own. */
  readonly replaced: readonly string[];
}

/** Where an update puts an item's files, relative to the site's path. */
export function itemFiles(
  layout: SiteLayout,
  { kind, slug }: { readonly kind: UpdateItem['kind']; readonly slug: string },
): ItemFiles {
  const { core, content, plugins } = layout;
  const whole = (...roots: string[]): ItemFiles => ({ roots, replaced: roots });
  switch (kind) {
    case 'plugin':
      return whole(below(plugins, slug), below(plugins, `${slug}.php`));
    case 'theme':
      return whole(below(content, `themes/${slug}`));
    case 'translations':
      return { roots: [below(content, 'languages')], replaced: [] };
    case 'core':
      return {
        roots: [...CORE_FILES, ...CORE_FOLDERS].map((name) => below(core, name)),
        replaced: CORE_FILES.map((name) => below(core, name)),
      };
    case 'composer':
      return { roots: withoutNested(wordpressRoots(layout)), replaced: [] };
  }
}

/** What a project keeps beside the folder that the web server serves (Bedrock): Composer's files, and its own settings as code. */
const PROJECT_FILES = ['composer.json', 'composer.lock', 'vendor', 'config'] as const;

function wordpressRoots({ web, core, content, plugins, mustUse }: SiteLayout): string[] {
  return [
    ...[...CORE_FILES, ...CORE_FOLDERS].map((name) => below(core, name)),
    // WordPress in a folder of its own leaves an index.php in the document root.
    below(web, 'index.php'),
    ...(web === '' ? [] : PROJECT_FILES),
    ...CONTENT_FOLDERS.map((name) => below(content, name)),
    plugins,
    mustUse,
  ];
}

/**
 * A tree that holds no WordPress or no plugins was read in the wrong place: nothing in it was tested, and promoting it
 * would change nothing.
 * @throws TREE_INCOMPLETE
 */
export function assertWholeTree(
  site: Pick<Site, 'type'>,
  { entries }: Pick<Tree, 'entries'>,
  { core, plugins }: SiteLayout,
  where: { readonly host: string; readonly path: string },
): void {
  if (site.type !== 'wordpress') return;
  const version = below(core, 'wp-includes/version.php');
  const missing = [
    ...(entries.some(({ path }) => path === version) ? [] : [`${version} of WordPress itself`]),
    ...(entries.some(({ path }) => path.startsWith(`${plugins}/`)) ? [] : [`anything in ${plugins}`]),
  ];
  if (missing.length > 0)
    throw new UnderstudyError(
      'TREE_INCOMPLETE',
      `The code in ${where.path} does not hold ${missing.join(', nor ')}.`,
      {
        host: where.host,
      },
    );
}

/** Sorted, each once, and none inside another: every file is found once. */
const withoutNested = (paths: readonly string[]): string[] =>
  [...new Set(paths)]
    .filter((path) => !paths.some((other) => other !== path && path.startsWith(`${other}/`)))
    .sort();

const literally = (path: string): string => (/[*?[]/.test(path) ? path.replace(/[\\*?[]/g, '\\$&') : path);
