import { maintenanceOf, type MaintenanceSettings } from '../../config/sections.js';
import { resolveLogin, resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type HttpSettings } from '../../config/site.js';
import { withDatabase } from '../../database/connection/open-database.js';
import { UnderstudyError } from '../../errors/index.js';
import { findBrowser } from '../../hosts/process/run-browser.js';
import { type CheckBrowser, openBrowser } from '../../maintenance/checks/browser.js';
import { type CheckRun, type PlannedPage } from '../../maintenance/checks/check-result.js';
import { discoverPages } from '../../maintenance/checks/discover-pages.js';
import { type LogMark } from '../../maintenance/checks/php-log.js';
import { comparedWith, type PictureReference } from '../../maintenance/checks/reference-pictures.js';
import { runChecks, withCheckHeader } from '../../maintenance/checks/run-checks.js';
import { layoutOf } from '../../wordpress/site/host-layout.js';
import { createHttpClient, type HttpClient } from '../../http/site-client.js';
import { type Session } from '../session/session.js';
import { type SiteLayout } from '../../wordpress/site/site-layout.js';

/** The checks of one side, with everything open that they need. */
export interface SiteChecks {
  readonly settings: MaintenanceSettings;
  readonly client: HttpClient;
  /** The declared pages and the discovered ones. */
  discover(): Promise<PlannedPage[]>;
  run(
    name: string,
    pages: readonly PlannedPage[],
    options?: {
      readonly reference?: PictureReference;
      readonly mark?: LogMark;
      readonly withoutBrowser?: boolean;
    },
  ): Promise<CheckRun>;
  close(): Promise<void>;
}

/**
 * @param folder on this machine for pictures and checks.json
 */
export async function openSiteChecks(
  session: Session,
  side: 'production' | 'staging',
  folder: string,
): Promise<SiteChecks> {
  const settings = maintenanceOf(session.site);
  const place = session.site[side];
  const http = withCheckHeader(place.http, settings);
  const client = await createHttpClient(place.url, http);
  const browser = await browserFor(place.url, http, settings);
  const host = await (side === 'staging' ? session.hosts.staging() : session.hosts.productionApplication());
  const wordpress = await session.wordpress[side]();
  const layout = layoutOf(place, wordpress);
  const log = { host, side: place, layout };
  return {
    settings,
    client,
    discover: () => discoverFor(session, side, settings, { client, layout: layout.relative }),
    run: (name, pages, { reference, mark, withoutBrowser } = {}) =>
      runChecks({
        name,
        url: place.url,
        client,
        settings: settings.checks,
        pages,
        folder,
        log,
        signal: session.signal,
        ...(browser === undefined || withoutBrowser === true ? {} : { browser }),
        reference,
        mark,
      }),
    close: async () => browser?.close(),
  };
}

async function discoverFor(
  session: Session,
  side: 'production' | 'staging',
  settings: MaintenanceSettings,
  { client, layout }: { readonly client: HttpClient; readonly layout: SiteLayout },
): Promise<PlannedPage[]> {
  const isWordPress = session.site.type === 'wordpress';
  const basis = { settings: settings.checks, isWordPress, client, layout, url: session.site[side].url };
  if (!isWordPress || !settings.checks.discover) return discoverPages(basis);
  const host = await (side === 'staging'
    ? session.hosts.stagingDatabase()
    : session.hosts.productionDatabase());
  const access = await session.database[side]();
  return withDatabase(host, access, { signal: session.signal }, (connection) =>
    discoverPages({ ...basis, database: { connection, prefix: access.prefix } }),
  );
}

async function browserFor(
  url: string,
  http: HttpSettings,
  settings: MaintenanceSettings,
): Promise<CheckBrowser | undefined> {
  const program = findBrowser();
  if (program === undefined) return undefined;
  const headers: Record<string, string> = {};
  if (http.basicAuth !== undefined) {
    const login = await resolveLogin(http.basicAuth);
    const pair = Buffer.from(`${login.user}:${login.password.reveal()}`).toString('base64');
    headers['authorization'] = `Basic ${pair}`;
  }
  for (const [name, value] of Object.entries(http.headers))
    headers[name.toLowerCase()] = typeof value === 'string' ? value : (await resolveSecret(value)).reveal();
  return openBrowser({
    program,
    url,
    headers,
    acceptAnyCertificate: http.ca !== undefined,
    settings: settings.checks.screenshots,
    resolve: http.resolve,
  });
}

/** The state that later checks are measured by. */
export interface Baseline {
  readonly run: CheckRun;
  /** Pages that look different from one visit to the next. */
  readonly unstable: ReadonlySet<string>;
}

/**
 * Looks at the site twice: what differs between two looks with nothing done in between changes by itself. Discovered
 * pages that do not exist are no pages and are left out.
 * @throws CHECKS_BLOCKED when not one page could be read
 */
export async function takeBaseline(checks: SiteChecks, folder: string): Promise<Baseline> {
  const planned = await checks.discover();
  const first = await checks.run('baseline', planned);
  assertReadable(first);
  const absent = new Set(
    first.results
      .filter(
        ({ kind, state, message }) =>
          kind === 'page' && state === 'failed' && message.startsWith('does not exist'),
      )
      .map(({ path }) => path),
  );
  const pages = planned.filter(({ path, why }) => why === 'declared' || !absent.has(path));
  const run =
    pages.length === planned.length
      ? first
      : {
          ...first,
          pages,
          results: first.results.filter(
            ({ path }) => !absent.has(path) || pages.some((page) => page.path === path),
          ),
        };
  if (first.pictures.length === 0) return { run, unstable: new Set() };
  const second = await checks.run('baseline-again', pages, { reference: comparedWith(folder, run) });
  const unstable = second.results
    .filter(({ kind, state }) => kind === 'picture' && state === 'failed')
    .map(({ path }) => path);
  return {
    unstable: new Set(unstable),
    run: {
      ...run,
      notes: [
        ...run.notes,
        ...(unstable.length === 0
          ? []
          : [
              `These pages change by themselves, so their pictures were not compared (screenshots.mask helps): ${unstable.join(', ')}`,
            ]),
      ],
    },
  };
}

function assertReadable(run: CheckRun): void {
  const pages = run.results.filter(({ kind }) => kind === 'page');
  if (pages.some(({ state }) => state !== 'failed')) return;
  throw new UnderstudyError('CHECKS_BLOCKED', 'Not one page of the site could be read.', {
    details: pages.map(({ path, message }) => `${path}: ${message}`).slice(0, 20),
  });
}
