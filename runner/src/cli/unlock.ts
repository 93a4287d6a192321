import { Command } from 'commander';
import { UnderstudyError } from '../errors/index.js';
import { readLock } from '../run/lock.js';
import { assertRunId } from '../run/run-id.js';
import { readParameters, withSession } from './with-session.js';

/** `understudy unlock <site> --run <id>`: frees the lock of a run, and ends what that run still has on the hosts. */
export function unlockCommand(): Command {
  return new Command('unlock')
    .description('free the lock of a run, and end what it still has running')
    .argument('[site]', 'name of the site')
    .requiredOption('--run <id>', 'the run that holds it')
    .action(async (site: string | undefined, flags: { run: string }, command: Command) => {
      const parameters = readParameters(site, {});
      const run = assertRunId(flags.run);
      await withSession(command, parameters.site, async (session) => {
        const { freeLock } = await import('../pipelines/run-lock.js');
        const answer = await freeLock(session, run);
        if (answer === 'held') {
          const state = await readLock(session.lock);
          throw new UnderstudyError(
            'LOCKED',
            `The lock is held by run ${state?.run ?? 'unknown'}, not by ${run}.`,
          );
        }
        const summary =
          answer === 'released' ? `The lock of run ${run} is free.` : 'The lock was free already.';
        session.console.line(summary);
        return { run, summary };
      });
    });
}
