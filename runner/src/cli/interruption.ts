import { setMaxListeners } from 'node:events';

let controller: AbortController | undefined;

/**
 * Aborted when the process is asked to stop (Ctrl-C, Jenkins' abort, a lost terminal). The first signal starts an
 * orderly end: remote work stopped, lock freed. A second Ctrl-C ends the process at once; a second SIGTERM does not:
 * Jenkins sends it to a process that takes its time, and half a cutover is worse than a late one.
 */
export function interruption(): AbortSignal {
  if (controller !== undefined) return controller.signal;
  const created = new AbortController();
  controller = created;
  // Each session and command under way listens; Node.js takes more than ten for a leak.
  setMaxListeners(100, created.signal);
  const stop = (signal: NodeJS.Signals): void => {
    if (created.signal.aborted) {
      if (signal === 'SIGINT') process.exit(130);
      return;
    }
    process.stderr.write(`\n${signal}: stopping remote work; Ctrl-C once more ends at once\n`);
    created.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return created.signal;
}

/** Whether a signal came. Whatever was finished since: the process does not end with success. */
export const wasInterrupted = (): boolean => controller?.signal.aborted === true;
