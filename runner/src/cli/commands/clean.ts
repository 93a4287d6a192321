import { siteCommand } from '../site-command.js';

/** `understudy clean <site>`: removes what failed runs left, on staging and in production's own backup folder. */
export const cleanCommand = siteCommand({
  name: 'clean',
  group: 'To repair',
  summary: 'remove what failed runs left behind: incoming schemas, dumps, staged files, records',
  examples: [{ words: 'clean acme', about: 'free the space that failed runs still take' }],
  work: async (session) => (await import('../../pipelines/recovery/recover.js')).cleanUp(session),
});
