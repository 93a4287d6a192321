import { Command } from 'commander';
import { readParameters, withSession } from './with-session.js';

/** `understudy doctor <site>`: can it work? Tools, versions, rights, disk space, routes, guards; changes nothing. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('can it work? tools, versions, rights, disk space, routes, guards; changes nothing')
    .argument('[site]', 'name of the site')
    .action(async (site: string | undefined, _flags: object, command: Command) => {
      const parameters = { ...readParameters(site, {}), dryRun: true };
      await withSession(
        command,
        parameters.site,
        async (session) => {
          const { examine } = await import('../pipelines/doctor.js');
          return examine(session, parameters);
        },
        {
          databases: true,
          routesFrom: ['application', 'database'],
        },
      );
    });
}
