import { Command } from 'commander';
import { isStageName, type StageName, STAGES } from '../config/stage-list.js';
import { UnderstudyError } from '../errors/index.js';
import type { SessionOptions } from '../pipelines/session.js';
import { readParameters, withSession, type FlagValues } from './with-session.js';

const ROUTES: Partial<Record<StageName, SessionOptions['routesFrom']>> = {
  // The first process proves the routes of all.
  'sync-content': ['application', 'database'],
  'transfer-backup': ['database'],
};

/** `understudy stage <name> <site>`: one stage in a process of its own, as Jenkins starts it. */
export function stageCommand(): Command {
  const names = STAGES.map(({ name }) => name).join(', ');
  return new Command('stage')
    .description('run one stage; without --run it goes on with the newest unfinished run')
    .argument('<name>', names)
    .argument('[site]', 'name of the site')
    .option('--run <id>', 'the run to go on with')
    .option('--dry-run', 'show what the stage would do and change nothing')
    .option('--allow-deletions', 'delete more files than content.maxDeletePercent this time')
    .option('--keep-lock', 'when the sync is complete, leave staging locked for understudy update')
    .action(async (name: string, site: string | undefined, flags: FlagValues, command: Command) => {
      if (!isStageName(name))
        throw new UnderstudyError('USAGE', `There is no stage ${JSON.stringify(name)}.`, {
          next: `The stages are ${names}.`,
        });
      const parameters = readParameters(site, flags);
      await withSession(
        command,
        parameters.site,
        async (session) => {
          if (parameters.dryRun)
            return (await import('../pipelines/plan.js')).showPlan(session, parameters, [name]);
          return (await import('../pipelines/run-sync.js')).runOneStage(session, parameters, name);
        },
        {
          databases: true,
          ...(ROUTES[name] === undefined ? {} : { routesFrom: ROUTES[name] }),
          meanwhile: async () => (await import('../pipelines/run-sync.js')).prepareToRun(),
        },
      );
    });
}
