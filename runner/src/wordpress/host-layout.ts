import { type SideSettings } from '../config/site.js';
import { type WordPressSettings } from './wordpress-settings.js';

/** Where the parts of a WordPress lie, as seen from the host that holds the files. */
export interface Layout {
  /** Document root. */
  readonly root: string;
  /** Folder of WordPress itself; the root, unless it has a folder of its own. */
  readonly core: string;
  /** `wp-content`, whatever it is called. */
  readonly content: string;
  /** {@link core} as seen where PHP runs: in the container, where there is one. */
  readonly corePhp: string;
}

/** Paths that wp-config.php gave are PHP's; below a container's root they are translated to the host's. */
export function layoutOf(side: SideSettings, settings: WordPressSettings | undefined): Layout {
  const phpRoot = (side.container === undefined ? side.path : (side.containerPath ?? side.path)).replace(
    /\/+$/,
    '',
  );
  const onHost = (phpPath: string): string | undefined => {
    const path = phpPath.replace(/\/+$/, '');
    if (path === phpRoot) return side.path;
    return path.startsWith(`${phpRoot}/`) ? `${side.path}${path.slice(phpRoot.length)}` : undefined;
  };
  const corePhp = (settings?.wordpressFolder ?? phpRoot).replace(/\/+$/, '');
  const core = onHost(corePhp) ?? side.path;
  const content = settings?.contentDir === undefined ? undefined : (onHost(settings.contentDir) ?? undefined);
  return { root: side.path, core, corePhp, content: content ?? `${core}/wp-content` };
}
