import { Command } from 'commander';
import { credentialsOf, loadSite } from '../config/index.js';
import { stagesOf } from '../config/stage-list.js';
import { globalOptions, readParameters } from './with-session.js';

/**
 * `understudy context <site>`: what the Jenkins bridge must know before it can run a stage, as one line of JSON.
 * Touches no host and reads no secret.
 */
export function contextCommand(): Command {
  return new Command('context')
    .description('print what Jenkins needs to know about a site, as JSON; touches no host')
    .argument('[site]', 'name of the site')
    .action(async (site: string | undefined, _flags: object, command: Command) => {
      const parameters = readParameters(site, {});
      const { sites } = globalOptions(command);
      const loaded = await loadSite(sites, parameters.site);
      const context = {
        version: 1,
        site: loaded.name,
        title: loaded.title,
        type: loaded.type,
        agent: loaded.agent,
        schedule: loaded.schedule,
        stages: stagesOf(loaded.type),
        credentials: credentialsOf(loaded),
        digest: loaded.digest,
      };
      process.stdout.write(`${JSON.stringify(context)}\n`);
    });
}
