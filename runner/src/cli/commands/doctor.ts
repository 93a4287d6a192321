import { siteCommand } from '../site-command.js';
import { reporterOf } from '../../report/events/reporter.js';

/** `understudy doctor <site>`: can it work? Tools, versions, rights, disk space, routes, guards; changes nothing. */
export const doctorCommand = siteCommand({
  name: 'doctor',
  group: 'To begin',
  summary: 'can it work? tools, versions, rights, disk space, routes, guards; changes nothing',
  examples: [
    { words: 'doctor acme', about: 'everything that must be fixed before a sync, with the lines to add' },
    { words: 'doctor acme --verbose', about: 'also what is worth knowing but stops nothing' },
    { words: 'doctor acme --json', about: 'the same for a program: data.findings' },
  ],
  data: { findings: 'what was found: severity, code, message, host, next', hosts: 'the hosts that answered' },
  needs: {
    databases: true,
    routesFrom: ['application', 'database'],
    meanwhile: async () => void (await import('../../pipelines/sync/doctor.js')),
  },
  work: async (session, { parameters }) =>
    (await import('../../pipelines/sync/doctor.js')).examine(session, { ...parameters, dryRun: true }),
});

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

/** `understudy leaks <site>`: is an address of production left on staging? Changes nothing. */
export const leaksCommand = siteCommand({
  name: 'leaks',
  group: 'To look',
  summary:
    'search staging for addresses of production: every column of the database, and the pages over HTTP',
  examples: [{ words: 'leaks acme', about: 'what of production staging still names, by table and column' }],
  work: async (session) => {
    const { findStagingLeaks } = await import('../../stages/proof/leak-check.js');
    const reporter = reporterOf(session);
    const summary = await findStagingLeaks({ ...session, reporter });
    session.console.line(summary);
    return { run: '', summary };
  },
});
