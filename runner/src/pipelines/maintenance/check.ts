import { several, UnderstudyError } from '../../errors/index.js';
import { failuresOf, sentenceOf } from '../../maintenance/checks/check-result.js';
import { countsOf } from '../../maintenance/checks/run-checks.js';
import { writeCheckReport } from '../../maintenance/report/check-report.js';
import { pageAddress } from '../../report/page/page-address.js';
import { openRunWorkspace } from '../../run/workspace.js';
import { type Outcome } from '../../run/result.js';
import { type Session } from '../session/session.js';
import { openSiteChecks } from './site-checks.js';
import { waitForStaging } from '../sync/restart-staging.js';

/**
 * `understudy check`: looks at the pages of a side. Reads only, takes no lock.
 * @throws CHECKS_FAILED; the failed checks stand on the console and in the report
 */
export async function checkSite(session: Session, side: 'production' | 'staging'): Promise<Outcome> {
  const workspace = openRunWorkspace(session.workspace, session.site.name, `check-${side}`);
  if (side === 'staging') await waitForStaging(session);
  const checks = await openSiteChecks(session, side, workspace.folder);
  try {
    const pages = await checks.discover();
    session.console.line(`── Checks of ${side}: ${several(pages.length, 'page')}`);
    for (const { path, why } of pages) session.console.line(`   ${path} (${why})`);
    const run = await checks.run(side, pages);
    writeCheckReport(workspace, session.site, session.site[side].url, run);
    const counts = countsOf(run.results);
    for (const result of failuresOf(run)) session.console.line(`   ✗ ${sentenceOf(result)}`);
    for (const note of run.notes) session.console.line(`   · ${note}`);
    const summary = `${several(counts.passed, 'check')} passed, ${String(counts.failed)} failed, ${String(counts.skipped)} could not be made.`;
    session.console.line(`   ${counts.failed === 0 ? '✓' : '✗'} ${summary}`);
    const page = pageAddress(`${workspace.folder}/checks.html`);
    session.console.line(`Report: ${page}`);
    if (counts.failed > 0)
      throw new UnderstudyError('CHECKS_FAILED', summary, {
        next: `Open ${page} and look at each failed check.`,
      });
    return { run: '', summary };
  } finally {
    await checks.close();
  }
}
