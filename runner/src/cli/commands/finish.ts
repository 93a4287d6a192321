import { Option } from 'commander';
import { NOT_APPROVED, type NotApproved } from '../../pipelines/runs/not-approved.js';
import { runOption } from '../options.js';
import { type FlagValues } from '../parameters-of.js';
import { siteCommand } from '../site-command.js';

interface FinishFlags extends FlagValues {
  readonly notApproved?: NotApproved;
}

/** `understudy finish <site>`: what Jenkins' `post` calls, however the build ended. */
export const finishCommand = siteCommand<FinishFlags>({
  name: 'finish',
  group: 'Jenkins',
  summary:
    'end a build: recover what was interrupted, free the lock, write the reports; keeps what a restart needs',
  options: [
    runOption('the run that the build worked on'),
    new Option('--not-approved <why>', 'its updates waited for an approval that nobody gave').choices(
      Object.keys(NOT_APPROVED),
    ),
  ],
  examples: [
    { words: 'finish acme', about: 'end the run that this build holds the lock with' },
    { words: 'finish acme --run 20261121T201500Z-3f9a1c', about: 'end that run' },
  ],
  work: async (session, { parameters, flags }) => {
    const { finishRun } = await import('../../pipelines/recovery/finish.js');
    return finishRun(session, parameters.run, flags.notApproved);
  },
});
