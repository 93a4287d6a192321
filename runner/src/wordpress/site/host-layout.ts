import { type SideSettings } from '../../config/site.js';
import { below, likelyLayout, type SiteLayout } from './site-layout.js';
import { type WordPressSettings } from '../settings/wordpress-settings.js';

/** A {@link SiteLayout} in absolute paths, as seen from the host that holds the files. */
export interface Layout extends Omit<SiteLayout, 'media'> {
  /** The side's `path`. */
  readonly root: string;
  /** {@link root} as seen where PHP runs: in the container, where there is one. */
  readonly phpRoot: string;
  /** {@link core} as seen where PHP runs: in the container, where there is one. */
  readonly corePhp: string;
  readonly relative: SiteLayout;
}

/** @param usual where the parts lie that the settings say nothing of */
export function layoutOf(
  side: SideSettings,
  settings: WordPressSettings | undefined,
  usual?: SiteLayout,
): Layout {
  const relative = likelyLayout(side, settings, usual);
  const root = side.path.replace(/\/+$/, '');
  const phpRoot = side.container === undefined ? root : (side.containerPath ?? root).replace(/\/+$/, '');
  const place = (path: string): string => (path === '' ? root : below(root, path));
  return {
    root,
    web: place(relative.web),
    core: place(relative.core),
    content: place(relative.content),
    plugins: place(relative.plugins),
    mustUse: place(relative.mustUse),
    uploads: place(relative.uploads),
    phpRoot,
    corePhp: relative.core === '' ? phpRoot : below(phpRoot, relative.core),
    relative,
  };
}
