import { type DraftSide, type DraftSite } from './draft.js';
import { secondsOf } from '../formats/names.js';
import { normalizePath } from '../formats/paths.js';
import { compact, mappingOf, type Mapping, textOf } from '../mapping.js';
import { secretReference } from '../secrets/secret-reference.js';
import {
  type ContentSettings,
  type DatabaseOptions,
  type DatabaseSettings,
  type HostAddress,
  type HttpSettings,
  type PortainerSettings,
  type ProductionLimits,
  type RewriteSettings,
  type RunSettings,
  type ScrubMap,
  type SecretReference,
  type SideSettings,
  type Site,
  type SiteType,
  type StagingSettings,
} from '../site.js';
import { type SiteFile, type Staging } from '../site-file.generated.js';

/** A site file after defaults: sections that have a default are always there. */
type Filled = SiteFile &
  Required<Pick<SiteFile, 'agent' | 'schedule' | 'content' | 'database' | 'rewrite' | 'run'>>;

/** The site that a draft without problems describes. */
export function buildSite(draft: DraftSite, file: string, digest: string): Site {
  const raw = draft.raw as unknown as Filled;
  return compact<Site>({
    name: draft.name,
    file,
    title: raw.title ?? draft.name,
    type: raw.type as SiteType,
    agent: raw.agent,
    schedule: raw.schedule,
    production: { ...buildSide(draft.production), limits: buildLimits(draft.production.raw['limits']) },
    staging: buildStaging(draft.staging),
    content: buildContent(raw),
    database: raw.database as DatabaseOptions,
    rewrite: raw.rewrite as RewriteSettings,
    run: buildRun(raw),
    maintenance: draft.raw['maintenance'] as Mapping | undefined,
    archive: draft.raw['archive'] as Mapping | undefined,
    publish: draft.raw['publish'] as Mapping | undefined,
    notify: draft.raw['notify'] as Mapping | undefined,
    digest,
  });
}

function buildSide(side: DraftSide): SideSettings {
  const { raw } = side;
  const path = normalizePath(side.path ?? '');
  const container = textOf(raw['container']);
  return compact<SideSettings>({
    url: plainUrl(side.url ?? ''),
    address: side.address ?? { kind: 'local' },
    path,
    container,
    containerPath: container === undefined ? undefined : normalizePath(textOf(raw['containerPath']) ?? path),
    workDir: normalizePath(side.workDir),
    database: buildDatabase(side, side.address ?? { kind: 'local' }),
    http: buildHttp(mappingOf(raw['http'])),
  });
}

function buildLimits(raw: unknown): ProductionLimits {
  const { transfer, dump, load, wait, hours } = mappingOf(raw);
  return compact<ProductionLimits>({
    transferMegabits: transfer as number | undefined,
    dumpMegabytes: dump as number | undefined,
    load: load as number | undefined,
    waitSeconds: secondsOf(textOf(wait) ?? '30m'),
    hours: hours as ProductionLimits['hours'],
  });
}

/** Lower-case host in punycode, no default port, no trailing slash or dot. */
function plainUrl(text: string): string {
  const url = new URL(text);
  url.hostname = url.hostname.replace(/\.+$/, '');
  return `${url.origin}${url.pathname.replaceAll(/\/{2,}/g, '/').replace(/\/$/, '')}`;
}

function buildDatabase(side: DraftSide, address: HostAddress): DatabaseSettings {
  const raw = mappingOf(side.raw['database']);
  return compact<DatabaseSettings>({
    address: side.database.address ?? address,
    container: textOf(raw['container']),
    server: side.database.server,
    name: side.database.name,
    user: textOf(raw['user']),
    password: secretReference(raw['password']),
    prefix: textOf(raw['prefix']),
    charset: textOf(raw['charset']),
    ca: textOf(raw['ca']),
  });
}

function buildHttp(raw: Mapping): HttpSettings {
  const headers = Object.entries(mappingOf(raw['headers'])).map(
    ([name, value]) => [name, secretReference(value) ?? String(value)] as const,
  );
  return compact<HttpSettings>({
    basicAuth: secretReference(raw['basicAuth'], 'username-password'),
    headers: Object.fromEntries(headers) as Record<string, string | SecretReference>,
    // Brackets tell the address from its port: everything else reads it that way.
    resolve: textOf(raw['resolve'])?.replace(/^[^[\].]*:[^[\].]*:[^[\].]*$/, '[$&]'),
    ca: textOf(raw['ca']),
  });
}

function buildStaging(side: DraftSide): StagingSettings {
  const { ssh: _, keepUsers, scrub, portainer, ...rest } = side.raw as unknown as Required<Staging>;
  const admin = mappingOf(mappingOf(side.raw['database'])['admin']);
  const password = secretReference(admin['password']);
  return compact<StagingSettings>({
    ...rest,
    ...buildSide(side),
    keepUsers: keepUsers as StagingSettings['keepUsers'],
    scrub: scrub as ScrubMap,
    admin: password && { user: String(admin['user']), password },
    portainer: buildPortainer(portainer),
  });
}

function buildPortainer(raw: unknown): PortainerSettings | undefined {
  if (raw === undefined) return undefined;
  const { webhook, api, ca, wait } = mappingOf(raw);
  const token = secretReference(mappingOf(api)['token']);
  const { url, endpoint, stack } = mappingOf(api);
  return compact<PortainerSettings>({
    webhook: secretReference(webhook),
    ca: textOf(ca),
    waitSeconds: secondsOf(textOf(wait) ?? '3m'),
    api: token && { url: String(url), endpoint: Number(endpoint), stack: Number(stack), token },
  });
}

function buildContent({ content, type }: Filled): ContentSettings {
  const usualMedia = type === 'wordpress' ? ['wp-content/uploads'] : [];
  const { folders = usualMedia, mode = 'excluded' } =
    (Array.isArray(content.media) ? { folders: content.media } : content.media) ?? {};
  return {
    ...(content as Omit<ContentSettings, 'media' | 'mediaMode'>),
    media: folders.map((folder) => normalizePath(folder)),
    mediaMode: mode,
  };
}

function buildRun({ run }: Filled): RunSettings {
  const { resumeWithin, lease, heartbeat, stageTimeout, keepBackups } = run as Required<typeof run>;
  return {
    resumeWithinSeconds: secondsOf(resumeWithin),
    leaseSeconds: secondsOf(lease),
    heartbeatSeconds: secondsOf(heartbeat),
    stageTimeoutSeconds: secondsOf(stageTimeout),
    keepBackups,
  };
}
