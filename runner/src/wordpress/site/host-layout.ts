import { type SideSettings } from '../../config/site.js';
import { below, likelyLayout, type SiteLayout } from './site-layout.js';
import { type WordPressSettings } from '../settings/wordpress-settings.js';

/** A {@link SiteLayout} in absolute paths, as seen from the host that holds the files. */
export interface Layout {
  /** The side's `path`. */
  readonly root: string;
  /** Document root: the same, or a folder in it. */
  readonly web: string;
  /** Folder of WordPress itself. */
  readonly core: string;
  /** `wp-content`, whatever it is called. */
  readonly content: string;
  readonly plugins: string;
  readonly mustUse: string;
  readonly uploads: string;
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
  const place = (path: string): string => (path === '' ? root : below(root, path));
  const phpRoot = side.container === undefined ? root : (side.containerPath ?? root).replace(/\/+$/, '');
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
