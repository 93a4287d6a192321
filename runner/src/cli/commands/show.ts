import { defineCommand } from '../define-command.js';
import { lookAt } from '../look-command.js';
import { namedRun, RUN_WORDS } from '../named-run.js';

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
