import { Command } from 'commander';
import { readParameters, withSession } from './with-session.js';

/** `understudy clean <site>`: removes what failed runs left, on staging and in production's own backup folder. */
export function cleanCommand(): Command {
  return new Command('clean')
    .description('remove what failed runs left behind: side schemas, dumps, staged files, records')
    .argument('[site]', 'name of the site')
    .action(async (site: string | undefined, _flags: object, command: Command) => {
      const parameters = readParameters(site, {});
      await withSession(command, parameters.site, async (session) => {
        const { cleanUp } = await import('../pipelines/clean.js');
        return cleanUp(session);
      });
    });
}
