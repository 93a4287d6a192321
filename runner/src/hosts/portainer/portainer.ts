import { setTimeout as sleep } from 'node:timers/promises';
import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type PortainerSettings } from '../../config/site.js';
import { type Finding, findingOf, UnderstudyError, messageOf } from '../../errors/index.js';
import {
  askPortainer,
  askStack,
  patience,
  type PortainerAnswer,
  refusedBy,
  stackRuns,
  type WithApi,
} from './portainer-api.js';

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
 * Restarts staging's stack: by its webhook, or by stopping and starting it, also when the run is interrupted meanwhile.
 * The answer says that it was heard (portainer/portainer#10630), not that containers run: the caller waits for these.
 * @throws PORTAINER_REFUSED: it was not stopped as far as Portainer says, or may be on its way; PORTAINER_STACK_DOWN
 */
export async function restartStack(
  settings: PortainerSettings,
  signal: AbortSignal,
  pauses: readonly number[] = START_AGAIN,
): Promise<void> {
  const { webhook, api } = settings;
  signal.throwIfAborted();
  if (webhook !== undefined) {
    const url = (await resolveSecret(webhook)).reveal();
    const request = { method: 'POST', url, seconds: patience(settings) } as const;
    const answer = await askPortainer(settings, request, 'the webhook', signal);
    if (answer.status >= 300) throw refusedBy('the webhook', answer);
    return;
  }
  if (api === undefined) return;
  await stopStack({ ...settings, api }, pauses);
  await startStack({ ...settings, api }, pauses);
}

/** Not to be interrupted: Portainer goes on without us, and staging is down then. @throws PORTAINER_REFUSED */
async function stopStack(settings: WithApi, pauses: readonly number[]): Promise<void> {
  const unclear = await askToStop(settings);
  if (unclear === undefined) return;
  // Portainer calls a stack inactive when its containers are gone, not when they begin to go.
  for (const seconds of pauses) {
    await sleep(seconds * 1000);
    if (!(await stackRuns(settings).catch(() => true))) return;
  }
  throw unclear;
}

/** Why no connection came about: nobody has heard the order. */
const NEVER_SENT = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|E(?:HOST|NET)UNREACH)$|CERT|SELF_SIGNED|UNABLE_TO/;

/** @returns undefined: it is stopped; else why that is not known. A proxy answers 504 while Portainer goes on. */
async function askToStop(settings: WithApi): Promise<UnderstudyError | undefined> {
  let answer: PortainerAnswer;
  try {
    answer = await askStack(settings, 'stop');
  } catch (cause) {
    if (!(cause instanceof UnderstudyError) || cause.code !== 'PORTAINER_REFUSED') throw cause;
    if (NEVER_SENT.test(String((cause.cause as { readonly code?: unknown } | undefined)?.code))) throw cause;
    return cause;
  }
  const { status, text } = answer;
  if (status < 300 || (status === 400 && /already inactive/i.test(text))) return undefined;
  const refused = refusedBy(`stop of stack ${String(settings.api.stack)}`, answer);
  if (status < 500) throw refused;
  return refused;
}

/** Not to be interrupted: staging is down until it is done. @throws PORTAINER_STACK_DOWN */
async function startStack(settings: WithApi, pauses: readonly number[]): Promise<void> {
  for (const seconds of [...pauses, undefined]) {
    try {
      const answer = await askStack(settings, 'start');
      // 409 is no such answer: containers of another stack, or left ones, have its name (portainer/portainer#8357).
      if (answer.status < 300 || (answer.status === 400 && /already active/i.test(answer.text))) return;
      throw refusedBy(`start of stack ${String(settings.api.stack)}`, answer);
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

/** Starts a stack that a killed process had stopped. @returns whether it had to @throws PORTAINER_… */
export async function startIfStopped(settings: PortainerSettings): Promise<boolean> {
  const { api } = settings;
  if (api === undefined || (await stackRuns({ ...settings, api }))) return false;
  await startStack({ ...settings, api }, START_AGAIN);
  return true;
}
