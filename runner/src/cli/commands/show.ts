import { defineCommand, SITE_WORD } from '../define-command.js';
import { lookAt } from '../look-command.js';
import { namedRun, RUN_WORDS } from '../named-run.js';
import { parametersOf } from '../parameters-of.js';
import { Option } from 'commander';

/** `understudy show <run>`: one run, as its report tells it. */
export const showCommand = defineCommand({
  name: 'show',
  group: 'To look',
  summary: 'one run: its stages with their times, what is worth knowing, what went wrong and what to do',
  words: [RUN_WORDS],
  examples: [
    { words: 'show acme', about: 'the newest run of that site' },
    { words: 'show 20261121T201500Z-3f9a1c', about: 'a run that this machine knows' },
  ],
  data: {
    report: 'site, run, state, startedAt, finishedAt, stages, findings, errors',
    line: 'the run as in understudy runs',
  },
  run: (call) => {
    const { site, run } = namedRun(call);
    return lookAt(call, site, async (loaded, options) =>
      (await import('../../pipelines/runs/show-run.js')).showRun(loaded, run, options),
    );
  },
});

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

/** `understudy logs <run> [-f]`: what was said in a run. */
export const logsCommand = defineCommand<{ readonly follow?: true }>({
  name: 'logs',
  group: 'To look',
  summary: 'what was said in a run, with times; --follow goes on until it ends',
  words: [RUN_WORDS],
  options: [new Option('-f, --follow', 'show what comes, until the run ends')],
  examples: [
    { words: 'logs acme', about: 'the newest run of that site' },
    { words: 'logs acme --follow', about: 'watch a run that works now' },
    { words: 'logs acme 20261121T201500Z-3f9a1c --verbose', about: 'with progress and figures' },
  ],
  data: { events: 'the events of the run, as in its events.ndjson' },
  run: (call) => {
    const { site, run } = namedRun(call);
    return lookAt(call, site, async (loaded, options) =>
      (await import('../../pipelines/runs/show-run.js')).showLogs(
        loaded,
        run,
        call.flags.follow === true,
        options,
      ),
    );
  },
});
