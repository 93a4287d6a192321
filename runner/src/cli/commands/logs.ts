import { Option } from 'commander';
import { defineCommand } from '../define-command.js';
import { lookAt } from '../look-command.js';
import { namedRun, RUN_WORDS } from '../named-run.js';

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
