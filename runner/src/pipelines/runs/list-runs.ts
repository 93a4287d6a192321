import { type Site } from '../../config/site.js';
import { several } from '../../errors/index.js';
import { formatAge, formatSeconds, formatTime } from '../../report/format.js';
import { readLock } from '../../run/lock.js';
import { lockSentence, type RunLine, runLine } from '../../run/run-life.js';
import { labelOf, listRuns } from '../../run/run-store.js';
import { type RunSummary } from '../sync/run-sync.js';
import { type Console } from '../../report/terminal/console.js';
import { openStagingView } from '../session/staging-view.js';
import { productionState } from './production-state.js';

/** `2026-11-21 20:15  3 min 05 s  complete`, and where it stopped. */
export function describeRun(line: RunLine, now: Date): string {
  const age = formatAge((now.getTime() - Date.parse(line.startedAt)) / 1000);
  const where = line.stage === '' ? '' : `: ${labelOf(line.stage as Parameters<typeof labelOf>[0])}`;
  const took = line.seconds > 0 ? formatSeconds(line.seconds) : '–';
  const stages = `${String(line.stagesDone)} of ${several(line.stages, 'stage')}`;
  return `${line.run}  ${formatTime(line.startedAt)}  ${age.padStart(10)}  ${took.padStart(12)}  ${line.state.padEnd(8)}  ${stages}${where}`;
}

/** `understudy runs`: the runs that staging knows, newest first, what lives of them, and who holds the lock. */
export async function showRuns(
  site: Site,
  options: { readonly console: Console; readonly signal: AbortSignal; readonly workspace: string },
): Promise<RunSummary> {
  const { console } = options;
  const view = await openStagingView(site, options);
  try {
    const [records, lock] = await Promise.all([listRuns(view.store), readLock(view.lock)]);
    const runs = records.map((record) => runLine(record, site.type, lock));
    const now = new Date();
    for (const line of runs) console.line(describeRun(line, now));
    console.line(lockSentence(lock));
    if (runs.some(({ state }) => state === 'dead'))
      console.line(
        `A dead run was killed, or its machine was. The next sync ends it, and so does understudy finish ${site.name} --run <id>.`,
      );
    const production = await productionState(view);
    if (production !== undefined) console.line(production.text);
    console.data({ runs, lock: lock ?? null });
    return { run: '', summary: `${several(runs.length, 'run')}` };
  } finally {
    await view.close();
  }
}
