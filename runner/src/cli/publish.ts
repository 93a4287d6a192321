import { Command } from 'commander';
import { type FlagValues, readParameters, withSession } from './with-session.js';

interface PublishFlags extends FlagValues {
  readonly overwrite?: boolean;
}

/** `understudy publish <site>`: commits the archived tree and pushes it. */
export function publishCommand(): Command {
  return new Command('publish')
    .description('commit the archived tree, with the versions that changed as message, and push it to GitHub')
    .argument('[site]', 'name of the site')
    .option('--run <id>', 'maintenance run; default: the newest that was promoted')
    .option(
      '--overwrite',
      'undo, with a commit on top, code that others committed and that production does not have',
    )
    .option('--dry-run', 'look and scan, but commit and push nothing')
    .action(async (site: string | undefined, flags: PublishFlags, command: Command) => {
      const parameters = readParameters(site, flags);
      const overwrite = flags.overwrite === true;
      await withSession(command, parameters.site, async (session) => {
        const { publishSite } = await import('../pipelines/publish.js');
        return publishSite(session, { ...parameters, overwrite });
      });
    });
}
