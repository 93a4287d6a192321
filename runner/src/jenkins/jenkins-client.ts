import { messageOf, Secret, UnderstudyError } from '../errors/index.js';
import { type HttpReply, type HttpSending, sendRequest } from '../http/send-request.js';

export interface JenkinsLogin {
  /** With or without a slash at the end; may have a path: `https://ci.example/jenkins`. */
  readonly url: string;
  readonly user: string;
  readonly token: Secret;
}

export interface JenkinsAnswer {
  readonly status: number;
  readonly text: string;
  header(name: string): string | undefined;
}

export type JenkinsBody =
  | { readonly kind: 'form'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'xml'; readonly text: string };

/** Requests to one Jenkins. Paths begin with a slash and are relative to its address. */
export interface JenkinsClient {
  readonly url: string;
  /** Any status comes back; only a Jenkins that does not answer, or does not let the user in, throws. */
  get(path: string): Promise<JenkinsAnswer>;
  post(path: string, body: JenkinsBody): Promise<JenkinsAnswer>;
}

/**
 * Login from UNDERSTUDY_JENKINS_USER and UNDERSTUDY_JENKINS_TOKEN.
 * @throws USAGE for an invalid address, JENKINS_LOGIN_MISSING
 */
export function jenkinsLogin(url: string, environment: NodeJS.ProcessEnv): JenkinsLogin {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (
    parsed === undefined ||
    !['http:', 'https:'].includes(parsed.protocol) ||
    parsed.username ||
    parsed.password
  ) {
    throw new UnderstudyError('USAGE', 'The address of Jenkins must be https://… without a login in it.');
  }
  const user = environment['UNDERSTUDY_JENKINS_USER'] ?? '';
  const token = environment['UNDERSTUDY_JENKINS_TOKEN'] ?? '';
  if (user === '' || token === '') throw new UnderstudyError('JENKINS_LOGIN_MISSING');
  return { url: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`, user, token: new Secret(token) };
}

interface Crumb {
  readonly field: string;
  readonly value: string;
  /** A crumb is bound to the session in which it was given. */
  readonly cookie: string;
}

/** For one answer, its text included; a build is waited for by many short questions. */
const ANSWER_SECONDS = 120;
/** Bytes; of lists of jobs and configurations. */
const LARGEST_ANSWER = 64 * 1024 * 1024;

export function createJenkinsClient(login: JenkinsLogin, signal?: AbortSignal): JenkinsClient {
  const authorization = `Basic ${Buffer.from(`${login.user}:${login.token.reveal()}`).toString('base64')}`;
  let crumb: Crumb | undefined;

  const request = async (
    path: string,
    call: Pick<HttpSending, 'method' | 'headers' | 'body'> = {},
  ): Promise<HttpReply> => {
    try {
      return await sendRequest({
        ...call,
        url: `${login.url}${path}`,
        headers: { authorization, ...call.headers },
        timeoutSeconds: ANSWER_SECONDS,
        largestBody: LARGEST_ANSWER,
        signal,
      });
    } catch (cause) {
      if (signal?.aborted === true) throw new UnderstudyError('INTERRUPTED', undefined, { cause });
      const why = messageOf(cause);
      throw new UnderstudyError('JENKINS_UNREACHABLE', `${login.url} does not answer: ${why}`, { cause });
    }
  };
  const answer = ({ status, body, headers }: HttpReply): JenkinsAnswer => ({
    status,
    text: body.toString('utf8'),
    header: (name) => headers[name.toLowerCase()],
  });
  /** 404: this Jenkins wants none. API tokens need none either, passwords do. */
  const fetchCrumb = async (): Promise<Crumb> => {
    const response = await request('/crumbIssuer/api/json');
    if (response.status !== 200) return { field: '', value: '', cookie: '' };
    const read = JSON.parse(response.body.toString('utf8')) as {
      crumb?: unknown;
      crumbRequestField?: unknown;
    };
    const cookie = response.cookies.map((one) => one.split(';')[0] ?? '');
    return { field: String(read.crumbRequestField), value: String(read.crumb), cookie: cookie.join('; ') };
  };
  const post = async (path: string, body: JenkinsBody): Promise<HttpReply> => {
    crumb ??= await fetchCrumb();
    const guarded = crumb.field === '' ? {} : { [crumb.field]: crumb.value, cookie: crumb.cookie };
    return request(path, {
      method: 'POST',
      headers: {
        ...guarded,
        'content-type': body.kind === 'xml' ? 'application/xml' : 'application/x-www-form-urlencoded',
      },
      body: body.kind === 'xml' ? body.text : new URLSearchParams(body.values).toString(),
    });
  };
  return {
    url: login.url,
    get: async (path) => letIn(answer(await request(path)), path, login.user),
    post: async (path, body) => {
      let response = answer(await post(path, body));
      if (response.status === 403 && /crumb/i.test(response.text)) {
        // Sessions end, and the crumb with them.
        crumb = undefined;
        response = answer(await post(path, body));
      }
      return letIn(response, path, login.user);
    },
  };
}

function letIn(answer: JenkinsAnswer, path: string, user: string): JenkinsAnswer {
  if (answer.status !== 401 && answer.status !== 403) return answer;
  const what = answer.status === 401 ? 'does not know this login' : 'does not let this user do that';
  throw new UnderstudyError('JENKINS_REFUSED', `Jenkins ${what}: ${user}, ${path.split('?')[0] ?? path}`, {
    next: 'Check the user and the API token, and that the user may read, build and configure the jobs.',
  });
}

/** `understudy/acme/sync` → `/job/understudy/job/acme/job/sync`. @throws USAGE */
export function jobPath(name: string): string {
  const parts = name.split('/').filter((part) => part !== '');
  if (
    parts.length === 0 ||
    parts.some(
      (part) => part === '.' || part === '..' || !/^[^?*\\%!@#$^&|<>[\]:;\u0000-\u001f]+$/.test(part),
    )
  ) {
    throw new UnderstudyError('USAGE', `${JSON.stringify(name)} is not the name of a job.`);
  }
  return parts.map((part) => `/job/${encodeURIComponent(part)}`).join('');
}
