import { type DraftSide, SSH_PLACES } from '../load/draft.js';
import { containsPath, normalizePath } from '../formats/paths.js';
import { type HostAddress } from '../site.js';
import { sameMachine } from './same-machine.js';
import { type Rule } from './rule.js';
import { isMapping, mappingOf, type KeyPath } from '../mapping.js';
import { type Complaint } from '../problem.js';

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

/** An account is always written down: what is the default differs between a shell and a Jenkins agent. */
export const sshAccounts: Rule = (site) =>
  SSH_PLACES.flatMap((place) => {
    const ssh = place.reduce<unknown>((value, key) => mappingOf(value)[key], site.raw);
    return missingUsers(ssh, place);
  });

function missingUsers(ssh: unknown, path: KeyPath): Complaint[] {
  if (!isMapping(ssh)) return [];
  const own =
    ssh['user'] === undefined && Object.keys(ssh).length > 0
      ? [{ path, message: 'The account is missing.', suggestion: 'write user@host, or the key user' }]
      : [];
  const discover = mappingOf(ssh['discover']);
  const region =
    (discover['autoScalingGroup'] !== undefined || discover['tags'] !== undefined) &&
    discover['region'] === undefined
      ? [{ path: [...path, 'discover'], message: 'The key region is missing.' }]
      : [];
  const tags =
    isMapping(discover['tags']) && Object.keys(discover['tags']).length === 0
      ? [{ path: [...path, 'discover', 'tags'], message: 'At least one tag is needed.' }]
      : [];
  return [...own, ...region, ...tags, ...missingUsers(ssh['via'], [...path, 'via'])];
}
