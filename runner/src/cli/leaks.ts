import { Command } from 'commander';
import { createReporter } from '../report/reporter.js';
import { readParameters, withSession } from './with-session.js';

/** `understudy leaks <site>`: is an address of production left on staging? Changes nothing. */
export function leaksCommand(): Command {
  return new Command('leaks')
    .description(
      'search staging for addresses of production: every column of the database, and the pages over HTTP',
    )
    .argument('[site]', 'name of the site')
    .action(async (site: string | undefined, _flags: object, command: Command) => {
      const parameters = readParameters(site, {});
      await withSession(command, parameters.site, async (session) => {
        const { findStagingLeaks } = await import('../stages/leak-proof.js');
        const reporter = createReporter(session.console, session.events());
        const summary = await findStagingLeaks({ ...session, reporter });
        session.console.line(summary);
        return { run: '', summary };
      });
    });
}
