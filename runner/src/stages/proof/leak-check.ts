import { servedMedia } from '../../content/rsync/filters.js';
import { type Site } from '../../config/site.js';
import { type DatabaseAccess } from '../../database/connection/access.js';
import { openDatabase } from '../../database/connection/open-database.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { leakClassifier, type LeakTarget } from '../../database/leaks/classify.js';
import { type Definition } from '../../database/leaks/definitions.js';
import { expectedPlaces } from '../../database/leaks/expected-places.js';
import { findLeaks, type LeakReport } from '../../database/leaks/find-leaks.js';
import { type LeakLocation } from '../../database/leaks/leak-places.js';
import { brokenSerialized } from '../../database/leaks/serialized-proof.js';
import { REWRITE_SESSION } from '../../database/rewrite/rewrite-database.js';
import { type SerializedPlaces } from '../../database/rewrite/tally.js';
import { type ReplacementPair, createRewriter, deriveSitePairs } from '../../rewrite/index.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { crawl, type CrawlReport, type PageLeak } from '../../wordpress/site/crawl.js';
import { createHttpClient } from '../../http/site-client.js';
import { type StageContext } from '../stage.js';
import { coreAddress } from '../../wordpress/site/site-layout.js';
import { layoutsOf, stagingLayout } from '../survey/site-layouts.js';

/** What a look for leaks needs; the context of every stage is one. */
export type LeakContext = Pick<
  StageContext,
  'site' | 'hosts' | 'database' | 'reporter' | 'signal' | 'wordpress' | 'shelf'
>;

export const withScheme = (address: string, protocol = 'https:'): string =>
  /^https?:\/\//i.test(address) ? address : `${protocol}//${address}`;

/** All pairs of a site. A site of the network that is given without a scheme is served as staging itself is. */
export const sitePairs = (site: Site): ReplacementPair[] => [
  ...deriveSitePairs(site.production.url, site.staging.url, {
    sites: Object.entries(site.rewrite.network).map(([from, to]) => ({
      from: withScheme(from),
      to: withScheme(to, new URL(site.staging.url).protocol),
    })),
  }),
  ...site.rewrite.pairs,
];

/** `host[:port][/path]` */
export function bareAddress(url: string): string {
  const { host, pathname } = new URL(withScheme(url));
  return `${host}${pathname}`.replace(/\/$/, '');
}

/** Production's hosts and staging's addresses, from the site file alone. */
export function leakTarget(site: Site): LeakTarget {
  const staging = [site.staging.url, ...Object.values(site.rewrite.network)].map(bareAddress);
  const extra = site.rewrite.pairs
    .filter((pair) => pair.kind === 'url' || pair.kind === 'host')
    .map((pair) => pair.from);
  const named = [site.production.url, ...Object.keys(site.rewrite.network), ...extra].map(
    (url) => new URL(withScheme(url)).hostname,
  );
  const both = named.flatMap((host) => [host, host.startsWith('www.') ? host.slice(4) : `www.${host}`]);
  const isStaging = (host: string) => staging.includes(host);
  return { hosts: [...new Set(both)].filter((host) => !isStaging(host)), staging };
}

interface SessionsOnSchema {
  readonly access: DatabaseAccess;
  open(charset?: string): Promise<SqlConnection>;
  use<Result>(work: (session: SqlConnection) => Promise<Result>, charset?: string): Promise<Result>;
  /** Begins to open this number of sessions, where the stage keeps sessions. */
  prepare(count: number): void;
}

/** Sessions on a schema of staging's server, with the site's own account. */
export async function sessionsOn(context: LeakContext, schema: string): Promise<SessionsOnSchema> {
  const [host, access] = [await context.hosts.stagingDatabase(), await context.database.staging()];
  const { shelf, signal } = context;
  const openOne = (charset?: string): Promise<SqlConnection> =>
    openDatabase(host, access, { ...REWRITE_SESSION, database: schema, signal, charset });
  const open = (charset?: string): Promise<SqlConnection> =>
    shelf?.open(JSON.stringify([schema, charset]), () => openOne(charset)) ?? openOne(charset);
  return {
    access,
    open,
    use: async (work, charset) => {
      const session = await open(charset);
      return work(session).finally(() => session.close());
    },
    prepare: (count) => shelf?.prepare(JSON.stringify([schema, undefined]), count, openOne),
  };
}

/** Searches a schema of staging for production's hosts. @param definitions what the cutover makes in addition */
export async function searchDatabase(
  context: LeakContext,
  schema: string,
  definitions: readonly Definition[] = [],
): Promise<LeakReport> {
  const { site } = context;
  const { access, open } = await sessionsOn(context, schema);
  const rewriter = createRewriter(sitePairs(site));
  const report = await findLeaks({
    ...leakTarget(site),
    schema,
    definitions,
    open: () => open(),
    onProgress: context.reporter.progress,
    expected: expectedPlaces({
      prefix: access.prefix,
      skip: site.rewrite.skip,
      allow: site.rewrite.allowLeaks,
      keptOptions: site.staging.keepOptions,
      leftOnPurpose: (value) => {
        const left = () => rewriter.counts.keys + rewriter.counts.opaque + rewriter.counts.binary;
        const before = left();
        return rewriter.rewrite(value) === value ? left() - before : 0;
      },
    }),
  });
  for (const location of report.expected) context.reporter.step(`Expected: ${describePlace(location)}`);
  return report;
}

const describePlace = (location: LeakLocation): string =>
  `${location.table}.${location.column}: ${location.part ?? several(location.values, 'value')}` +
  (location.isVersioned === true ? ' now or in the history (FOR SYSTEM_TIME ALL)' : '') +
  (location.reason === undefined ? `, as in “${location.sample}”` : ` (${location.reason})`);

/** @throws UnderstudyError LEAK_FOUND with the list */
export function refuseLeaks(report: LeakReport): void {
  if (report.unexpected.length === 0) return;
  const values = report.unexpected.reduce((sum, location) => sum + location.values, 0);
  throw new UnderstudyError(
    'LEAK_FOUND',
    `${several(values, 'value or definition', 'values or definitions')} of the staging database still ${values === 1 ? 'names' : 'name'} production.`,
    { details: report.unexpected.map(describePlace) },
  );
}

/** @throws UnderstudyError SERIALIZED_BROKEN */
export async function proveSerialized(
  context: LeakContext,
  schema: string,
  places: readonly SerializedPlaces[],
): Promise<void> {
  const { access, use } = await sessionsOn(context, schema);
  const isUtf8 = access.charset === '' || /^utf8(mb3)?$/i.test(access.charset);
  const broken = await use(
    (session) => brokenSerialized(session, schema, places),
    isUtf8 ? 'utf8mb4' : access.charset,
  );
  if (broken.size > 0)
    throw new UnderstudyError('SERIALIZED_BROKEN', undefined, {
      details: [...broken].map(([location, count]) => `${location}: ${several(count, 'value')}`),
    });
}

/** Reads staging's pages over HTTP and looks for production in them. */
export async function searchPages(context: LeakContext): Promise<CrawlReport> {
  const { staging } = context.site;
  const report = await crawl({
    client: await createHttpClient(staging.url, staging.http),
    url: staging.url,
    login: coreAddress((await stagingLayout(context)).relative, 'wp-login.php'),
    classify: leakClassifier(leakTarget(context.site)),
    ...(context.site.content.mediaMode === 'read-through'
      ? { mayRedirect: isMedia(servedMedia({ ...context.site, layouts: await layoutsOf(context) })) }
      : {}),
    onProgress: context.reporter.progress,
    signal: context.signal,
  });
  // What was not read after a signal says nothing about the pages.
  context.signal.throwIfAborted();
  if (report.outOfTime)
    context.reporter.step(
      `Staging answers slowly: only ${several(report.read, 'page was', 'pages were')} checked`,
    );
  const { strict } = context.site.content;
  if (report.gitExposed && !strict) warnOf(context, gitExposed(context.site));
  if (!report.homeRead)
    context.reporter.warn({
      severity: 'warning',
      code: 'PAGES_UNREAD',
      message: `Staging's pages could not be read: ${report.unread[0]?.url ?? staging.url} ${report.unread[0]?.why ?? 'gave no page'}.`,
      next: 'Give staging.http (basicAuth, headers, resolve, ca) what a visitor needs, then run understudy leaks.',
    });
  return report;
}

/** Missing uploads are answered by production on purpose. */
const isMedia =
  (folders: readonly string[]) =>
  (url: string): boolean =>
    folders.some((folder) => new URL(url).pathname.includes(`/${folder}/`));

const gitExposed = ({ staging }: Site): UnderstudyError =>
  new UnderstudyError('GIT_EXPOSED', `${new URL('/.git/HEAD', staging.url).href} can be read by everyone.`);

const warnOf = ({ reporter }: LeakContext, { code, message, next }: UnderstudyError): void => {
  reporter.warn({ severity: 'warning', code, message, next });
};

const describePage = (leak: PageLeak): string =>
  `${leak.url}: ${leak.host} ${String(leak.mentions)}× in ${leak.where === 'body' ? 'the page' : `the header ${leak.where}`}, as in “${leak.sample}”`;

/** The error for leaking pages (and, with `content.strict`, for a readable .git), or undefined when all is well. */
export function pageLeakError(report: CrawlReport, site: Site): UnderstudyError | undefined {
  if (report.leaks.length === 0)
    return report.gitExposed && site.content.strict ? gitExposed(site) : undefined;
  const pages = new Set(report.leaks.map((leak) => leak.url)).size;
  return new UnderstudyError(
    'PAGE_LEAK_FOUND',
    `${String(pages)} of ${String(report.read)} staging pages still point to production.`,
    {
      details: report.leaks.slice(0, 40).map(describePage),
      next: `The new staging is up. To bring the former one back: understudy rollback ${site.name}`,
    },
  );
}

/** `understudy leaks <site>`: the database, then the pages. @throws PAGE_LEAK_FOUND, GIT_EXPOSED, PAGES_UNREAD */
export async function findStagingLeaks(context: LeakContext): Promise<string> {
  context.reporter.step('Searching the staging database');
  const database = await searchDatabase(context, (await context.database.staging()).name);
  context.reporter.step('Reading the staging pages');
  const pages = await searchPages(context);
  const error = pageLeakError(pages, context.site);
  if (database.unexpected.length > 0 || pages.leaks.length > 0)
    throw new UnderstudyError(
      'PAGE_LEAK_FOUND',
      `Staging of ${context.site.name} names production in ${several(database.unexpected.length, 'column')} and ${several(pages.leaks.length, 'place')} of its pages.`,
      {
        details: [...database.unexpected.map(describePlace), ...(error?.details ?? [])],
        next: `Add a rewrite pair or an exception to the site file and sync again, or go back: understudy rollback ${context.site.name}`,
      },
    );
  if (error !== undefined) throw error;
  // Anyone who asks for a proof is not told that all is well when half of it could not be looked at.
  if (!pages.homeRead)
    throw new UnderstudyError(
      'PAGES_UNREAD',
      `The database names production nowhere, but the pages of ${context.site.staging.url} could not be read.`,
    );
  return `No production address in the database (${database.seconds.toFixed(1)} s) and in ${several(pages.read, 'page')}.`;
}
