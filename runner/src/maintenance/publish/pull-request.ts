import { messageOf, type Secret, UnderstudyError } from '../../errors/index.js';
import { type HttpReply, sendRequest } from '../../http/send-request.js';
import { type GitHubRepository } from './repository-address.js';

export interface PullRequestOptions {
  readonly repository: GitHubRepository;
  readonly token: Secret;
  /** Branch with the commits, and the one it is to be merged into. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly signal: AbortSignal;
}

/**
 * Opens a pull request, or finds the one that is there (docs.github.com/rest/pulls/pulls).
 * @returns its address for people
 * @throws PUBLISH_PULL_REQUEST_FAILED with what GitHub said
 */
export async function openPullRequest(options: PullRequestOptions): Promise<string> {
  const { repository, head, base, title, body } = options;
  const pulls = `/repos/${repository.owner}/${repository.name}/pulls`;
  const query = new URLSearchParams({ head: `${repository.owner}:${head}`, base, state: 'open' });
  const found = await call(options, 'GET', `${pulls}?${query.toString()}`);
  const existing = Array.isArray(found) ? addressOf(found[0]) : undefined;
  if (existing !== undefined) return existing;
  const made = addressOf(await call(options, 'POST', pulls, { title, body, head, base }));
  if (made === undefined) throw failed('GitHub answered without the address of the pull request');
  return made;
}

function addressOf(answer: unknown): string | undefined {
  const url =
    typeof answer === 'object' && answer !== null && 'html_url' in answer ? answer.html_url : undefined;
  return typeof url === 'string' && /^https?:\/\/[^\s<>"]{1,500}$/.test(url) ? url : undefined;
}

async function call(
  { repository, token, signal }: PullRequestOptions,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> {
  let reply: HttpReply;
  try {
    reply = await sendRequest({
      url: `${repository.api}${path}`,
      method,
      signal,
      timeoutSeconds: 60,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token.reveal()}`,
        'content-type': 'application/json',
        'x-github-api-version': '2022-11-28',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    if (signal.aborted) throw new UnderstudyError('INTERRUPTED', undefined, { cause });
    throw failed(`${repository.api} does not answer (${messageOf(cause)})`);
  }
  const text = reply.body.toString('utf8');
  if (reply.status < 200 || reply.status >= 300)
    throw failed(`GitHub answered ${String(reply.status)}: ${githubMessage(text)}`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw failed('GitHub answered with something that is not JSON');
  }
}

/** `message` and the messages below `errors`. */
function githubMessage(text: string): string {
  try {
    const { message, errors } = JSON.parse(text) as { message?: unknown; errors?: unknown };
    const more = (Array.isArray(errors) ? errors : []).map((error: unknown) =>
      typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '',
    );
    return [String(message), ...more]
      .filter((part) => part !== '')
      .join('; ')
      .slice(0, 500);
  } catch {
    return text.slice(0, 200);
  }
}

const failed = (why: string): UnderstudyError =>
  new UnderstudyError('PUBLISH_PULL_REQUEST_FAILED', `${why}.`);
