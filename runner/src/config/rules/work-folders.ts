import { type DraftSide } from '../load/draft.js';
import { containsPath, normalizePath } from '../formats/paths.js';
import { type HostAddress } from '../site.js';
import { sameMachine } from './same-machine.js';
import { type Rule } from './rule.js';

/** Where `~` most likely is; the preflight asks the host. */
function usualHome(address: HostAddress | undefined): string | undefined {
  if (address?.kind !== 'ssh') return undefined;
  return address.user === 'root' ? '/root' : `/home/${address.user}`;
}

function absoluteWorkDir(side: DraftSide): string | undefined {
  if (!side.workDir.startsWith('~/')) return side.workDir;
  const home = usualHome(side.address);
  return home === undefined ? undefined : `${home}/${side.workDir.slice(2)}`;
}

/**
 * Backups never lie where a web server could serve them or a sync could send them:
 * a work folder is not inside and not above any document root of its machine.
 */
export const workFolders: Rule = (site) =>
  [site.production, site.staging].flatMap((side) => {
    const folder = absoluteWorkDir(side);
    if (folder === undefined || side.address === undefined) return [];
    const { address } = side;
    return [site.production, site.staging]
      .filter(
        (root) => root.path !== undefined && root.address !== undefined && sameMachine(address, root.address),
      )
      .flatMap((root) => {
        const path = normalizePath(root.path ?? '');
        const inside = containsPath(path, folder);
        if (!inside && !containsPath(folder, path)) return [];
        return [
          {
            path: side.raw['workDir'] === undefined ? [side.side, 'path'] : [side.side, 'workDir'],
            message: `The work folder ${side.workDir} ${inside ? 'lies in' : 'holds'} the document root of ${root.side}.`,
            suggestion: 'choose a folder outside every document root, such as /srv/understudy/<site>',
          },
        ];
      });
  });
