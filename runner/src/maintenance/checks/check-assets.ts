import { type HttpClient } from '../../http/site-client.js';
import { type CheckResult } from './check-result.js';
import { inParallel } from '../../basics/in-parallel.js';
import { messageOf } from '../../errors/index.js';

/** Style sheets, scripts and pictures asked for at most in one run of the checks. */
const MOST_ASSETS = 400;

/**
 * Asks for every asset once, without its body where the server knows HEAD.
 * @param assets address → path of the first page that loads it
 */
export async function checkAssets(
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
