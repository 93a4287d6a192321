import { Command, Option } from 'commander';
import { readParameters, withSession } from './with-session.js';

/** `understudy check <site>`: does the site work? Changes nothing. */
export function checkCommand(): Command {
  return new Command('check')
    .description(
      'look at the pages of a site: status, time, PHP errors, texts, forms, missing files, console, pictures',
    )
    .argument('[site]', 'name of the site')
    .addOption(
      new Option('--side <side>', 'which one to look at')
        .choices(['staging', 'production'])
        .default('staging'),
    )
    .action(async (site: string | undefined, flags: { side: 'staging' | 'production' }, command: Command) => {
      const parameters = readParameters(site, {});
      await withSession(command, parameters.site, async (session) => {
        const { checkSite } = await import('../pipelines/check.js');
        return checkSite(session, flags.side);
      });
    });
}
