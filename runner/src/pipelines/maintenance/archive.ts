import { type Parameters } from '../../config/parameters.js';
import { several } from '../../errors/index.js';
import { openRoute } from '../../hosts/route/open-route.js';
import { archiveRules } from '../../maintenance/archive/archive-rules.js';
import { archiveTree, planArchive, type ArchiveEnds } from '../../maintenance/archive/archive-tree.js';
import { assertPromoted, promotedDigest } from '../../maintenance/archive/promoted-tree.js';
import { refreshMaintenanceReport } from '../../maintenance/report/maintenance-report.js';
import { type CodeRules } from '../../maintenance/tree/code-rules.js';
import { pathFilter } from '../../content/rsync/path-filter.js';
import { readSavedTree, runCodeRules } from '../../maintenance/tree/run-trees.js';
import { treeOf, type Tree } from '../../maintenance/tree/site-tree.js';
import { treeDigest } from '../../maintenance/tree/tree-digest.js';
import { formatBytes, formatCount } from '../../report/format.js';
import { withArchive, type ArchiveWork, assertProductionServes } from './archive-host.js';
import { runPlace } from './record-trees.js';
import { type Outcome } from '../../run/result.js';
import { type Session } from '../session/session.js';

export type ArchiveRequest = Pick<Parameters, 'run' | 'allowDeletions' | 'dryRun'>;

/** `understudy archive`: staging's code, exactly as it was promoted, into the archive's folder. */
export async function archiveSite(session: Session, request: ArchiveRequest): Promise<Outcome> {
  return withArchive(session, 'archive', request, async (work) => {
    const { run, maintenance, reporter } = work;
    const digest = promotedDigest(maintenance.record());
    const code = await runCodeRules(runPlace(session, run));
    reporter.step('Comparing staging and production with the promoted tree');
    const promoted = await assertSides(session, work, code, digest);
    const summary = await copy(session, work, code, {
      ...request,
      wanted: archivedPart(work, code, promoted),
    });
    return { summary, served: { rules: code, digest } };
  });
}

/** What of the promoted tree the archive has to hold, to the last byte: all of it but secrets and declared excludes. */
function archivedPart({ settings, reporter }: ArchiveWork, code: CodeRules, { entries }: Tree): Tree {
  const isArchived = pathFilter(archiveRules(code, settings).filters);
  const left = entries.map(({ path }) => path).filter((path) => !isArchived(path));
  // The archive's digest is another one then: a person should know why.
  if (left.length > 0)
    reporter.warn({
      severity: 'info',
      code: 'ARCHIVE_LEFT_OUT',
      message: `${String(left.length)} promoted files are not archived (secrets, archive.exclude): ${left.slice(0, 5).join(', ')}${left.length > 5 ? ', …' : ''}.`,
    });
  return treeOf(entries.filter(({ path }) => isArchived(path)));
}

/**
 * The record and its digest lie on staging, which is trusted least, so production is asked too: what it serves is what
 * was promoted.
 * @returns the promoted tree, as staging has it now
 */
async function assertSides(
  session: Session,
  work: ArchiveWork,
  rules: CodeRules,
  digest: string,
): Promise<Tree> {
  const { site, hosts, signal } = session;
  const staging = await hosts.staging();
  const folder = { site, staging, stagingFolder: work.run.stagingFolder };
  const promoted = await readSavedTree(folder, 'tested', digest);
  const [onStaging] = await Promise.all([
    treeDigest(staging, site.staging.path, { rules, signal }),
    assertProductionServes(session, work.run.id, digest, rules, promoted),
  ]);
  const sentence = 'Staging differs from the promoted tree.';
  assertPromoted(onStaging, digest, { host: staging.label, sentence }, promoted);
  return onStaging;
}

async function copy(
  session: Session,
  work: ArchiveWork,
  code: CodeRules,
  { allowDeletions, dryRun, wanted }: ArchiveRequest & { readonly wanted: Tree },
): Promise<string> {
  const { site, hosts, signal } = session;
  const { host, settings, maintenance, reporter } = work;
  const staging = await hosts.staging();
  const route = await openRoute({
    kind: site.content.route,
    client: host,
    clientAddress: settings.address,
    clientWorkDir: settings.workDir,
    target: site.staging.address,
    targetHost: staging,
    signal,
  });
  try {
    const ends: ArchiveEnds = {
      staging,
      stagingPath: site.staging.path,
      archive: host,
      archivePath: settings.path,
      archiveWorkDir: settings.workDir,
      route,
      rules: archiveRules(code, settings),
      maxDeletePercent: allowDeletions ? 100 : site.content.maxDeletePercent,
      reporter,
      signal,
    };
    if (dryRun) {
      const lines = await planArchive(ends);
      for (const line of lines) reporter.step(line);
      return lines.length === 0 ? 'The archive is up to date.' : 'Nothing was changed (dry run).';
    }
    const { tree, created, deleted } = await archiveTree(ends);
    const sentence = 'Staging changed while it was archived.';
    assertPromoted(tree, wanted.digest, { host: host.label, sentence }, wanted);
    const finishedAt = new Date().toISOString();
    await maintenance.update((record) => ({ ...record, archive: { digest: tree.digest, finishedAt } }));
    await refreshMaintenanceReport(maintenance, site);
    const changes = `${formatCount(created)} new, ${formatCount(deleted)} deleted`;
    return `The archive has the promoted tree: ${several(tree.files, 'file')}, ${formatBytes(tree.bytes)} (${changes}), digest ${tree.digest.slice(0, 12)}.`;
  } finally {
    await route.close();
  }
}
