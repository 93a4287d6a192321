import { siteCommand } from '../site-command.js';

/** `understudy rollback <site>`: staging serves the former generation again, files and database. */
export const rollbackCommand = siteCommand({
  name: 'rollback',
  group: 'Every day',
  summary: 'put the former generation of staging back, files and database',
  examples: [
    { words: 'rollback acme', about: 'what staging served before the last sync; once more: the way forward' },
    { words: 'rollback acme --yes', about: 'the same, without the question' },
  ],
  needs: { databases: true, goesBack: true },
  question: ({ staging }) => `Replace what ${staging.url} serves by what it served before the last sync?`,
  work: async (session) => (await import('../../pipelines/recovery/rollback.js')).rollBack(session),
});
