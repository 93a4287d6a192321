import { UnderstudyError, type Finding, messageOf } from '../../errors/index.js';
import { type HostIdentity, type ReadingHost } from '../host.js';
import { readTreeIdentity, type Mount, type TreeIdentity, type TreeRoot } from './tree-identity.js';

/**
 * Same-target check for files: staging's tree must not be production's, lie in it or hold it, however it
 * is reached: another host name, a symbolic link, a bind mount, a shared network filesystem.
 * Reads only. If the check cannot be completed, it fails. No findings: the trees are apart.
 */
export async function assertNotSameTree(
  production: ReadingHost,
  productionPath: string,
  staging: ReadingHost,
  stagingPath: string,
): Promise<Finding[]> {
  try {
    const [ours, theirs, productionId, stagingId] = await Promise.all([
      readTreeIdentity(staging, stagingPath),
      readTreeIdentity(production, productionPath),
      staging.identity(),
      production.identity(),
    ]);
    return overlaps(theirs, ours, sameKernel(productionId, stagingId)).map((overlap) => ({
      severity: overlap.severity,
      code: 'STAGING_IS_PRODUCTION',
      message: overlap.text,
      host: staging.label,
      next: overlap.severity === 'error' ? REFUSED : SHARED,
    }));
  } catch (error) {
    if (error instanceof UnderstudyError && OTHERWISE.has(error.code)) throw error;
    return [unanswered(error, productionPath, stagingPath)];
  }
}

/**
 * One kernel: device and inode numbers mean the same on both. The boot id decides, because copies of a virtual
 * machine share their machine-id, and containers of one machine do not; the machine-id where there is no boot id.
 * @throws Error when neither is known on both
 */
export function sameKernel(one: HostIdentity, other: HostIdentity): boolean {
  if (one.bootId !== '' && other.bootId !== '') return one.bootId === other.bootId;
  if (one.machineId !== '' && other.machineId !== '') return one.machineId === other.machineId;
  throw new Error('neither /proc/sys/kernel/random/boot_id nor /etc/machine-id can be read on both hosts');
}

/** Nothing is wrong with the trees: the command is being stopped, or the network is what has to be fixed. */
const OTHERWISE: ReadonlySet<string> = new Set(['INTERRUPTED', 'CONNECTION_LOST']);

const REFUSED = 'Give staging files of its own; nothing was changed.';
const SHARED =
  'Understudy does not write through links, but staging itself may: give it a folder of its own.';

export interface Overlap {
  readonly severity: 'error' | 'warning';
  readonly text: string;
}

/** What staging's tree shares with production's, each once. */
export function overlaps(production: TreeIdentity, staging: TreeIdentity, onOneKernel: boolean): Overlap[] {
  const found = new Map<string, Overlap>();
  for (const mine of staging.roots)
    for (const theirs of production.roots) {
      const how =
        (onOneKernel ? byInode(mine, theirs) : undefined) ??
        byLocation(location(mine, staging.mounts), location(theirs, production.mounts), onOneKernel);
      const severity = how && severityOf(mine, theirs, how);
      if (!how || !severity) continue;
      const text = describe(mine, theirs, how);
      found.set(text, { severity, text });
    }
  return [...found.values()];
}

type Relation = 'is' | 'lies in' | 'holds';

function byInode(mine: TreeRoot, theirs: TreeRoot): Relation | undefined {
  const [myself = ''] = mine.chain;
  const [them = ''] = theirs.chain;
  if (myself === them) return 'is';
  if (mine.chain.includes(them)) return 'lies in';
  if (theirs.chain.includes(myself)) return 'holds';
  return undefined;
}

interface Location {
  /** What tells filesystems apart: the device on one machine, the source between machines. */
  readonly device: string;
  readonly source: string;
  readonly isNetwork: boolean;
  /** Path within the filesystem, or within the server for a network one. */
  readonly path: string;
}

/** Filesystems whose source names a server, so that two machines can mean the same. */
const NETWORK =
  /^(nfs4?|cifs|smb3|ceph|glusterfs|fuse\.(glusterfs|sshfs|s3fs|juicefs)|lustre|beegfs|9p|virtiofs|efs)$/;

function location(root: TreeRoot, mounts: readonly Mount[]): Location | undefined {
  // The last of several mounts on one point is the one that shows.
  const mount = mounts
    .filter(({ point }) => point === '/' || root.real === point || root.real.startsWith(`${point}/`))
    .reduce<Mount | undefined>(
      (best, next) => (best && best.point.length > next.point.length ? best : next),
      undefined,
    );
  if (!mount) return undefined;
  const inside = mount.point === '/' ? root.real : root.real.slice(mount.point.length);
  const isNetwork = NETWORK.test(mount.type);
  const [server = '', exported = ''] = isNetwork ? splitSource(mount.source) : [mount.source, ''];
  return {
    device: mount.device,
    source: server,
    isNetwork,
    path: clean(isNetwork ? `${exported}/${mount.root}/${inside}` : `${mount.root}/${inside}`),
  };
}

/** `server:/export` → server and export; `//server/share` likewise. */
function splitSource(source: string): [string, string] {
  const nfs = /^(.+?):(\/.*)$/.exec(source);
  if (nfs) return [nfs[1] ?? '', nfs[2] ?? ''];
  const smb = /^(\/\/[^/]+)(\/.*)?$/.exec(source);
  return smb ? [smb[1] ?? '', smb[2] ?? ''] : [source, ''];
}

const clean = (text: string): string =>
  `/${text
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;

function byLocation(
  mine: Location | undefined,
  theirs: Location | undefined,
  onOneKernel: boolean,
): Relation | undefined {
  if (!mine || !theirs) throw new Error('the mount table does not cover a path');
  const sameDevice = onOneKernel && mine.device === theirs.device;
  const sameServer =
    mine.isNetwork && theirs.isNetwork && mine.source.toLowerCase() === theirs.source.toLowerCase();
  if (!sameDevice && !sameServer) return undefined;
  if (mine.path === theirs.path) return 'is';
  if (isBelow(mine.path, theirs.path)) return 'lies in';
  if (isBelow(theirs.path, mine.path)) return 'holds';
  return undefined;
}

const isBelow = (path: string, folder: string): boolean => folder === '/' || path.startsWith(`${folder}/`);

/** What the system brings for everybody; Debian's packages link there. */
const SYSTEM = /^\/(usr|etc|opt|lib|lib64|bin|var\/lib)(\/|$)/;

const isLink = (root: TreeRoot): boolean => root.why === 'link' || root.why === 'file-link';

/** Linked files beside the other tree harm nobody; both linking to one third folder is a warning, or the system's. */
function severityOf(mine: TreeRoot, theirs: TreeRoot, how: Relation): Overlap['severity'] | undefined {
  if (isLink(mine) && isLink(theirs)) return how !== 'is' || SYSTEM.test(mine.real) ? undefined : 'warning';
  if (mine.why === 'file-link' && how === 'holds') return undefined;
  if (isLink(theirs) && how === 'lies in') return undefined;
  return 'error';
}

function describe(mine: TreeRoot, theirs: TreeRoot, how: Relation): string {
  const name = (root: TreeRoot, side: string): string => {
    switch (root.why) {
      case 'path':
        return `${side} ${root.found}${root.found === root.real ? '' : ` (${root.real})`}`;
      case 'mount':
        return `the mount ${root.found} of ${side}`;
      case 'link':
      case 'file-link':
        return `${root.real}, to which ${root.found} of ${side} leads,`;
    }
  };
  return `${capital(name(mine, 'staging'))} ${how} ${name(theirs, 'production')}.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function unanswered(error: unknown, productionPath: string, stagingPath: string): Finding {
  const why = messageOf(error);
  const said = error instanceof UnderstudyError && error.stderr ? ` (${error.stderr})` : '';
  return {
    severity: 'error',
    code: 'LIVE_GUARD_UNANSWERED',
    message: `Could not determine whether ${stagingPath} on staging and ${productionPath} on production are the same files: ${why}${said}`,
    host: error instanceof UnderstudyError ? error.host : undefined,
    next: 'Check both paths, and that the accounts may read them; nothing is changed until this check can be completed.',
  };
}
