import { Command } from 'commander';
import { readParameters, withSession, type FlagValues } from './with-session.js';

/** `understudy finish <site>`: what Jenkins' `post` calls, however the build ended. */
export function finishCommand(): Command {
  return new Command('finish')
    .description(
      'end a build: recover what was cut off, free the lock, write the reports; keeps what a restart needs',
    )
    .argument('[site]', 'name of the site')
    .option('--run <id>', 'the run that the build worked on')
    .action(async (site: string | undefined, flags: FlagValues, command: Command) => {
      const parameters = readParameters(site, flags);
      await withSession(command, parameters.site, async (session) => {
        const { finishRun } = await import('../pipelines/finish.js');
        return finishRun(session, parameters.run);
      });
    });
}
