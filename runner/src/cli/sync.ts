import { Command } from 'commander';
import { readParameters, withSession, type FlagValues } from './with-session.js';

/** `understudy sync <site>`: all six stages. */
export function syncCommand(): Command {
  return new Command('sync')
    .description('copy production to staging: all six stages')
    .argument('[site]', 'name of the site')
    .option('--dry-run', 'show what would happen and change nothing')
    .option('--allow-deletions', 'delete more files than content.maxDeletePercent this time')
    .option('--keep-lock', 'when the sync is complete, leave staging locked for understudy update')
    .action(async (site: string | undefined, flags: FlagValues, command: Command) => {
      const parameters = readParameters(site, flags);
      await withSession(
        command,
        parameters.site,
        async (session) => {
          if (parameters.dryRun) return (await import('../pipelines/plan.js')).showPlan(session, parameters);
          return (await import('../pipelines/run-sync.js')).runSync(session, parameters);
        },
        {
          databases: true,
          routesFrom: ['application', 'database'],
          meanwhile: async () => (await import('../pipelines/run-sync.js')).prepareToRun(),
        },
      );
    });
}
