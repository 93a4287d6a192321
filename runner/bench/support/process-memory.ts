import { readdirSync, readFileSync } from 'node:fs';
import { peakMemory } from './machine.js';

/** Largest resident memory of single processes, MB. */
export interface MemoryPeaks {
  readonly runner: number;
  /** rsync as it was called. */
  readonly sender: number;
  /** rsync as the other one started it. */
  readonly receiver: number;
  /** The largest of all others, with its name. */
  readonly others: string;
}

/** Watches all processes whose words or environment name a folder, until the result is called. */
export function watchMemory(folder: string): () => MemoryPeaks {
  const peaks = new Map<string, number>();
  const look = (): void => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const words = textsOf(pid, 'cmdline');
      // rsync tells the other one its paths in another way.
      if (![...words, ...textsOf(pid, 'environ')].some((word) => word.includes(folder))) continue;
      const role = roleOf(words);
      peaks.set(role, Math.max(peaks.get(role) ?? 0, peakMemory(Number(pid))));
    }
  };
  const timer = setInterval(look, 100);
  return () => {
    clearInterval(timer);
    const { runner = 0, sender = 0, receiver = 0, ...others } = Object.fromEntries(peaks);
    const [largest] = Object.entries(others).toSorted(([, a], [, b]) => b - a);
    return { runner, sender, receiver, others: largest ? `${largest[0]} ${largest[1].toFixed(0)}` : '' };
  };
}

function roleOf(words: readonly string[]): string {
  if (words.includes('--workspace')) return 'runner';
  const program = (words[0] ?? '').replace(/^.*\//, '');
  if (program !== 'rsync') return program;
  return words.includes('--server') ? 'receiver' : 'sender';
}

function textsOf(pid: string, what: 'cmdline' | 'environ'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
