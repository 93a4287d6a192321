import { runOption } from '../options.js';
import { siteCommand } from '../site-command.js';

/** `understudy finish <site>`: what Jenkins' `post` calls, however the build ended. */
export const finishCommand = siteCommand({
  name: 'finish',
  group: 'Jenkins',
  summary:
    'end a build: recover what was interrupted, free the lock, write the reports; keeps what a restart needs',
  options: [runOption('the run that the build worked on')],
  examples: [
    { words: 'finish acme', about: 'end the run that this build holds the lock with' },
    { words: 'finish acme --run 20261121T201500Z-3f9a1c', about: 'end that run' },
  ],
  work: async (session, { parameters }) =>
    (await import('../../pipelines/recovery/finish.js')).finishRun(session, parameters.run),
});
