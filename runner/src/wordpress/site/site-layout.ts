import { posix } from 'node:path';
import { type SideSettings, type Site } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { pathInRoot } from './document-root.js';
import { type WordPressSettings } from '../settings/wordpress-settings.js';

/**
 * Where the parts of a WordPress lie, relative to the side's `path`; '' is `path` itself. Read from PHP once per process,
 * and what everything that looks for a part of the site goes by.
 */
export interface SiteLayout {
  /** What the web server serves: `path` itself, or a folder in it (`web` of Bedrock, `public`). */
  readonly web: string;
  /** ABSPATH: where WordPress looks for `.maintenance`, and below whose address login and admin lie. */
  readonly core: string;
  /** WP_CONTENT_DIR */
  readonly content: string;
  /** WP_PLUGIN_DIR */
  readonly plugins: string;
  /** WPMU_PLUGIN_DIR */
  readonly mustUse: string;
  /** UPLOADS, else `uploads` in the content folder. */
  readonly uploads: string;
  /** Further folders of uploads, which options of the database name: upload-folders.ts. */
  readonly media?: readonly string[];
}

export const USUAL_LAYOUT: SiteLayout = {
  web: '',
  core: '',
  content: 'wp-content',
  plugins: 'wp-content/plugins',
  mustUse: 'wp-content/mu-plugins',
  uploads: 'wp-content/uploads',
};

type Folders = Pick<
  WordPressSettings,
  'realRoot' | 'web' | 'wordpressFolder' | 'contentDir' | 'pluginDir' | 'mustUseFolder' | 'uploads'
>;

/**
 * The layout that wp-config.php of a side says.
 * @throws LAYOUT_NOT_KNOWN when a part lies outside of `path`: it would be neither promoted nor archived
 */
export function siteLayout(
  side: Pick<SideSettings, 'path' | 'containerPath'>,
  settings: Folders | undefined,
): SiteLayout {
  return layoutFrom(side, settings, (name, path) => {
    throw new UnderstudyError('LAYOUT_NOT_KNOWN', `${name} is ${path}, outside of ${side.path}.`);
  });
}

/** The same where a part that lies outside does not matter: it is looked for in its usual place. */
export const likelyLayout = (
  side: Pick<SideSettings, 'path' | 'containerPath'>,
  settings: Folders | undefined,
  usual?: SiteLayout,
): SiteLayout => layoutFrom(side, settings, () => undefined, usual);

function layoutFrom(
  side: Pick<SideSettings, 'path' | 'containerPath'>,
  settings: Folders | undefined,
  outside: (name: string, path: string) => string | undefined,
  usual?: SiteLayout,
): SiteLayout {
  if (settings === undefined) return usual ?? USUAL_LAYOUT;
  const {
    web = usual?.web ?? '',
    wordpressFolder,
    contentDir,
    pluginDir,
    mustUseFolder,
    uploads,
    realRoot,
  } = settings;
  const place = (name: string, path: string | undefined, otherwise: string): string =>
    path === undefined ? otherwise : (pathInRoot(path, side, realRoot) ?? outside(name, path) ?? otherwise);
  const core = place('ABSPATH', wordpressFolder, usual?.core ?? web);
  const content = place('WP_CONTENT_DIR', contentDir, usual?.content ?? below(core, 'wp-content'));
  const code = {
    web,
    core,
    content,
    plugins: place('WP_PLUGIN_DIR', pluginDir, below(content, 'plugins')),
    mustUse: place('WPMU_PLUGIN_DIR', mustUseFolder, below(content, 'mu-plugins')),
  };
  const media = uploads === undefined ? undefined : posix.normalize(below(core, uploads)).replace(/\/$/, '');
  return {
    ...code,
    uploads:
      media === undefined || /^(?:\.\.(?:\/|$)|\/)/.test(media) || holdsCode(code, media)
        ? below(content, 'uploads')
        : media,
  };
}

/** Whether code lies in a folder that is said to hold media: then it is no folder of media, and is treated like all code. */
export const holdsCode = (
  { web, core, content, plugins, mustUse }: Omit<SiteLayout, 'uploads' | 'media'>,
  folder: string,
): boolean =>
  ['', '.'].includes(folder) ||
  [web, core, content, plugins, mustUse].some((part) => `${part}/`.startsWith(`${folder}/`));

/** The layout of both sides, which is one: files of staging go to the same places on production. */
export function sharedLayout(
  site: Pick<Site, 'type' | 'production' | 'staging'>,
  production: Folders | undefined,
  staging: Folders | undefined,
): SiteLayout {
  if (site.type !== 'wordpress') return USUAL_LAYOUT;
  const [one, other] = [siteLayout(site.production, production), siteLayout(site.staging, staging)];
  // Media are not carried with the code: each side may have them elsewhere.
  const differences = (['web', 'core', 'content', 'plugins', 'mustUse'] as const)
    .filter((name) => one[name] !== other[name])
    .map((name) => `${name}: ${one[name] || '(root)'} on production, ${other[name] || '(root)'} on staging`);
  if (differences.length === 0) return one;
  throw new UnderstudyError(
    'LAYOUT_NOT_KNOWN',
    'Production and staging have their WordPress in different folders.',
    {
      details: differences,
      next: 'Give both sides the same layout (WP_CONTENT_DIR, WP_PLUGIN_DIR and related constants in wp-config.php).',
    },
  );
}

/** `folder/name`, without a slash in front where the folder is the root. */
export const below = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

/** A path relative to `path` as an address relative to the site's: without the folder that the web server serves. */
export const servedPath = ({ web }: Pick<SiteLayout, 'web'>, path: string): string =>
  web !== '' && `${path}/`.startsWith(`${web}/`) ? path.slice(web.length + 1) : path;

/** `/wp-login.php`, or below the address of WordPress' own folder: `/wp/wp-login.php`. */
export const coreAddress = (layout: Pick<SiteLayout, 'web' | 'core'>, name: string): string =>
  `/${below(servedPath(layout, layout.core), name)}`;
