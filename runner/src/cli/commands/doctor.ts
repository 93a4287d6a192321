import { siteCommand } from '../site-command.js';

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
