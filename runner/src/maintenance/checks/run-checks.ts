import { several, messageOf } from '../../errors/index.js';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type MaintenanceSettings } from '../../config/sections.js';
import { type HttpSettings } from '../../config/site.js';
import { type CheckedPage, type CheckOptions } from './check-options.js';
import { checkPage } from './check-page.js';
import { type CheckSummary } from '../maintenance-record.js';
import { failuresOf, newFailures, sentenceOf, type CheckResult, type CheckRun } from './check-result.js';
import { checkLogs, markLogs } from './php-log.js';
import { inParallel } from '../../basics/in-parallel.js';
import { visitPages } from './visit-pages.js';
import { type HttpClient } from '../../http/site-client.js';

const WITHOUT_BROWSER =
  'No Chromium on the runner (UNDERSTUDY_CHROMIUM): pictures, errors in the browser’s console and forms behind complex selectors were not checked.';

/** Looks at all pages and writes `checks.json`. What fails is a result, not an error. */
export async function runChecks(options: CheckOptions): Promise<CheckRun> {
  const startedAt = new Date().toISOString();
  const folder = path.join(options.folder, 'checks', options.name);
  await mkdir(folder, { recursive: true });
  const mark = options.mark ?? (options.log === undefined ? undefined : await markLogs(options.log));
  const pages = await checkPages(options);
  const assets = new Map(
    pages
      .flatMap(({ page, check }) => check.assets.map((url): [string, string] => [url, page.path]))
      .reverse(),
  );
  const loaded = await checkAssets(options.client, assets);
  const seen = await visitPages(options, folder, pages);
  const log =
    options.log === undefined || mark === undefined
      ? { results: [], notes: [] }
      : await checkLogs(options.log, mark);
  const run: CheckRun = {
    name: options.name,
    startedAt,
    finishedAt: new Date().toISOString(),
    results: [
      ...pages.flatMap(({ check }) => check.results),
      ...loaded.results,
      ...seen.results,
      ...log.results,
    ],
    pictures: seen.pictures,
    pages: options.pages,
    notes: [
      ...(options.browser === undefined ? [WITHOUT_BROWSER] : []),
      ...(loaded.left > 0
        ? [
            `${several(loaded.left, 'more file that pages load was', 'more files that pages load were')} not asked for.`,
          ]
        : []),
      ...log.notes,
    ],
  };
  await writeFile(path.join(folder, 'checks.json'), `${JSON.stringify(run, null, 2)}\n`);
  return run;
}

async function checkPages(options: CheckOptions): Promise<CheckedPage[]> {
  return inParallel(3, options.pages, async (page) => {
    if (options.signal.aborted) options.signal.throwIfAborted();
    return { page, check: await checkPage(page, options) };
  });
}

/** Summary of one run of the checks; `before` tells what failed already. */
export function countsOf(results: readonly CheckResult[]): {
  passed: number;
  failed: number;
  skipped: number;
} {
  const count = (state: CheckResult['state']): number =>
    results.filter((each) => each.state === state).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** What of a run goes into the maintenance record. @param parent folder of `checks/`, relative to the run's folder */
export const checkSummary = (run: CheckRun, before?: CheckRun, parent = ''): CheckSummary => ({
  ...countsOf(run.results),
  failures: failuresOf(run).map((result) => sentenceOf(result).slice(0, 1000)),
  ...(before === undefined ? {} : { newFailures: newFailures(run, before).length }),
  folder: `${parent}checks/${run.name}`,
  finishedAt: run.finishedAt,
});

/** With the secret header by which a firewall knows our requests. */
export const withCheckHeader = (http: HttpSettings, maintenance: MaintenanceSettings): HttpSettings =>
  maintenance.header === undefined
    ? http
    : { ...http, headers: { ...http.headers, [maintenance.header.name]: maintenance.header.value } };

/** Style sheets, scripts and pictures asked for at most in one run of the checks. */
const MOST_ASSETS = 400;

/**
 * Asks for every asset once, without its body where the server knows HEAD.
 * @param assets address → path of the first page that loads it
 */
async function checkAssets(
  client: HttpClient,
  assets: ReadonlyMap<string, string>,
): Promise<{ results: CheckResult[]; left: number }> {
  const asked = [...assets].slice(0, MOST_ASSETS);
  const results = await inParallel(6, asked, async ([url, path]): Promise<CheckResult> => {
    const { pathname } = new URL(url);
    const result = { id: `asset ${pathname}`, kind: 'asset', path } as const;
    const problem = await problemOf(client, url);
    return problem === undefined
      ? { ...result, state: 'passed', message: `loads ${pathname}` }
      : { ...result, state: 'failed', message: `needs ${pathname}, which ${problem}` };
  });
  return { results, left: assets.size - asked.length };
}

async function problemOf(client: HttpClient, url: string): Promise<string | undefined> {
  try {
    let answer = await client(url, { method: 'HEAD' });
    if (answer.status === 405 || answer.status === 501) answer = await client(url);
    if (answer.verdict === 'missing') return 'does not exist';
    if (answer.verdict === 'broken') return `answers with ${String(answer.status)}`;
    return answer.verdict === 'blocked' ? `is blocked (${String(answer.status)})` : undefined;
  } catch (cause) {
    return `does not answer: ${messageOf(cause)}`;
  }
}
