import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type PortainerSettings } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';

export interface PortainerAnswer {
  readonly status: number;
  /** At most 64 KB of the body. */
  readonly text: string;
}

const SECONDS = 60;
const LARGEST_ANSWER = 65_536;

/**
 * One request to Portainer (https://docs.portainer.io/api/docs). A redirect is not followed: the token is for this host alone.
 * @param what for messages; the address of a webhook is a secret and stands in none
 * @throws PORTAINER_REFUSED when there is no answer
 */
export async function askPortainer(
  { ca }: Pick<PortainerSettings, 'ca'>,
  request: { readonly method: 'GET' | 'POST'; readonly url: string; readonly token?: string },
  what: string,
  signal?: AbortSignal,
): Promise<PortainerAnswer> {
  try {
    const authority = ca === undefined ? undefined : await readFile(ca);
    return await send(request, authority, signal);
  } catch (cause) {
    const reason =
      typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'no answer';
    throw new UnderstudyError('PORTAINER_REFUSED', `Portainer did not answer: ${what} (${reason}).`, {
      cause,
      ...(/CERT|SELF_SIGNED|UNABLE_TO/.test(reason)
        ? { next: 'Name the authority that signed its certificate: staging.portainer.ca.' }
        : {}),
    });
  }
}

function send(
  { method, url, token }: { readonly method: string; readonly url: string; readonly token?: string },
  ca: Buffer | undefined,
  signal: AbortSignal | undefined,
): Promise<PortainerAnswer> {
  const secure = url.startsWith('https:');
  const options = {
    method,
    headers: { 'Content-Length': '0', ...(token === undefined ? {} : { 'X-API-Key': token }) },
    signal: AbortSignal.any([...(signal === undefined ? [] : [signal]), AbortSignal.timeout(SECONDS * 1000)]),
    ...(secure && ca !== undefined ? { ca } : {}),
  };
  return new Promise((resolve, reject) => {
    const call = (secure ? https : http).request(url, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        if (text.length < LARGEST_ANSWER) text += piece;
      });
      answer.once('error', reject);
      answer.once('end', () => {
        resolve({ status: answer.statusCode ?? 0, text: text.slice(0, LARGEST_ANSWER) });
      });
    });
    call.once('error', reject);
    call.end();
  });
}

type Api = NonNullable<PortainerSettings['api']>;

/** `verb` '' asks for the stack itself. */
export async function askStack(
  settings: PortainerSettings & { readonly api: Api },
  verb: '' | 'stop' | 'start',
  signal?: AbortSignal,
): Promise<PortainerAnswer> {
  const { url, stack, endpoint, token } = settings.api;
  const address = `${url}/api/stacks/${String(stack)}${verb === '' ? '' : `/${verb}?endpointId=${String(endpoint)}`}`;
  const what = verb === '' ? `stack ${String(stack)}` : `${verb} of stack ${String(stack)}`;
  const secret = (await resolveSecret(token)).reveal();
  return askPortainer(
    settings,
    { method: verb === '' ? 'GET' : 'POST', url: address, token: secret },
    what,
    signal,
  );
}

/** `Status` of a stack in Portainer's API. */
const INACTIVE = 2;

/**
 * Whether the stack runs, as Portainer says it.
 * @throws PORTAINER_REFUSED where it does not say: a token without rights, no such stack
 */
export async function stackRuns(
  settings: PortainerSettings & { readonly api: Api },
  signal?: AbortSignal,
): Promise<boolean> {
  const { status, text } = await askStack(settings, '', signal);
  const stack = String(settings.api.stack);
  if (status !== 200)
    throw new UnderstudyError(
      'PORTAINER_REFUSED',
      `Portainer answered the request for stack ${stack} with status ${String(status)}.`,
      {
        next:
          status === 404
            ? 'Correct staging.portainer.api.stack: the number in the address of the stack in Portainer.'
            : 'Give the token of staging.portainer.api.token access to the stack and its environment.',
      },
    );
  try {
    const { Status, EndpointId } = JSON.parse(text) as {
      readonly Status?: unknown;
      readonly EndpointId?: unknown;
    };
    if (EndpointId === undefined || EndpointId === settings.api.endpoint) return Status !== INACTIVE;
    throw new UnderstudyError(
      'PORTAINER_REFUSED',
      `Stack ${stack} is in environment ${String(EndpointId)}, not in ${String(settings.api.endpoint)}.`,
      { next: 'Correct staging.portainer.api.endpoint.' },
    );
  } catch (cause) {
    if (cause instanceof UnderstudyError) throw cause;
    throw new UnderstudyError('PORTAINER_REFUSED', `The answer for stack ${stack} is not from Portainer.`, {
      next: 'Correct staging.portainer.api.url.',
      cause,
    });
  }
}
