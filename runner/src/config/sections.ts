import { addressOf, defaultWorkDir } from './load/draft.js';
import { secondsOf } from './formats/names.js';
import { normalizePath } from './formats/paths.js';
import { compact, isMapping, type Mapping, mappingOf, textOf } from './mapping.js';
import { secretReference } from './secrets/secret-reference.js';
import { type HostAddress, type SecretReference, type Settled, type Site } from './site.js';
import {
  type Approve,
  type Checks,
  type Maintenance,
  type Notify,
  type NotifyEmail,
  type Publish,
  type UpdatePolicy,
} from './site-file.generated.js';
import { validateSite } from './schema/validate.js';

/** Typed views of the raw sections of a {@link Site}: maintenance, archive, publish, notify. */
export type UpdateRules = Settled<UpdatePolicy>;
export type CheckSettings = Settled<Omit<Checks, 'screenshots' | 'slowerThan'>> & {
  readonly slowerThanSeconds: number;
  readonly screenshots: Settled<NonNullable<Checks['screenshots']>>;
};

type MaintenanceOptions = Pick<
  Maintenance,
  'schedule' | 'core' | 'translations' | 'wp' | 'promote' | 'freeze' | 'instanceRefresh'
>;

export interface MaintenanceSettings
  extends
    Settled<MaintenanceOptions>,
    Readonly<Pick<Maintenance, 'composer' | 'runAs' | 'instancesBootFrom'>> {
  readonly plugins: UpdateRules;
  readonly themes: UpdateRules;
  readonly checks: CheckSettings;
  readonly approve: Settled<Omit<Approve, 'timeout'>> & { readonly timeoutSeconds: number };
  readonly cloudfront?: { readonly distribution: string; readonly paths: readonly string[] };
  readonly header?: { readonly name: string; readonly value: SecretReference };
  readonly window?: NonNullable<Required<Maintenance>['window']> & {
    readonly days: readonly string[];
    readonly timezone: string;
  };
  /** Seconds for which its end is waited for. */
  readonly instanceRefreshWaitSeconds: number;
}

export interface ArchiveSettings {
  readonly address: HostAddress;
  /** Absolute, no trailing slash. */
  readonly path: string;
  readonly workDir: string;
  readonly exclude: readonly string[];
}

export interface PublishSettings
  extends
    Settled<Omit<Publish, 'key' | 'signingKey' | 'hostKey' | 'knownHosts' | 'token' | 'api'>>,
    Readonly<Pick<Publish, 'knownHosts' | 'api'>> {
  readonly key?: SecretReference;
  /** SSH key with which commits and tags are signed. */
  readonly signingKey?: SecretReference;
  readonly hostKeys: readonly string[];
  readonly token?: SecretReference;
}

export interface MailSettings extends Settled<Omit<NotifyEmail, 'login'>> {
  readonly login?: SecretReference;
}

export interface NotifySettings {
  readonly webhook?: SecretReference;
  readonly slack?: SecretReference;
  readonly teams?: SecretReference;
  readonly email?: MailSettings;
  readonly onlyChanges: boolean;
  readonly on: readonly NonNullable<Notify['on']>[number][];
}

/** What the schema fills in where the file does not mention `maintenance`. */
function maintenanceDefaults(): Readonly<Record<string, unknown>> {
  const data = { maintenance: {} };
  validateSite(data, () => undefined);
  return data.maintenance;
}

/** The section `maintenance`, or its defaults where the file does not have it. */
export function maintenanceOf(site: Site): MaintenanceSettings {
  const raw = site.maintenance ?? maintenanceDefaults();
  const checks = mappingOf(raw['checks']);
  const approve = mappingOf(raw['approve']);
  const header = mappingOf(raw['header']);
  const value = secretReference(header['value']);
  const { slowerThan, ...otherChecks } = checks;
  return compact<MaintenanceSettings>({
    ...(raw as unknown as MaintenanceSettings),
    checks: { ...otherChecks, slowerThanSeconds: secondsOf(String(slowerThan)) } as unknown as CheckSettings,
    approve: {
      policy: approve['policy'] === 'when-green' ? 'when-green' : 'person',
      timeoutSeconds: secondsOf(String(approve['timeout'])),
      by: (approve['by'] ?? []) as readonly string[],
      people: mappingOf(approve['people']) as Readonly<Record<string, string>>,
    },
    instanceRefreshWaitSeconds: secondsOf(String(raw['instanceRefreshWait'])),
    promote: ((raw['promote'] ?? []) as readonly string[]).map(normalizePath),
    header: value && { name: String(header['name']), value },
  });
}

/** The section `archive`; undefined where the file does not have it. */
export function archiveOf(site: Site): ArchiveSettings | undefined {
  const raw = site.archive;
  if (!raw) return undefined;
  return {
    address: raw['ssh'] === undefined ? { kind: 'local' } : (addressOf(raw['ssh']) ?? { kind: 'local' }),
    path: normalizePath(String(raw['path'])),
    workDir: normalizePath(textOf(raw['workDir']) ?? defaultWorkDir(site.name)),
    exclude: (raw['exclude'] ?? []) as readonly string[],
  };
}

/** The section `publish`; undefined where the file does not have it. */
export function publishOf(site: Site): PublishSettings | undefined {
  const raw = site.publish;
  if (!raw) return undefined;
  const { hostKey: _, ...rest } = raw;
  return compact<PublishSettings>({
    ...(rest as unknown as PublishSettings),
    key: secretReference(raw['key'], 'ssh-key'),
    signingKey: secretReference(raw['signingKey'], 'ssh-key'),
    hostKeys: [raw['hostKey'] ?? []].flat().map(String),
    token: secretReference(raw['token']),
  });
}

/** The section `notify`; undefined where the file does not have it. */
export function notifyOf(site: Site): NotifySettings | undefined {
  if (!isMapping(site.notify)) return undefined;
  const { webhook, slack, teams, email, on, onlyChanges } = site.notify;
  return compact<NotifySettings>({
    webhook: secretReference(webhook),
    slack: secretReference(slack),
    teams: secretReference(teams),
    email: isMapping(email) ? mailOf(email) : undefined,
    onlyChanges: onlyChanges === true,
    on: (on ?? []) as NotifySettings['on'],
  });
}

function mailOf(raw: Mapping): MailSettings {
  const security = (raw['security'] ?? 'starttls') as MailSettings['security'];
  return compact<MailSettings>({
    ...(raw as unknown as MailSettings),
    security,
    port: Number(raw['port'] ?? (security === 'tls' ? 465 : 587)),
    login: secretReference(raw['login'], 'username-password'),
  });
}
