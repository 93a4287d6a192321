// A night of 100 sites on 10 agents, simulated: when builds start, how many run at once, how long they wait.
// npm run bench -- scale. Seconds of a build are those of docs/performance.md at 20 ms and 100 Mbit/s.
import { createHash } from 'node:crypto';
import { keepFigures, printTable, type Row } from './support/machine.js';

const SITES = 100;
const AGENTS = 10;
/** Megabytes of the runner's process (npm run bench -- classic). */
const RUNNER_MB = 125;

/** Of a hundred agency sites: 70 small, 25 middling, 5 large. */
const secondsOf = (site: number): number => (site % 20 === 0 ? 234 : site % 4 === 0 ? 36 : 11);

/** Jenkins' `H`: java.util.Random, seeded with the folded MD5 of the job's name (hudson.scheduler.Hash). */
function hashed(job: string): (below: number) => number {
  const digest = createHash('md5').update(job).digest();
  let seed = (digest.readBigUInt64BE(0) ^ digest.readBigUInt64BE(8) ^ 0x5deece66dn) & ((1n << 48n) - 1n);
  const bits = (): number => {
    seed = (seed * 0x5deece66dn + 0xbn) & ((1n << 48n) - 1n);
    return Number(seed >> 17n);
  };
  return (below) => {
    if ((below & -below) === below) return Math.floor((below * bits()) / 2 ** 31);
    for (;;) {
      const value = bits();
      if (value - (value % below) + (below - 1) < 2 ** 31) return value % below;
    }
  };
}

/** Seconds after the hour at which each site's build is put into the queue. */
const SCHEDULES: Readonly<Record<string, (job: string) => number>> = {
  "'0 3 * * *' in every site file": () => 0,
  "'H 3 * * *'": (job) => hashed(job)(60) * 60,
  "'H H(1-4) * * *'": (job) => {
    const next = hashed(job);
    const minute = next(60);
    return (next(4) * 60 + minute) * 60;
  },
};

interface Night {
  readonly most: number;
  readonly longestWait: number;
  readonly meanWait: number;
  readonly lastEnd: number;
}

/** Jenkins takes what waits in the order in which it came. */
function simulate(starts: readonly number[], executors: number): Night {
  const order = starts.map((at, site) => ({ at, site })).sort((a, b) => a.at - b.at);
  const free = Array.from({ length: executors }, () => 0);
  const runs = order.map(({ at, site }) => {
    free.sort((a, b) => a - b);
    const from = Math.max(at, free[0] ?? 0);
    free[0] = from + secondsOf(site);
    return { at, from, to: free[0] };
  });
  const waits = runs.map(({ at, from }) => from - at);
  return {
    most: Math.max(...runs.map(({ from }) => runs.filter((run) => run.from <= from && from < run.to).length)),
    longestWait: Math.max(...waits),
    meanWait: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
    lastEnd: Math.max(...runs.map(({ to }) => to)) - (order[0]?.at ?? 0),
  };
}

const rows: Row[] = [];
const jobs = Array.from({ length: SITES }, (_, site) => `understudy/site-${String(site)}/sync`);
for (const [name, startOf] of Object.entries(SCHEDULES))
  for (const each of [1, 2]) {
    const { most, longestWait, meanWait, lastEnd } = simulate(jobs.map(startOf), AGENTS * each);
    const memory = Math.ceil(most / AGENTS) * RUNNER_MB;
    rows.push([
      `${name}, ${String(each)} a time`,
      String(most),
      longestWait,
      meanWait,
      lastEnd / 60,
      String(memory),
    ]);
  }
printTable(
  [
    `${String(SITES)} syncs on ${String(AGENTS)} agents`,
    'most at once',
    'longest wait, s',
    'mean wait, s',
    'from first to last, min',
    'MB of an agent',
  ],
  rows,
);
keepFigures('scale', rows);
