import { several } from '../../errors/index.js';
import { maintenanceOf } from '../../config/sections.js';
import { shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';
import { sharedLayout, type SiteLayout } from '../../wordpress/site/site-layout.js';
import { assertWholeTree, codeRules } from '../../maintenance/tree/code-rules.js';
import {
  recordTestedTree,
  saveTree,
  summaryOf,
  writeKept,
  type RunFolder,
} from '../../maintenance/tree/run-trees.js';
import { compareTrees, describeDifference } from '../../maintenance/tree/site-tree.js';
import { treeDigest } from '../../maintenance/tree/tree-digest.js';
import { type TreeSummary } from '../../maintenance/maintenance-record.js';
import { reporterOf, type Reporter } from '../../report/events/reporter.js';
import { type RunHandle } from '../../run/run-record.js';
import { type Session } from '../session/session.js';

export const runPlace = (session: Session, run: Pick<RunHandle, 'stagingFolder'>): RunFolder => ({
  site: session.site,
  staging: session.store.staging,
  stagingFolder: run.stagingFolder,
  layout: () => layoutOfBoth(session),
});

/** Both sides' wp-config.php is read once per process. */
async function layoutOfBoth({ site, wordpress }: Pick<Session, 'site' | 'wordpress'>): Promise<SiteLayout> {
  const [production, staging] = await Promise.all([wordpress.production(), wordpress.staging()]);
  return sharedLayout(site, production, staging);
}

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
  const folder = runPlace(session, run);
  const reporter = reporterOf(session);
  const layout = await layoutOfBoth(session);
  const rules = codeRules(site, [], layout);
  const [productionHost, stagingHost] = await Promise.all([hosts.productionApplication(), hosts.staging()]);
  const [production, staging] = await Promise.all([
    treeDigest(productionHost, site.production.path, { rules, signal }),
    treeDigest(stagingHost, site.staging.path, { rules, signal }),
  ]);
  assertWholeTree(site, production, layout, { host: productionHost.label, path: site.production.path });
  await warnOfComposer(site, productionHost, layout, reporter);
  const { added: onlyStaging, changed, removed } = compareTrees(production, staging);
  if (onlyStaging.length > 0)
    reporter.warn({
      severity: 'info',
      code: 'CODE_ONLY_ON_STAGING',
      message: `${several(onlyStaging.length, 'file of code is only on staging and stays', 'files of code are only on staging and stay')} there: ${onlyStaging.slice(0, 5).join(', ')}${onlyStaging.length > 5 ? ', …' : ''}.`,
    });
  await writeKept(folder, onlyStaging);
  await saveTree(folder, 'production', production);
  const difference = { added: [], changed, removed };
  if (changed.length + removed.length === 0) return summaryOf(production);
  reporter.warn({
    severity: 'warning',
    code: 'STAGING_CODE_DIFFERS',
    message: ['Staging does not have the code that production has:', ...describeDifference(difference)].join(
      '\n       ',
    ),
    next: 'Nothing of this run can be promoted. Sync first: understudy sync <site>. A file that a sync does not bring has the same size and time on both sides: touch it on staging.',
  });
  return undefined;
}

/** What of a site that Composer manages is not updated, or not even promoted; a person has to know. */
async function warnOfComposer(
  site: Session['site'],
  host: ReadingHost,
  { web }: SiteLayout,
  reporter: Reporter,
): Promise<void> {
  const root = site.production.path;
  const look = 'for folder in "$1" "${1%/*}"; do [ ! -f "$folder/composer.lock" ] || echo "$folder"; done';
  const { stdout } = await host.run(shellScript('read', look, [root]), {
    label: 'look for composer.lock',
  });
  const [folder] = stdout.toString().split('\n');
  if (folder === undefined || folder === '') return;
  const leftOut =
    folder === root && web !== ''
      ? ''
      : ' What it keeps outside of the code of WordPress (vendor, config, composer.lock) is neither promoted nor published.';
  const notUpdated =
    maintenanceOf(site).composer === undefined ? ' What it installed is not updated by this run.' : '';
  if (leftOut === '' && notUpdated === '') return;
  reporter.warn({
    severity: 'warning',
    code: 'COMPOSER_MANAGED',
    message: `${folder}/composer.lock: Composer manages this site.${notUpdated}${leftOut}`,
    ...(leftOut === ''
      ? {}
      : { next: `Set path of both sides to the project’s folder, ${folder} on production.` }),
  });
}

/** After the last check: the tree that was tested (`testedTree` of the maintenance record). */
export const recordTested = (session: Session, run: Pick<RunHandle, 'stagingFolder'>): Promise<TreeSummary> =>
  recordTestedTree(runPlace(session, run), { signal: session.signal });
