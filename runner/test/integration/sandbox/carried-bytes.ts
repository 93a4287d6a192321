import { readFileSync } from 'node:fs';

export interface CarriedBytes {
  /** What the process has read and written so far, files and sockets together. */
  bytes(): number;
  stop(): void;
}

/**
 * Watches how much a process reads and writes (`rchar` and `wchar` of /proc/PID/io, proc(5)) until it ends.
 * The counters only grow, so the last look is the sum, short of what happened in the last few milliseconds.
 */
export function watchCarriedBytes(pid: number): CarriedBytes {
  let last = 0;
  const look = (): void => {
    try {
      const text = readFileSync(`/proc/${String(pid)}/io`, 'utf8');
      const of = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
      last = Math.max(last, of('rchar') + of('wchar'));
    } catch {
      // It has ended; what was seen last stands.
    }
  };
  const timer = setInterval(look, 10);
  return {
    bytes: () => last,
    stop: () => {
      clearInterval(timer);
    },
  };
}
