import { parseSshText } from '../addresses.js';
import {
  compact,
  isMapping,
  listOf,
  type Mapping,
  mappingOf,
  numberOf,
  textOf,
  type KeyPath,
} from '../mapping.js';
import { secretReference } from '../secrets/secret-reference.js';
import { type HostAddress, type HostDiscovery, type ServerAddress, type SshAddress } from '../site.js';

/** A site as far as its file is in order: rules work on it even when other keys are wrong or missing. */
export interface DraftSite {
  readonly name: string;
  /** The merged file without what the schema refused. */
  readonly raw: Mapping;
  readonly production: DraftSide;
  readonly staging: DraftSide;
  readonly archive?: { readonly address: HostAddress; readonly path?: string };
}
export interface DraftSide {
  readonly side: 'production' | 'staging';
  readonly raw: Mapping;
  readonly url?: string;
  readonly address?: HostAddress;
  readonly path?: string;
  readonly workDir: string;
  readonly database: {
    readonly address?: HostAddress;
    readonly server?: ServerAddress;
    readonly name?: string;
  };
}

/** Where `ssh` may stand, so that its short spelling is opened before defaults are merged. */
export const SSH_PLACES: readonly KeyPath[] = [
  ['production', 'ssh'],
  ['production', 'database', 'ssh'],
  ['staging', 'ssh'],
  ['staging', 'database', 'ssh'],
  ['archive', 'ssh'],
];

/** `user@host:port` → `{user, host, port}`; `local` and mappings stay as they are, `via` is opened too. */
export function openSshText(raw: unknown): unknown {
  if (typeof raw === 'string' && raw !== 'local') return parseSshText(raw) ?? raw;
  if (isMapping(raw) && raw['via'] !== undefined) return { ...raw, via: openSshText(raw['via']) };
  return raw;
}

/** The address that a (valid) `ssh` means; undefined where host or user are missing. */
export function addressOf(raw: unknown): HostAddress | undefined {
  if (raw === 'local') return { kind: 'local' };
  const opened = openSshText(raw);
  if (!isMapping(opened)) return undefined;
  const discover = discoveryOf(opened['discover']);
  const host = textOf(opened['host']) ?? (discover === undefined ? undefined : '');
  const user = textOf(opened['user']);
  if (host === undefined || user === undefined) return undefined;
  const via = addressOf(opened['via']);
  return compact<SshAddress>({
    kind: 'ssh',
    host: host.replace(/\.$/, ''),
    port: numberOf(opened['port']) ?? 22,
    user,
    key: secretReference(opened['key'], 'ssh-key'),
    hostKeys: [opened['hostKey'] ?? []].flat().filter((key) => typeof key === 'string'),
    knownHosts: textOf(opened['knownHosts']),
    via: via?.kind === 'ssh' ? via : undefined,
    discover,
  });
}

function discoveryOf(raw: unknown): HostDiscovery | undefined {
  const { autoScalingGroup, targetGroup, tags, region, command } = mappingOf(raw);
  if (typeof autoScalingGroup === 'string' && typeof region === 'string')
    return { kind: 'auto-scaling-group', group: autoScalingGroup, region };
  if (typeof targetGroup === 'string') return { kind: 'target-group', arn: targetGroup };
  // Without a tag every instance of the account would be production.
  if (isMapping(tags) && Object.keys(tags).length > 0 && typeof region === 'string')
    return { kind: 'tags', tags: tags as Readonly<Record<string, string>>, region };
  return Array.isArray(command) ? { kind: 'command', argv: listOf(command).map(String) } : undefined;
}

function serverOf(raw: Mapping): ServerAddress | undefined {
  const socket = textOf(raw['socket']);
  const host = textOf(raw['host']);
  if (socket !== undefined) return { kind: 'socket', path: socket };
  const port = numberOf(raw['port']);
  if (host === undefined && port === undefined) return undefined;
  return { kind: 'tcp', host: host ?? '127.0.0.1', port: port ?? 3306 };
}

export const defaultWorkDir = (site: string): string => `~/.understudy/${site}`;

function draftSide(name: string, side: 'production' | 'staging', raw: Mapping): DraftSide {
  const database = mappingOf(raw['database']);
  const address = addressOf(raw['ssh']);
  return compact<DraftSide>({
    side,
    raw,
    url: textOf(raw['url']),
    address,
    path: textOf(raw['path']),
    workDir: textOf(raw['workDir']) ?? defaultWorkDir(name),
    database: compact<DraftSide['database']>({
      address: database['ssh'] === undefined ? address : addressOf(database['ssh']),
      server: serverOf(database),
      name: textOf(database['name']),
    }),
  });
}

export function draftSite(name: string, raw: Mapping): DraftSite {
  const archive = isMapping(raw['archive']) ? raw['archive'] : undefined;
  const archiveAddress =
    archive && (archive['ssh'] === undefined ? { kind: 'local' as const } : addressOf(archive['ssh']));
  return compact<DraftSite>({
    name,
    raw,
    production: draftSide(name, 'production', mappingOf(raw['production'])),
    staging: draftSide(name, 'staging', mappingOf(raw['staging'])),
    archive:
      archiveAddress &&
      compact<NonNullable<DraftSite['archive']>>({ address: archiveAddress, path: textOf(archive['path']) }),
  });
}
