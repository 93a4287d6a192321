import { Command } from 'commander';
import { readParameters, withSession, type FlagValues } from './with-session.js';

/** `understudy plan <site>`: what a sync would do; changes nothing. */
export function planCommand(): Command {
  return new Command('plan')
    .description('show what a sync would do; changes nothing')
    .argument('[site]', 'name of the site')
    .action(async (site: string | undefined, flags: FlagValues, command: Command) => {
      const parameters = { ...readParameters(site, flags), dryRun: true };
      await withSession(
        command,
        parameters.site,
        async (session) => {
          const { showPlan } = await import('../pipelines/plan.js');
          return showPlan(session, parameters);
        },
        {
          databases: true,
          routesFrom: ['application', 'database'],
        },
      );
    });
}
