import { setTimeout as sleep } from 'node:timers/promises';
import { resolveSecret } from '../config/resolve-secret.js';
import { type PortainerSettings } from '../config/site.js';
import { UnderstudyError } from '../errors/index.js';

/** Seconds between the tries to start a stack that was stopped. */
const START_AGAIN = [2, 10, 30] as const;

/**
 * Restarts staging's stack: by its webhook, or by stopping and starting it over Portainer's API
 * (`POST /api/stacks/{id}/stop` and `/start`, https://docs.portainer.io/api/docs). What was stopped is started again,
 * also when the run is interrupted meanwhile.
 * @throws PORTAINER_REFUSED: nothing was stopped; PORTAINER_STACK_DOWN. The address of the webhook is a secret and stands in
 *   no message
 */
export async function restartStack(
  settings: PortainerSettings,
  signal: AbortSignal,
  pauses: readonly number[] = START_AGAIN,
): Promise<void> {
  if (settings.webhook !== undefined) {
    const address = (await resolveSecret(settings.webhook)).reveal();
    await post(address, {}, signal, 'the webhook');
    return;
  }
  const { api } = settings;
  if (api === undefined) return;
  const headers = { 'X-API-Key': (await resolveSecret(api.token)).reveal() };
  const order = (verb: 'stop' | 'start', until?: AbortSignal): Promise<void> =>
    post(
      `${api.url}/api/stacks/${String(api.stack)}/${verb}?endpointId=${String(api.endpoint)}`,
      headers,
      until,
      `${verb} of stack ${String(api.stack)}`,
      verb === 'stop' ? /already (?:inactive|stopped)/i : /already (?:active|running|started)/i,
    );
  await order('stop', signal);
  for (const seconds of [...pauses, undefined]) {
    try {
      await order('start');
      return;
    } catch (cause) {
      if (seconds === undefined)
        throw new UnderstudyError('PORTAINER_STACK_DOWN', undefined, {
          details: [cause instanceof Error ? cause.message : String(cause)],
          cause,
        });
      await sleep(seconds * 1000);
    }
  }
}

/** @param fine what the answer to a refusal may say that is as good as having done it */
async function post(
  address: string,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
  what: string,
  fine?: RegExp,
): Promise<void> {
  let status: number;
  let text: string;
  try {
    const limit = AbortSignal.any([...(signal === undefined ? [] : [signal]), AbortSignal.timeout(60_000)]);
    const answer = await fetch(address, { method: 'POST', headers, redirect: 'manual', signal: limit });
    ({ status } = answer);
    text = status >= 300 ? (await answer.text()).slice(0, 4096) : '';
  } catch (cause) {
    throw new UnderstudyError('PORTAINER_REFUSED', `Portainer did not answer: ${what}.`, { cause });
  }
  // A redirect is not followed: the token is for this host alone.
  if (status >= 300 && fine?.test(text) !== true)
    throw new UnderstudyError(
      'PORTAINER_REFUSED',
      `Portainer answered ${what} with status ${String(status)}.`,
    );
}
