import { defineCommand, SITE_WORD } from '../define-command.js';
import { lookAt } from '../look-command.js';
import { parametersOf } from '../parameters-of.js';

/** `understudy runs <site>`: the runs that staging knows, newest first, and who holds the lock. */
export const runsCommand = defineCommand({
  name: 'runs',
  group: 'To look',
  summary: 'list the runs of a site with their times, which of them live, and who holds its lock',
  words: [SITE_WORD],
  examples: [{ words: 'runs acme', about: 'newest first; a run whose process is gone is dead' }],
  data: {
    runs: 'run, state (complete, failed, aborted, running, waiting, dead), startedAt, endedAt, seconds, stagesDone, stages, stage',
    lock: 'run, holder, build, phase, leaseUntil and now in seconds since 1970; null when it is free',
  },
  run: (call) =>
    lookAt(call, parametersOf(call.name, call.words[0], {}).site, async (site, options) =>
      (await import('../../pipelines/runs/show-run.js')).showRuns(site, options),
    ),
});
