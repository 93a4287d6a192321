import { setTimeout as sleep } from 'node:timers/promises';
import { readCommand } from '../../commands/command.js';
import { dockerStateWords } from '../../commands/docker.js';
import { warningOf, UnderstudyError, messageOf } from '../../errors/index.js';
import { restartStack, startIfStopped } from '../../hosts/portainer/portainer.js';
import { type ReadingHost } from '../../hosts/host.js';
import { reporterOf } from '../../report/events/reporter.js';
import { createHttpClient } from '../../http/site-client.js';
import { type Session } from '../session/session.js';

type Context = Pick<Session, 'site' | 'hosts' | 'signal' | 'console' | 'events'>;

const LOOK_AGAIN_MS = 2000;
/** A webhook pulls images first; what is still the same container afterwards was not restarted. */
const HEARD_SECONDS = 60;

/** As Docker says it: another start, or another container, is another text. */
interface ContainerState {
  readonly started: string;
  readonly running: boolean;
}

/**
 * After a sync: Portainer restarts the stack, and the command waits until the container runs again and staging answers.
 * @throws PORTAINER_STACK_DOWN when it does not in `staging.portainer.wait`
 */
export async function restartStaging(context: Context, lookAgainMs = LOOK_AGAIN_MS): Promise<void> {
  const { portainer } = context.site.staging;
  if (portainer === undefined) return;
  const reporter = reporterOf(context);
  const before = await containerState(context);
  try {
    await restartStack(portainer, context.signal);
  } catch (cause) {
    if (!(cause instanceof UnderstudyError) || cause.code !== 'PORTAINER_REFUSED') throw cause;
    reporter.warn(warningOf(cause));
    // As a rule nothing was stopped, and staging serves the new copy from processes that were there before.
    await waitForStaging(context, undefined, lookAgainMs);
    return;
  }
  reporter.step("Portainer restarts staging's stack");
  const limit = Date.now() + portainer.waitSeconds * 1000;
  const heardUntil = Math.min(limit, Date.now() + HEARD_SECONDS * 1000);
  // Not interrupted: a staging that is on its way up is reported as what it is.
  let happened = before === undefined;
  while (!happened && Date.now() < heardUntil) {
    const now = await containerState(context);
    happened = now === undefined || !now.running || now.started !== before?.started;
    if (!happened) await sleep(lookAgainMs);
  }
  if (!happened)
    reporter.warn({
      severity: 'warning',
      code: 'PORTAINER_NOT_RESTARTED',
      message: `Portainer accepted the request, but ${context.site.staging.container ?? 'the container'} still runs since ${before?.started.split(' ')[0] ?? ''}.`,
    });
  await waitForStaging(context, limit, lookAgainMs);
  reporter.step('Staging answers again');
}

/**
 * Waits until the container of staging runs and staging answers, where Portainer restarts it; elsewhere not at all.
 * @throws PORTAINER_STACK_DOWN
 */
export async function waitForStaging(
  context: Pick<Context, 'site' | 'hosts'>,
  limit = Date.now() + (context.site.staging.portainer?.waitSeconds ?? 0) * 1000,
  lookAgainMs = LOOK_AGAIN_MS,
): Promise<void> {
  const { portainer, container = '' } = context.site.staging;
  if (portainer === undefined) return;
  for (;;) {
    const state = await containerState(context);
    const problem =
      state?.running === false ? `the container ${container} does not run` : await silence(context);
    if (problem === undefined) return;
    if (Date.now() > limit)
      throw new UnderstudyError(
        'PORTAINER_STACK_DOWN',
        `Staging did not come back within ${String(portainer.waitSeconds)} s after its stack was restarted: ${problem}.`,
        {
          next: `Look at the stack in Portainer, and at: docker logs ${container || '<container>'}. The sync itself is complete; when staging answers: understudy check ${context.site.name}.`,
        },
      );
    await sleep(lookAgainMs);
  }
}

/** A stack that a killed process had stopped is started: no build leaves staging down and ends well. */
export async function startStoppedStaging(context: Context): Promise<void> {
  const { portainer } = context.site.staging;
  if (portainer?.api === undefined) return;
  const reporter = reporterOf(context);
  try {
    if (!(await startIfStopped(portainer))) return;
  } catch (cause) {
    if (!(cause instanceof UnderstudyError)) throw cause;
    // Portainer takes a stack for stopped whose containers a webhook started (portainer/portainer#10567).
    reporter.warn(warningOf(cause));
    await waitForStaging(context);
    return;
  }
  reporter.step("Staging's stack was stopped; Portainer started it again");
  await waitForStaging(context);
}

/** Why staging does not answer; undefined where it does, with whatever page: a proxy without a site behind it does not. */
async function silence({ site }: Pick<Context, 'site'>): Promise<string | undefined> {
  const { url, http } = site.staging;
  try {
    const client = await createHttpClient(url, http);
    const { status } = await client(`${url}/`, {
      timeoutSeconds: 30,
      headers: { 'Cache-Control': 'no-cache' },
    });
    return [502, 503, 504].includes(status) ? `${url} answers with ${String(status)}` : undefined;
  } catch (cause) {
    return `${url}: ${messageOf(cause)}`;
  }
}

/** undefined where no container is named, or Docker does not say. A container that is being made again is not there. */
async function containerState({
  site,
  hosts,
}: Pick<Context, 'site' | 'hosts'>): Promise<ContainerState | undefined> {
  const { container } = site.staging;
  if (container === undefined) return undefined;
  const host: ReadingHost = await hosts.staging();
  const { code, stdout, stderr } = await host.run(readCommand(...dockerStateWords(container)), {
    allowedExitCodes: 'any',
    label: `look at the container ${container}`,
  });
  if (code !== 0) return /no such/i.test(stderr) ? { started: '', running: false } : undefined;
  const [running = '', health = '', ...started] = stdout.toString().trim().split(' ');
  return { running: running === 'true' && health !== 'starting', started: started.join(' ') };
}
