import { assertRunId } from '../../run/run-id.js';
import { runOption } from '../options.js';
import { siteCommand } from '../site-command.js';

/** `understudy update <site>`: WordPress, plugins, themes, translations on staging, one at a time. */
export const updateCommand = siteCommand({
  name: 'update',
  group: 'Maintenance',
  summary: 'update WordPress, plugins, themes and translations on staging, each checked, bad ones undone',
  options: [runOption('the sync run to work on; default: the newest that is complete')],
  examples: [{ words: 'update acme', about: 'update on staging what the policy of the site allows' }],
  before: ({ parameters: { run } }) => {
    if (run !== undefined) assertRunId(run);
  },
  question: ({ staging }) => `Update WordPress, plugins and themes on ${staging.url}?`,
  work: async (session, { parameters }) =>
    (await import('../../pipelines/maintenance/update.js')).updateSite(
      session,
      parameters.run === undefined ? undefined : assertRunId(parameters.run),
    ),
});
