import { Command } from 'commander';
import { assertRunId } from '../run/run-id.js';
import { readParameters, withSession, type FlagValues } from './with-session.js';

/** `understudy update <site>`: WordPress, plugins, themes, translations on staging, one at a time. */
export function updateCommand(): Command {
  return new Command('update')
    .description(
      'update WordPress, plugins, themes and translations on staging, each checked, bad ones taken back',
    )
    .argument('[site]', 'name of the site')
    .option('--run <id>', 'the sync run to work on; default: the newest that is complete')
    .action(async (site: string | undefined, flags: FlagValues, command: Command) => {
      const parameters = readParameters(site, flags);
      const run = parameters.run === undefined ? undefined : assertRunId(parameters.run);
      await withSession(command, parameters.site, async (session) => {
        const { updateSite } = await import('../pipelines/update.js');
        return updateSite(session, run);
      });
    });
}
