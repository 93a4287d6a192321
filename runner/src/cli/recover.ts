import { Command } from 'commander';
import { readParameters, withSession } from './with-session.js';

/** `understudy recover <site>`: ends a cutover or a promotion that was cut off. Every other command does the former first, too. */
export function recoverCommand(): Command {
  return new Command('recover')
    .description('finish or undo a cutover or a promotion that was cut off')
    .argument('[site]', 'name of the site')
    .action(async (site: string | undefined, _flags: object, command: Command) => {
      const parameters = readParameters(site, {});
      await withSession(
        command,
        parameters.site,
        async (session) => {
          const { recoverNow } = await import('../pipelines/recover.js');
          return recoverNow(session);
        },
        { databases: true },
      );
    });
}
