import { type MaintenanceSettings } from '../../config/sections.js';
import { type Site } from '../../config/site.js';
import { createHttpClient, type HttpAnswer, type HttpClient } from '../../http/site-client.js';
import { coreAddress, type SiteLayout } from '../../wordpress/site/site-layout.js';
import { nameOf, type ProductionInstance } from './operation/instances.js';
import { CLEAR_HEADER, type BypassToken } from './page.js';
import { messageOf } from '../../errors/index.js';

/** Requests to production that name themselves (`maintenance.header`), so that a firewall lets them through. */
export function productionClient(
  site: Site,
  { header }: Pick<MaintenanceSettings, 'header'>,
  resolve?: string,
): Promise<HttpClient> {
  const { http } = site.production;
  return createHttpClient(site.production.url, {
    ...http,
    headers: { ...http.headers, ...(header === undefined ? {} : { [header.name]: header.value }) },
    ...(resolve === undefined ? {} : { resolve }),
  });
}

/**
 * Where one instance answers, past CDN and balancer: its own address, and the port of `production.http.resolve`.
 * undefined where production is one machine: `http.resolve` says where that is.
 */
export function instanceResolve(site: Site, { address }: ProductionInstance): string | undefined {
  if (address.kind === 'local' || site.production.address.kind === 'local') return undefined;
  if (site.production.address.discover === undefined) return undefined;
  const port = /:(\d+)$/.exec(site.production.http.resolve ?? '')?.[1];
  const host =
    address.host.includes(':') && !address.host.startsWith('[') ? `[${address.host}]` : address.host;
  return port === undefined ? host : `${host}:${port}`;
}

/** A request behind the maintenance page. */
export interface InstanceRequests {
  get(
    path: string,
    options?: { readonly clear?: boolean; readonly timeoutSeconds?: number },
  ): Promise<HttpAnswer>;
}

export async function instanceRequests(
  site: Site,
  settings: MaintenanceSettings,
  instance: ProductionInstance,
  bypass: BypassToken,
): Promise<InstanceRequests> {
  const client = await productionClient(site, settings, instanceResolve(site, instance));
  const base = site.production.url.endsWith('/') ? site.production.url : `${site.production.url}/`;
  return {
    get: (path, { clear = false, timeoutSeconds = 60 } = {}) =>
      client(new URL(path.replace(/^\//, ''), base).href, {
        timeoutSeconds,
        headers: {
          [bypass.header]: bypass.token,
          'Cache-Control': 'no-cache',
          ...(clear ? { [CLEAR_HEADER]: 'opcache' } : {}),
        },
      }),
  };
}

/** PHP's and WordPress' own words for a page that broke, also where the status is 200. */
const BROKEN =
  /There has been a critical error on th(?:is|e) website|<b>(?:Fatal|Parse) error<\/b>:|PHP (?:Fatal|Parse) error:|Error establishing a database connection/i;

/** Below the address of WordPress' own folder. */
export const loginPath = (layout: SiteLayout): string => coreAddress(layout, 'wp-login.php');

/** What is wrong with an answer, in one sentence; undefined when nothing is. */
export function problemOf(path: string, answer: HttpAnswer): string | undefined {
  if (answer.status >= 500) return `${path} answers with ${String(answer.status)}`;
  if (answer.verdict === 'blocked') return undefined;
  // Sites hide their login page.
  if (answer.verdict === 'missing' && !path.endsWith('/wp-login.php'))
    return `${path} answers with ${String(answer.status)}`;
  const found = BROKEN.exec(answer.body.toString('utf8'));
  return found === null ? undefined : `${path} says: ${found[0].replace(/<[^>]+>/g, '')}`;
}

export interface QuickCheck {
  /** One sentence per page that is broken. */
  readonly failures: readonly string[];
  /** Pages that were kept from us (firewall, login). */
  readonly blocked: readonly string[];
}

/** Home, login and the declared pages, once each. A connection that fails is a failure. */
export async function quickCheck(
  paths: readonly string[],
  texts: MaintenanceSettings['checks']['text'],
  get: (path: string) => Promise<HttpAnswer>,
  layout: SiteLayout,
  instance?: ProductionInstance,
): Promise<QuickCheck> {
  const where = instance === undefined ? '' : `${nameOf(instance.address)}: `;
  const failures: string[] = [];
  const blocked: string[] = [];
  for (const path of new Set(['/', loginPath(layout), ...paths])) {
    try {
      const answer = await get(path);
      if (answer.verdict === 'blocked') blocked.push(`${where}${path}`);
      const problem = problemOf(path, answer) ?? textProblem(path, texts, answer);
      if (problem !== undefined) failures.push(`${where}${problem}`);
    } catch (cause) {
      failures.push(`${where}${path}: ${messageOf(cause)}`);
    }
  }
  return { failures, blocked };
}

function textProblem(
  path: string,
  texts: MaintenanceSettings['checks']['text'],
  answer: HttpAnswer,
): string | undefined {
  if (answer.verdict !== 'ok') return undefined;
  const body = answer.body.toString('utf8');
  for (const check of texts.filter((one) => one.path === path)) {
    const missing = check.must?.find((text) => !body.includes(text));
    if (missing !== undefined) return `${path} does not say ${JSON.stringify(missing)}`;
    const unwanted = check.mustNot?.find((text) => body.includes(text));
    if (unwanted !== undefined) return `${path} says ${JSON.stringify(unwanted)}`;
  }
  return undefined;
}
