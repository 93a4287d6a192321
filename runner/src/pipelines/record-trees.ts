import { codeRules } from '../maintenance/tree/code-rules.js';
import {
  recordTestedTree,
  saveTree,
  summaryOf,
  writeKept,
  type RunPlace,
} from '../maintenance/tree/run-trees.js';
import { compareTrees, describeDifference } from '../maintenance/tree/tree.js';
import { treeDigest } from '../maintenance/tree/tree-digest.js';
import { type TreeSummary } from '../maintenance/maintenance-record.js';
import { createReporter } from '../report/reporter.js';
import { type RunHandle } from '../run/run-record.js';
import { type Session } from './session.js';

export const runPlace = (session: Session, run: Pick<RunHandle, 'stagingFolder'>): RunPlace => ({
  site: session.site,
  staging: session.store.staging,
  stagingFolder: run.stagingFolder,
});

/**
 * Before the first update: reads production's code and compares it with staging's. Code that only staging has is
 * noted: it is never promoted. The caller writes the summary to the maintenance record (`productionTree`).
 * @returns undefined where staging does not have production's code any more: then nothing can be promoted, because
 *   production's newer changes would be lost; the difference is reported as a warning
 */
export async function recordProductionTree(
  session: Session,
  run: Pick<RunHandle, 'stagingFolder'>,
): Promise<TreeSummary | undefined> {
  const { site, hosts, signal } = session;
  const place = runPlace(session, run);
  const reporter = createReporter(session.console, session.events());
  const rules = codeRules(site);
  const [production, staging] = await Promise.all([
    hosts.productionApplication().then((host) => treeDigest(host, site.production.path, { rules, signal })),
    hosts.staging().then((host) => treeDigest(host, site.staging.path, { rules, signal })),
  ]);
  const { added: onlyStaging, changed, removed } = compareTrees(production, staging);
  if (onlyStaging.length > 0)
    reporter.warn({
      severity: 'info',
      code: 'CODE_ONLY_ON_STAGING',
      message: `${String(onlyStaging.length)} files of code are only on staging and stay there: ${onlyStaging.slice(0, 5).join(', ')}${onlyStaging.length > 5 ? ', …' : ''}.`,
    });
  await writeKept(place, onlyStaging);
  await saveTree(place, 'production', production);
  const difference = { added: [], changed, removed };
  if (changed.length + removed.length === 0) return summaryOf(production);
  reporter.warn({
    severity: 'warning',
    code: 'PRODUCTION_CHANGED',
    message: ['Staging does not have the code that production has:', ...describeDifference(difference)].join(
      '\n       ',
    ),
    next: 'Nothing of this run can be promoted. Sync first: understudy sync <site>. A file that a sync does not bring has the same size and time on both sides: touch it on staging.',
  });
  return undefined;
}

/** After the last check: the tree that was tested (`testedTree` of the maintenance record). */
export const recordTested = (session: Session, run: Pick<RunHandle, 'stagingFolder'>): Promise<TreeSummary> =>
  recordTestedTree(runPlace(session, run), { signal: session.signal });
