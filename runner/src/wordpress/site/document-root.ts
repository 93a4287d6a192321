import { posix } from 'node:path';
import { type SideSettings } from '../../config/site.js';

/** Without slashes around it, `.` and `..`. */
export const withoutSlashes = (path: string): string => posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, '');

/**
 * A path as PHP sees it, relative to the document root of a side; undefined when it lies outside. PHP sees the root by its
 * own path: in a container, or behind a link.
 */
export function pathInRoot(
  path: string,
  side: Pick<SideSettings, 'path' | 'containerPath'>,
  realRoot: string | undefined,
): string | undefined {
  const roots = [side.containerPath, side.path, realRoot].filter((root) => root !== undefined);
  const whole = `/${withoutSlashes(path)}/`;
  const root = roots.map((each) => `/${withoutSlashes(each)}/`).find((each) => whole.startsWith(each));
  return root === undefined ? undefined : withoutSlashes(whole.slice(root.length));
}
