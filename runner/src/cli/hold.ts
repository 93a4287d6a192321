import { Command } from 'commander';
import { UnderstudyError } from '../errors/index.js';
import { describeHolder } from '../run/holder.js';
import { takeLock } from '../run/lock.js';
import { assertRunId } from '../run/run-id.js';
import { readParameters, withSession } from './with-session.js';

/** `understudy hold <site> --run <id>`: keeps staging as it is while a person decides. */
export function holdCommand(): Command {
  return new Command('hold')
    .description('keep staging locked while an approval is awaited')
    .argument('[site]', 'name of the site')
    .requiredOption('--run <id>', 'the run that waits for the approval')
    .option('--hours <number>', 'how long the approval may take', '72')
    .action(async (site: string | undefined, flags: { run: string; hours: string }, command: Command) => {
      const parameters = readParameters(site, {});
      const run = assertRunId(flags.run);
      const hours = Number(flags.hours);
      if (!(hours > 0 && hours <= 24 * 31))
        throw new UnderstudyError('USAGE', '--hours must be between 1 and 744.');
      await withSession(command, parameters.site, async (session) => {
        await takeLock(
          session.lock,
          { run, phase: 'awaiting-approval', ...describeHolder(process.env) },
          hours * 3600,
        );
        const summary = `Staging of ${session.site.name} is frozen for the approval of run ${run}, ${String(hours)} hours at most.`;
        session.console.line(summary);
        return { run, summary };
      });
    });
}
