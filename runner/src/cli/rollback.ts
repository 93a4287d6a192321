import { Command } from 'commander';
import { readParameters, withSession } from './with-session.js';

/** `understudy rollback <site>`: staging serves the former generation again, files and database. */
export function rollbackCommand(): Command {
  return new Command('rollback')
    .description('put the former generation of staging back, files and database')
    .argument('[site]', 'name of the site')
    .action(async (site: string | undefined, _flags: object, command: Command) => {
      const parameters = readParameters(site, {});
      await withSession(
        command,
        parameters.site,
        async (session) => {
          const { rollBack } = await import('../pipelines/rollback.js');
          return rollBack(session);
        },
        { databases: true, goesBack: true },
      );
    });
}
