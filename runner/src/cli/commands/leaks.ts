import { reporterOf } from '../../report/events/reporter.js';
import { siteCommand } from '../site-command.js';

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
