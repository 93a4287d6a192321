import { publishOf, type PublishSettings } from '../../config/sections.js';
import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { archiveRules } from '../../maintenance/archive/archive-rules.js';
import { promotedDigest } from '../../maintenance/archive/promoted-tree.js';
import { type MaintenanceRecord } from '../../maintenance/maintenance-record.js';
import { openGitRemote } from '../../maintenance/publish/git-remote.js';
import { GitRepository } from '../../maintenance/publish/git-repository.js';
import { type PublishOptions, type PublishOutcome } from '../../maintenance/publish/publish-options.js';
import { publishTree } from '../../maintenance/publish/publish-tree.js';
import { gitHubRepository, parseRepository } from '../../maintenance/publish/repository-address.js';
import { refreshMaintenanceReport } from '../../maintenance/report/maintenance-report.js';
import { type CodeRules } from '../../maintenance/tree/code-rules.js';
import { runCodeRules } from '../../maintenance/tree/run-trees.js';
import { treeDigest } from '../../maintenance/tree/tree-digest.js';
import { type Tree } from '../../maintenance/tree/site-tree.js';
import { type ArchiveRun, withArchive, type ArchiveWork, assertProductionServes } from './archive-host.js';
import { runPlace } from './record-trees.js';
import { type Outcome } from '../../run/result.js';
import { type Session } from '../session/session.js';
import { openSigner, type Signer } from '../../hosts/ssh/ssh-signature.js';

export interface PublishRequest extends ArchiveRun {
  readonly overwrite: boolean;
}

/** `understudy publish`: the archived tree as commits in the repository. */
export async function publishSite(session: Session, request: PublishRequest): Promise<Outcome> {
  const settings = publishOf(session.site);
  if (settings === undefined || session.site.archive === undefined)
    throw new UnderstudyError('PUBLISH_NOT_CONFIGURED');
  const pullRequest = await pullRequestOf(settings);
  const signer = settings.signingKey === undefined ? undefined : await openSigner(settings.signingKey);
  return withArchive(session, 'publish', request, async (work) => {
    const { maintenance, run, reporter } = work;
    const code = await runCodeRules(runPlace(session, run));
    const rules = archiveRules(code, work.settings);
    reporter.step('Reading the archive and production');
    const digest = promotedDigest(maintenance.record());
    await assertProductionServes(session, run.id, digest, code, undefined);
    const tree = await archivedTree(work, maintenance.record(), rules, session.signal);
    const outcome = await publish(session, work, {
      ...pullRequest,
      signer,
      settings,
      rules,
      tree,
      overwrite: request.overwrite,
      dryRun: request.dryRun,
    });
    if (!request.dryRun) await note(work, outcome);
    await refreshMaintenanceReport(maintenance, session.site);
    return { summary: summaryOf(outcome, request.dryRun), served: { rules: code, digest } };
  });
}

/** Resolved before anything is done: a token that is missing must not be found out after the push. */
async function pullRequestOf(settings: PublishSettings): Promise<Pick<PublishOptions, 'pullRequest'>> {
  const address = parseRepository(settings.repository);
  if (settings.mode !== 'pull-request') return {};
  if (settings.token === undefined)
    throw new UnderstudyError('PUBLISH_NOT_CONFIGURED', 'A pull request needs publish.token.', {
      next: 'Name a token that may write pull requests.',
    });
  const repository = gitHubRepository(address, settings.api);
  return { pullRequest: { repository, token: await resolveSecret(settings.token) } };
}

/** @throws NOTHING_ARCHIVED, PUBLISH_TREE_CHANGED */
async function archivedTree(
  { host, settings }: ArchiveWork,
  record: MaintenanceRecord,
  rules: CodeRules,
  signal: AbortSignal,
): Promise<Tree> {
  if (record.archive === undefined)
    throw new UnderstudyError('NOTHING_ARCHIVED', `The tree of run ${record.run} was not archived yet.`);
  const tree = await treeDigest(host, settings.path, { rules, signal });
  if (tree.digest === record.archive.digest) return tree;
  throw new UnderstudyError('PUBLISH_TREE_CHANGED', undefined, {
    host: host.label,
    details: [`digest ${tree.digest}, archived ${record.archive.digest}`],
  });
}

type Given = Pick<PublishOptions, 'pullRequest' | 'settings' | 'rules' | 'tree' | 'overwrite' | 'dryRun'> & {
  readonly signer: Signer | undefined;
};

async function publish(session: Session, work: ArchiveWork, given: Given): Promise<PublishOutcome> {
  const { site, signal } = session;
  const { host, settings, maintenance, reporter } = work;
  if (`${settings.workDir}/`.startsWith(`${settings.path}/`))
    throw new UnderstudyError(
      'PUBLISH_NOT_CONFIGURED',
      'archive.workDir lies in the folder of the archive.',
      {
        next: 'Give a folder on the local disk of the archive host, for the git directory.',
      },
    );
  const remote = await openGitRemote({
    address: parseRepository(given.settings.repository),
    settings: given.settings,
    host,
    hostAddress: settings.address,
    workDir: settings.workDir,
    route: site.content.route,
    signal,
  });
  try {
    const place = { gitDir: `${settings.workDir}/publish.git`, workTree: settings.path };
    const { run, items, approval } = maintenance.record();
    return await publishTree({
      ...given,
      repository: new GitRepository(host, place, settings.workDir, remote, signal, given.signer),
      host,
      source: { run, items, title: site.title, digest: given.tree.digest, ...(approval ? { approval } : {}) },
      reporter,
      signal,
    });
  } finally {
    await remote.close();
  }
}

/** A second run finds nothing to commit; what the first one noted stays. */
async function note({ maintenance }: ArchiveWork, { commits, branch }: PublishOutcome): Promise<void> {
  const finishedAt = new Date().toISOString();
  await maintenance.update((record) =>
    commits.length === 0 && record.publish !== undefined
      ? record
      : { ...record, publish: { commits, branch, finishedAt } },
  );
}

function summaryOf({ commits, changed, branch, tag, pullRequest }: PublishOutcome, dryRun: boolean): string {
  if (dryRun)
    return `Nothing was pushed (dry run): ${several(changed, 'file differs', 'files differ')} from ${branch}.`;
  const extras = `${tag === undefined ? '' : `, tag ${tag}`}${pullRequest === undefined ? '' : `, ${pullRequest}`}`;
  if (changed === 0) return `${branch} has the promoted tree already; nothing to commit${extras}.`;
  const short = commits.map((commit) => commit.slice(0, 12)).join(', ');
  return `Pushed ${several(changed, 'changed file')} to ${branch}: ${short}${extras}.`;
}
