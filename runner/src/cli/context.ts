import { Command } from 'commander';
import { errorOutcome, exitCodeOf, forgetOutcome, writeOutcome } from '../run/result.js';
import { globalOptions, readParameters } from './with-session.js';

/**
 * `understudy context <site>`: what the Jenkins bridge must know before it can run a stage, as one line of JSON.
 * Touches no host and reads no secret.
 */
export function contextCommand(): Command {
  return new Command('context')
    .description('print what Jenkins needs to know about a site, as JSON; touches no host')
    .argument('[site]', 'name of the site')
    .action(async (name: string | undefined, _flags: object, command: Command) => {
      const { site } = readParameters(name, {});
      const { sites, workspace } = globalOptions(command);
      forgetOutcome(workspace, site);
      try {
        const { loadSite } = await import('../config/index.js');
        const { contextOf } = await import('../jenkins/build-context.js');
        process.stdout.write(`${JSON.stringify(contextOf(await loadSite(sites, site)))}\n`);
      } catch (error) {
        const told = errorOutcome(error);
        const exitCode = exitCodeOf(error);
        writeOutcome(workspace, {
          version: 1,
          command: 'context',
          site,
          run: '',
          exitCode,
          summary: told.message,
          error: told,
        });
        throw error;
      }
    });
}
