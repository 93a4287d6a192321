import { defineCommand, SITE_WORD } from '../define-command.js';
import { ALLOW_DELETIONS, dryRunOption, KEEP_LOCK } from '../options.js';
import { type FlagValues, parametersOf } from '../parameters-of.js';
import { withSession } from '../with-session.js';

/** `understudy sync <site>`: all six stages. */
export const syncCommand = defineCommand<FlagValues>({
  name: 'sync',
  group: 'Every day',
  summary: 'copy production to staging: all six stages',
  words: [SITE_WORD],
  options: [dryRunOption(), ALLOW_DELETIONS, KEEP_LOCK],
  examples: [
    { words: 'sync acme', about: 'a fresh, harmless copy of production on staging' },
    { words: 'sync acme --dry-run', about: 'the same as understudy plan acme' },
    { words: 'sync acme --quiet --yes', about: 'from a script: warnings and the answer alone' },
  ],
  asks: true,
  run: (call) => {
    const parameters = parametersOf(call.name, call.words[0], call.flags);
    const { dryRun } = parameters;
    return withSession(
      call,
      parameters.site,
      async (session) => {
        if (dryRun) return (await import('../../pipelines/sync/plan.js')).showPlan(session, parameters);
        return (await import('../../pipelines/sync/run-sync.js')).runSync(session, parameters);
      },
      {
        databases: true,
        routesFrom: ['application', 'database'],
        meanwhile: async () => (await import('../../pipelines/sync/run-sync.js')).prepareToRun(),
        question: ({ production, staging }) =>
          dryRun ? undefined : `Replace what ${staging.url} serves by a copy of ${production.url}?`,
      },
    );
  },
});
