import { resolveSecret } from '../config/resolve-secret.js';
import { type PortainerSettings } from '../config/site.js';
import { UnderstudyError } from '../errors/index.js';

/**
 * Restarts staging's stack: by its webhook, or by stopping and starting it over Portainer's API
 * (`POST /api/stacks/{id}/stop` and `/start`, https://docs.portainer.io/api/docs).
 * @throws PORTAINER_REFUSED; the address of the webhook is a secret and stands in no message
 */
export async function restartStack(settings: PortainerSettings, signal: AbortSignal): Promise<void> {
  if (settings.webhook !== undefined) {
    const address = (await resolveSecret(settings.webhook)).reveal();
    await post(address, {}, signal, 'the webhook');
    return;
  }
  const { api } = settings;
  if (api === undefined) return;
  const headers = { 'X-API-Key': (await resolveSecret(api.token)).reveal() };
  for (const verb of ['stop', 'start']) {
    const address = `${api.url}/api/stacks/${String(api.stack)}/${verb}?endpointId=${String(api.endpoint)}`;
    await post(address, headers, signal, `${verb} of stack ${String(api.stack)}`);
  }
}

async function post(
  address: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  what: string,
): Promise<void> {
  let status: number;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(60_000)]);
    ({ status } = await fetch(address, { method: 'POST', headers, redirect: 'manual', signal: limit }));
  } catch (cause) {
    throw new UnderstudyError('PORTAINER_REFUSED', `Portainer did not answer: ${what}.`, { cause });
  }
  // A redirect is not followed: the token is for this host alone.
  if (status >= 300) {
    throw new UnderstudyError(
      'PORTAINER_REFUSED',
      `Portainer answered ${what} with status ${String(status)}.`,
    );
  }
}
