import { siteCommand } from '../site-command.js';

/** `understudy plan <site>`: what a sync would do; changes nothing. */
export const planCommand = siteCommand({
  name: 'plan',
  group: 'Every day',
  summary: 'show what a sync would do; changes nothing',
  examples: [
    { words: 'plan acme', about: 'the stages in short, and what would stop the sync' },
    { words: 'plan acme --verbose', about: 'with the full commands and every file that stays' },
  ],
  data: {
    stages: 'the stages in their order: name, label, lines (commands: with true under command)',
    findings: 'what was found: severity, code, message, host, next',
  },
  needs: {
    databases: true,
    routesFrom: ['application', 'database'],
    meanwhile: async () => void (await import('../../pipelines/sync/plan.js')),
  },
  work: async (session, { parameters }) =>
    (await import('../../pipelines/sync/plan.js')).showPlan(session, { ...parameters, dryRun: true }),
});
