import { setTimeout as sleep } from 'node:timers/promises';
import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type PortainerSettings } from '../../config/site.js';
import { type Finding, findingOf, UnderstudyError, messageOf } from '../../errors/index.js';
import { askPortainer, askStack, stackRuns } from './portainer-api.js';

/** Seconds between the tries to start a stack that was stopped. */
const START_AGAIN = [2, 10, 30] as const;

/** Whether Portainer will do what is asked of it at the end, asked before anything is changed. Starts and stops nothing. */
export async function portainerFindings(
  settings: PortainerSettings,
  signal?: AbortSignal,
): Promise<readonly Finding[]> {
  const { webhook, api } = settings;
  try {
    if (api !== undefined) {
      if (await stackRuns({ ...settings, api }, signal)) return [];
      return [
        {
          severity: 'error',
          code: 'PORTAINER_STACK_DOWN',
          message: `Stack ${String(api.stack)} of staging is stopped.`,
          next: 'Start it in Portainer.',
        },
      ];
    }
    if (webhook === undefined) return [];
    // The webhook itself takes no question; that somebody answers there is what can be known.
    const { origin } = new URL((await resolveSecret(webhook)).reveal());
    await askPortainer(settings, { method: 'GET', url: `${origin}/api/status` }, 'its address', signal);
    return [];
  } catch (cause) {
    if (cause instanceof UnderstudyError) return [findingOf(cause)];
    return [
      {
        severity: 'error',
        code: 'PORTAINER_REFUSED',
        message: 'The secret of staging.portainer.webhook is not a URL.',
        next: 'Put the whole URL of the webhook, with https://, into that secret.',
      },
    ];
  }
}

/**
 * Restarts staging's stack: by its webhook, or by stopping and starting it over Portainer's API. What was stopped is
 * started again, also when the run is interrupted meanwhile. The answer says that it was heard (portainer/portainer#10630),
 * not that containers run: the caller waits for these.
 * @throws PORTAINER_REFUSED: nothing was stopped; PORTAINER_STACK_DOWN
 */
export async function restartStack(
  settings: PortainerSettings,
  signal: AbortSignal,
  pauses: readonly number[] = START_AGAIN,
): Promise<void> {
  const { webhook, api } = settings;
  if (webhook !== undefined) {
    const url = (await resolveSecret(webhook)).reveal();
    const { status } = await askPortainer(settings, { method: 'POST', url }, 'the webhook', signal);
    if (status >= 300) throw refused('the webhook', status);
    return;
  }
  if (api === undefined) return;
  const stop = await askStack({ ...settings, api }, 'stop', signal);
  if (stop.status >= 300 && !/already (?:inactive|stopped)/i.test(stop.text))
    throw refused(`stop of stack ${String(api.stack)}`, stop.status);
  await startStack(settings, pauses);
}

const refused = (what: string, status: number): UnderstudyError =>
  new UnderstudyError('PORTAINER_REFUSED', `Portainer answered ${what} with status ${String(status)}.`);

/** Not to be interrupted: staging is down until it is done. @throws PORTAINER_STACK_DOWN */
async function startStack(settings: PortainerSettings, pauses: readonly number[]): Promise<void> {
  const { api } = settings;
  if (api === undefined) return;
  for (const seconds of [...pauses, undefined]) {
    try {
      const { status, text } = await askStack({ ...settings, api }, 'start');
      if (status < 300 || /already (?:active|running|started)/i.test(text)) return;
      throw refused(`start of stack ${String(api.stack)}`, status);
    } catch (cause) {
      if (seconds === undefined)
        throw new UnderstudyError('PORTAINER_STACK_DOWN', undefined, {
          details: [messageOf(cause)],
          cause,
        });
      await sleep(seconds * 1000);
    }
  }
}

/**
 * Starts a stack that a killed process had stopped.
 * @returns whether it had to
 * @throws PORTAINER_STACK_DOWN, PORTAINER_REFUSED
 */
export async function startIfStopped(settings: PortainerSettings): Promise<boolean> {
  const { api } = settings;
  if (api === undefined || (await stackRuns({ ...settings, api }))) return false;
  await startStack(settings, START_AGAIN);
  return true;
}
