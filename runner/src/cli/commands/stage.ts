import { isStageName, type StageName, STAGES } from '../../config/stage-list.js';
import { UnderstudyError } from '../../errors/index.js';
import { defineCommand, SITE_WORD } from '../define-command.js';
import { ALLOW_DELETIONS, dryRunOption, KEEP_LOCK, runOption } from '../options.js';
import { type FlagValues, parametersOf } from '../parameters-of.js';
import { type SessionNeeds, withSession } from '../with-session.js';

const ROUTES: Partial<Record<StageName, SessionNeeds['routesFrom']>> = {
  // The first process proves the routes of all.
  'sync-content': ['application', 'database'],
  'transfer-backup': ['database'],
};
const NAMES = STAGES.map(({ name }) => name);

/** `understudy stage <name> <site>`: one stage in a process of its own, as Jenkins starts it. */
export const stageCommand = defineCommand<FlagValues>({
  name: 'stage',
  group: 'Jenkins',
  summary: 'run one stage; without --run it continues the newest unfinished run',
  words: [{ name: 'name', about: NAMES.join(', '), required: true, completes: NAMES }, SITE_WORD],
  options: [
    runOption('the run to continue'),
    dryRunOption('show what the stage would do and change nothing'),
    ALLOW_DELETIONS,
    KEEP_LOCK,
  ],
  examples: [
    { words: 'stage sync-content acme', about: 'start a run with its first stage' },
    { words: 'stage rewrite-urls acme', about: 'continue the newest unfinished run from that stage' },
  ],
  run: async (call) => {
    const [name = '', site] = call.words;
    if (!isStageName(name))
      throw new UnderstudyError('USAGE', `There is no stage ${JSON.stringify(name)}.`, {
        next: `The stages are ${NAMES.join(', ')}.`,
      });
    const parameters = parametersOf(call.name, site, call.flags);
    return withSession(
      call,
      parameters.site,
      async (session) => {
        if (parameters.dryRun)
          return (await import('../../pipelines/sync/plan.js')).showPlan(session, parameters, [name]);
        return (await import('../../pipelines/sync/run-sync.js')).runOneStage(session, parameters, name);
      },
      {
        databases: true,
        ...(ROUTES[name] === undefined ? {} : { routesFrom: ROUTES[name] }),
        meanwhile: async () => (await import('../../pipelines/sync/run-sync.js')).prepareToRun(),
      },
    );
  },
});
