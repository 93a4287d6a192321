import { Option } from 'commander';
import { UnderstudyError } from '../../errors/index.js';
import { readLock } from '../../run/lock.js';
import { assertRunId } from '../../run/run-id.js';
import { type FlagValues } from '../parameters-of.js';
import { siteCommand } from '../site-command.js';

interface UnlockFlags extends FlagValues {
  readonly run: string;
}

/** `understudy unlock <site> --run <id>`: frees the lock of a run, and ends what that run still has on the hosts. */
export const unlockCommand = siteCommand<UnlockFlags>({
  name: 'unlock',
  group: 'To repair',
  summary: 'free the lock of a run, and end what it still has running',
  options: [new Option('--run <id>', 'the run that holds it').makeOptionMandatory()],
  examples: [
    {
      words: 'unlock acme --run 20261121T201500Z-3f9a1c',
      about: 'release the run that understudy runs names',
    },
  ],
  before: ({ flags }) => void assertRunId(flags.run),
  work: async (session, { flags: { run } }) => {
    const { freeLock } = await import('../../pipelines/session/run-lock.js');
    const answer = await freeLock(session, run);
    if (answer === 'held') {
      const state = await readLock(session.lock);
      throw new UnderstudyError(
        'LOCKED',
        `The lock is held by run ${state?.run ?? 'unknown'}, not by ${run}.`,
      );
    }
    const summary = answer === 'released' ? `The lock of run ${run} is free.` : 'The lock was free already.';
    session.console.line(summary);
    return { run, summary };
  },
});
