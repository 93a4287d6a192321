import { setTimeout as sleep } from 'node:timers/promises';
import { shellScript } from '../../../commands/command.js';
import { UnderstudyError, messageOf } from '../../../errors/index.js';
import { type ProductionInstance } from './instances.js';
import { WAIT_UNTIL_QUIET } from '../../../commands/scripts/promotion-scripts.js';

export interface HostProblem {
  readonly instance: ProductionInstance;
  readonly cause: unknown;
}

/** Seconds between the tries of a host that does not answer. */
const PATIENCE = [1, 3, 6] as const;

/**
 * Those that stayed silent through all tries. The page is on everywhere while a silent one is waited for, so further steps
 * try it once; when it answers again it is waited for as before.
 */
const silent = new WeakSet<ProductionInstance>();

/** The host did not answer, or stopped answering in the middle: it says nothing about whether the work can be done. */
export const isUnreachable = (cause: unknown): boolean =>
  cause instanceof UnderstudyError && (cause.code === 'CONNECTION_LOST' || cause.code === 'HOST_UNREACHABLE');

/**
 * One step on one host after the other, which shows less of two states than all at once would, and is right also where two
 * hosts turn out to have one tree. Where a host fails the others are done all the same; where one does not answer it is
 * tried again. The work must be such that it may be repeated.
 */
export async function onEachHost(
  instances: readonly ProductionInstance[],
  work: (instance: ProductionInstance) => Promise<unknown>,
): Promise<readonly HostProblem[]> {
  const problems: HostProblem[] = [];
  for (const instance of instances) {
    try {
      await persist(instance, () => work(instance));
    } catch (cause) {
      if (cause instanceof UnderstudyError && cause.code === 'PRODUCTION_CLAIM_LOST') throw cause;
      problems.push({ instance, cause });
    }
  }
  return problems;
}

async function persist(instance: ProductionInstance, work: () => Promise<unknown>): Promise<void> {
  for (const seconds of silent.has(instance) ? [undefined] : [...PATIENCE, undefined]) {
    try {
      await work();
      silent.delete(instance);
      return;
    } catch (cause) {
      if (!isUnreachable(cause)) throw cause;
      if (seconds === undefined) {
        silent.add(instance);
        throw cause;
      }
      await sleep(seconds * 1000);
      // What the lost connection had started goes on without it, and must not work against what is tried again.
      await waitUntilQuiet(instance).catch((error: unknown) => {
        if (!isUnreachable(error)) throw error;
      });
    }
  }
}

/** Throws what stopped the first of them. */
export function throwFirst(problems: readonly HostProblem[]): void {
  const [first] = problems;
  if (first !== undefined) throw first.cause;
}

/** Seconds in which what a killed promotion left running comes to its end. */
const QUIET_SECONDS = 120;

/** Waits until nothing of a former process works on the host any more. @throws PRODUCTION_NEEDS_REPAIR */
export async function waitUntilQuiet({ bare, folder }: ProductionInstance): Promise<void> {
  const { code, stderr } = await bare.run(shellScript('read', WAIT_UNTIL_QUIET, [String(QUIET_SECONDS)]), {
    stdin: `${folder}/\n`,
    allowedExitCodes: [0, 5],
    timeoutSeconds: QUIET_SECONDS + 60,
    label: 'wait for what the killed promotion left running',
  });
  if (code === 5)
    throw new UnderstudyError(
      'PRODUCTION_NEEDS_REPAIR',
      'A process of the interrupted promotion is still running.',
      { host: bare.label, stderr },
    );
}

/** One line, with the last words of the host. */
export function reasonOf(cause: unknown): string {
  const sentence = messageOf(cause);
  const said = cause instanceof UnderstudyError ? cause.stderr?.trim().split('\n').at(-1) : undefined;
  return said === undefined || said === '' ? sentence : `${sentence} (${said})`;
}
