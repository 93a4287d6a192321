import { Command } from 'commander';
import { runSync } from '../pipelines/run-sync.js';
import { showPlan } from '../pipelines/plan.js';
import { readParameters, withSession, type FlagValues } from './with-session.js';

/** `understudy sync <site>`: all six stages. */
export function syncCommand(): Command {
  return new Command('sync')
    .description('copy production to staging: all six stages')
    .argument('[site]', 'name of the site')
    .option('--dry-run', 'show what would happen and change nothing')
    .option('--allow-deletions', 'delete more files than content.maxDeletePercent this time')
    .action(async (site: string | undefined, flags: FlagValues, command: Command) => {
      const parameters = readParameters(site, flags);
      await withSession(
        command,
        parameters.site,
        (session) => (parameters.dryRun ? showPlan(session, parameters) : runSync(session, parameters)),
        { databases: true },
      );
    });
}
