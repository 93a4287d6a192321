import { type Finding, UnderstudyError, messageOf } from '../../errors/index.js';
import { leakClassifier } from '../../database/leaks/classify.js';
import { type HttpAnswer, type HttpClient, createHttpClient } from '../../http/site-client.js';
import { type ProbeFile, withProbeFile } from '../../wordpress/plugin/probe-file.js';
import { leakTarget } from '../proof/leak-check.js';
import { type StageContext } from '../stage.js';

/** What the address of staging answered when it was asked for the file that lies on the staging host. */
type Reached =
  | { readonly kind: 'staging' }
  /** Somebody else answered. */
  | { readonly kind: 'elsewhere'; readonly why: string }
  /** Nobody, or a login or firewall in front. */
  | { readonly kind: 'unknown'; readonly why: string };

const REDIRECTS = 5;

/**
 * Fetches a file of the staging host as people do. Only when it is known that the folder is not production's.
 * @param isSafe whether the site's code may run too: not over production's database
 */
export async function reachStaging(
  context: Pick<StageContext, 'site' | 'hosts' | 'atEnd'>,
  isSafe: Promise<boolean>,
): Promise<Finding[]> {
  const { url, http, path } = context.site.staging;
  const client = await createHttpClient(url, http).catch((cause: unknown) => ({ cause }));
  if ('cause' in client)
    return [
      {
        severity: 'error',
        code: 'PAGES_UNREAD',
        message: `staging.http cannot be used to read staging's pages: ${messageOf(client.cause)}`,
        next:
          client.cause instanceof UnderstudyError
            ? client.cause.next
            : 'Correct staging.http in the site file.',
      },
    ];
  const reached = await withProbeFile(
    await context.hosts.staging(),
    path,
    (probe) => askForProbe(context, client, probe),
    context.atEnd,
  );
  return typeof reached === 'string'
    ? unproven(context, reached, `Make ${path} a folder that the account may write in`)
    : findings(context, reached, (await isSafe) ? await homeStatus(client, url, reached) : '');
}

async function askForProbe(
  context: Pick<StageContext, 'site'>,
  client: HttpClient,
  { name, content }: ProbeFile,
): Promise<Reached> {
  let reached: Reached | undefined;
  // Servers that keep texts from visitors still run PHP, and the other way round.
  for (const ending of ['txt', 'php']) {
    const address = `${context.site.staging.url}/${name}.${ending}`;
    const answer = await follow(client, address).catch((cause: unknown) => messageOf(cause));
    if (typeof answer !== 'string' && answer.body.toString().includes(content)) return { kind: 'staging' };
    const here = judge(context, answer);
    if (here.kind === 'elsewhere' || reached === undefined) reached = here;
  }
  return reached ?? { kind: 'unknown', why: 'it was not asked' };
}

/** Redirects are followed on the same host only. @returns the last answer */
async function follow(client: HttpClient, address: string): Promise<HttpAnswer> {
  let answer = await client(address);
  for (let step = 0; step < REDIRECTS && answer.verdict === 'redirect'; step += 1) {
    const target = new URL(answer.headers['location'] ?? '', answer.url);
    if (target.hostname !== new URL(answer.url).hostname) return answer;
    answer = await client(target.href);
  }
  return answer;
}

function judge({ site }: Pick<StageContext, 'site'>, answer: HttpAnswer | string): Reached {
  if (typeof answer === 'string') return { kind: 'unknown', why: answer };
  const status = String(answer.status);
  if (answer.verdict === 'redirect') {
    const target = new URL(answer.headers['location'] ?? '', answer.url);
    const leaks = leakClassifier(leakTarget(site))(Buffer.from(target.href));
    return leaks.length > 0
      ? { kind: 'elsewhere', why: `it redirects (${status}) to production: ${target.origin}` }
      : { kind: 'unknown', why: `it redirects (${status}) to ${target.origin}` };
  }
  if (answer.verdict === 'blocked')
    return { kind: 'unknown', why: `a log-in or a firewall answers for it (${status})` };
  if (answer.verdict === 'broken') return { kind: 'unknown', why: `it answers with ${status}` };
  return { kind: 'elsewhere', why: `it answers with ${status}, and not with the file that lies there` };
}

/** What people see meanwhile; asked only where something is wrong, because it runs the site's code. */
async function homeStatus(client: HttpClient, url: string, reached: Reached): Promise<string> {
  if (reached.kind === 'staging') return '';
  const answer = await follow(client, `${url}/`).catch(() => undefined);
  return answer === undefined ? '' : ` Its home page answers with ${String(answer.status)}.`;
}

function findings(context: Pick<StageContext, 'site'>, reached: Reached, home: string): Finding[] {
  const { url, path } = context.site.staging;
  if (reached.kind === 'staging') return [];
  if (reached.kind === 'unknown') return unproven(context, `${reached.why}.${home}`.replace(/\.$/, ''));
  return [
    {
      severity: context.site.type === 'wordpress' ? 'error' : 'warning',
      code: 'STAGING_URL_ELSEWHERE',
      message: `staging.url does not lead to the staging host: asked for a file in ${path}, ${url} says that ${reached.why}.${home}`,
      next: `Correct staging.url, or staging.http.resolve, in the site file. If both are right, ${path} is not what the web server serves, or it keeps /understudy-probe-*.txt and *.php from visitors.`,
    },
  ];
}

const unproven = (
  { site }: Pick<StageContext, 'site'>,
  why: string,
  remedy = 'Give staging.http (basicAuth, headers, resolve, ca) what a visitor needs',
): Finding[] => [
  {
    severity: 'warning',
    code: 'STAGING_URL_UNPROVEN',
    message: `Could not determine whether ${site.staging.url} leads to the staging host: ${why}. After a sync, no page can be searched for production's address, and caches can be emptied on the host alone.`,
    next: `${remedy}; understudy doctor tries it again.`,
  },
];
