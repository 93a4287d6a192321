import { type Site } from '../../config/site.js';
import { pathInRoot, withoutSlashes } from '../site/document-root.js';
import { type WordPressSettings } from '../settings/wordpress-settings.js';

type Folders = Pick<WordPressSettings, 'realRoot' | 'mustUseFolder' | 'contentDir' | 'wordpressFolder'>;

/**
 * From where staging's WordPress loads must-use plugins, relative to the document root: WPMU_PLUGIN_DIR, else below
 * WP_CONTENT_DIR, else below WordPress' own folder. That one lies where production has it, because its files come from
 * there; a staging that is still empty does not know.
 * @returns undefined when it lies outside the document root
 */
export function mustUseFolder(site: Site, production: Folders, staging: Folders): string | undefined {
  const inside = (path: string): string | undefined => pathInRoot(path, site.staging, staging.realRoot);
  if (staging.mustUseFolder !== undefined) return inside(staging.mustUseFolder);
  if (staging.contentDir !== undefined) return inside(`${staging.contentDir}/mu-plugins`);
  const wordpress =
    production.wordpressFolder === undefined
      ? staging.wordpressFolder && inside(staging.wordpressFolder)
      : pathInRoot(production.wordpressFolder, site.production, production.realRoot);
  return wordpress === undefined ? undefined : withoutSlashes(`${wordpress}/wp-content/mu-plugins`);
}
