import { readFile } from 'node:fs/promises';
import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type PortainerSettings } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { sendRequest } from '../../http/send-request.js';

export interface PortainerAnswer {
  readonly status: number;
  /** At most 64 KB of the body. */
  readonly text: string;
}

/** For a question. What stops or starts containers answers when it is done: it has `staging.portainer.wait`. */
const SECONDS = 60;
const LARGEST_ANSWER = 65_536;

/**
 * One request to Portainer (https://docs.portainer.io/api/docs). A redirect is not followed: the token is for this host alone.
 * @param what for messages; the address of a webhook is a secret and stands in none
 * @throws PORTAINER_REFUSED when there is no answer
 */
export async function askPortainer(
  { ca }: Pick<PortainerSettings, 'ca'>,
  request: {
    readonly method: 'GET' | 'POST';
    readonly url: string;
    readonly token?: string | undefined;
    readonly seconds?: number | undefined;
  },
  what: string,
  signal: AbortSignal | undefined,
): Promise<PortainerAnswer> {
  try {
    const { token, seconds = SECONDS, ...rest } = request;
    const { status, body } = await sendRequest({
      ...rest,
      headers: token === undefined ? {} : { 'X-API-Key': token },
      ca: ca === undefined ? undefined : await readFile(ca),
      timeoutSeconds: seconds,
      signal,
      largestBody: LARGEST_ANSWER,
    });
    return { status, text: body.toString('utf8') };
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

/** @returns the error for an answer, with what Portainer itself says: `{"message": …, "details": …}` */
export function refusedBy(what: string, { status, text }: PortainerAnswer, next?: string): UnderstudyError {
  const said = saidBy(text);
  return new UnderstudyError(
    'PORTAINER_REFUSED',
    `Portainer answered ${what} with status ${String(status)}${said === '' ? '' : `: ${said}`}.`,
    { next },
  );
}

function saidBy(text: string): string {
  try {
    const { message, details } = JSON.parse(text) as {
      readonly message?: unknown;
      readonly details?: unknown;
    };
    const words = [message, details].filter((each) => typeof each === 'string' && each !== '');
    return [...new Set(words)].join(': ').slice(0, 300).replace(/\.$/, '');
  } catch {
    return '';
  }
}

export type WithApi = PortainerSettings & { readonly api: NonNullable<PortainerSettings['api']> };

/** `verb` '' asks for the stack itself. */
export async function askStack(
  settings: WithApi,
  verb: '' | 'stop' | 'start',
  signal?: AbortSignal,
): Promise<PortainerAnswer> {
  const { url, stack, endpoint, token } = settings.api;
  const address = `${url}/api/stacks/${String(stack)}${verb === '' ? '' : `/${verb}?endpointId=${String(endpoint)}`}`;
  const what = verb === '' ? `stack ${String(stack)}` : `${verb} of stack ${String(stack)}`;
  const secret = (await resolveSecret(token)).reveal();
  const request =
    verb === ''
      ? ({ method: 'GET', url: address, token: secret } as const)
      : ({ method: 'POST', url: address, token: secret, seconds: patience(settings) } as const);
  return askPortainer(settings, request, what, signal);
}

/** Seconds for what changes containers. */
export const patience = ({ waitSeconds }: Pick<PortainerSettings, 'waitSeconds'>): number =>
  Math.max(SECONDS, waitSeconds);

/** `Status` of a stack in Portainer's API; 1 is active, newer versions know stacks that are being deployed or failed. */
const INACTIVE = 2;

/** @throws PORTAINER_REFUSED where it does not say whether the stack runs: a token without rights, no such stack */
export async function stackRuns(settings: WithApi, signal?: AbortSignal): Promise<boolean> {
  const answer = await askStack(settings, '', signal);
  const { status, text } = answer;
  const stack = String(settings.api.stack);
  if (status !== 200)
    throw refusedBy(
      `the request for stack ${stack}`,
      answer,
      status === 404
        ? 'Correct staging.portainer.api.stack: the number in the address of the stack in Portainer.'
        : 'Give the token of staging.portainer.api.token access to the stack and its environment.',
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
