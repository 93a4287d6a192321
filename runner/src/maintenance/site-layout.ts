import { type SideSettings, type Site } from '../config/site.js';
import { UnderstudyError } from '../errors/index.js';
import { pathInRoot } from '../wordpress/document-root.js';
import { type WordPressSettings } from '../wordpress/wordpress-settings.js';

/** Where the parts of a WordPress lie, relative to the document root; '' is the root itself. */
export interface SiteLayout {
  /** ABSPATH: where WordPress looks for `.maintenance`, and below whose address login and admin lie. */
  readonly core: string;
  /** WP_CONTENT_DIR */
  readonly content: string;
  /** WP_PLUGIN_DIR */
  readonly plugins: string;
  /** WPMU_PLUGIN_DIR */
  readonly mustUse: string;
}

export const USUAL_LAYOUT: SiteLayout = {
  core: '',
  content: 'wp-content',
  plugins: 'wp-content/plugins',
  mustUse: 'wp-content/mu-plugins',
};

type Folders = Pick<
  WordPressSettings,
  'realRoot' | 'wordpressFolder' | 'contentDir' | 'pluginDir' | 'mustUseFolder'
>;

/**
 * The layout that wp-config.php of a side says.
 * @throws LAYOUT_NOT_KNOWN when a part lies outside of the document root: it would be neither promoted nor archived
 */
export function siteLayout(side: SideSettings, settings: Folders | undefined): SiteLayout {
  if (settings === undefined) return USUAL_LAYOUT;
  const { wordpressFolder, contentDir, pluginDir, mustUseFolder, realRoot } = settings;
  const inside = (name: string, path: string): string => {
    const found = pathInRoot(path, side, realRoot);
    if (found !== undefined) return found;
    throw new UnderstudyError(
      'LAYOUT_NOT_KNOWN',
      `${name} is ${path}, outside of the document root ${side.path}.`,
    );
  };
  const core = wordpressFolder === undefined ? '' : inside('ABSPATH', wordpressFolder);
  const content = contentDir === undefined ? below(core, 'wp-content') : inside('WP_CONTENT_DIR', contentDir);
  return {
    core,
    content,
    plugins: pluginDir === undefined ? below(content, 'plugins') : inside('WP_PLUGIN_DIR', pluginDir),
    mustUse:
      mustUseFolder === undefined ? below(content, 'mu-plugins') : inside('WPMU_PLUGIN_DIR', mustUseFolder),
  };
}

/** The layout of both sides, which is one: files of staging go to the same places on production. */
export function sharedLayout(
  site: Pick<Site, 'type' | 'production' | 'staging'>,
  production: Folders | undefined,
  staging: Folders | undefined,
): SiteLayout {
  if (site.type !== 'wordpress') return USUAL_LAYOUT;
  const [one, other] = [siteLayout(site.production, production), siteLayout(site.staging, staging)];
  const differences = (Object.keys(one) as (keyof SiteLayout)[])
    .filter((name) => one[name] !== other[name])
    .map((name) => `${name}: ${one[name] || '(root)'} on production, ${other[name] || '(root)'} on staging`);
  if (differences.length === 0) return one;
  throw new UnderstudyError(
    'LAYOUT_NOT_KNOWN',
    'Production and staging have their WordPress in other folders.',
    {
      details: differences,
      next: 'Give both sides the same layout (WP_CONTENT_DIR, WP_PLUGIN_DIR and their kin in wp-config.php).',
    },
  );
}

/** `folder/name`, without a slash in front where the folder is the root. */
export const below = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);
