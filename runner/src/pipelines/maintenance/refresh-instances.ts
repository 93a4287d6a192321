import { setTimeout as sleep } from 'node:timers/promises';
import {
  describeRefresh,
  isRefreshing,
  refreshId,
  refreshState,
  startInstanceRefresh,
} from '../../commands/aws.js';
import { maintenanceOf, type MaintenanceSettings } from '../../config/sections.js';
import { type Site } from '../../config/site.js';
import { UnderstudyError, type Finding } from '../../errors/index.js';
import { createLocalHost } from '../../hosts/local-host.js';
import { reasonOf } from '../../maintenance/promote/operation/on-hosts.js';
import { type PromotionReporter } from '../../maintenance/promote/promotion-context.js';
import { tolerate } from '../sync/preflight.js';
import { type Session } from '../session/session.js';
import { connectProduction } from '../../hosts/connect-host.js';
import { discoverAddresses } from '../../hosts/discover-hosts.js';
import { nameOf } from '../../maintenance/promote/operation/instances.js';
import { siteLayout } from '../../wordpress/site/site-layout.js';
import { codeRules, type CodeRules } from '../../maintenance/tree/code-rules.js';
import { compareTrees, describeDifference, type Tree } from '../../maintenance/tree/site-tree.js';
import { treeDigest } from '../../maintenance/tree/tree-digest.js';

type RefreshCommand = 'promote' | 'archive' | 'publish';

const LOOK_AGAIN_SECONDS = 15;

/** The command after which new instances come up with the promoted code. */
function refreshCommand(site: Site, { instancesBootFrom }: MaintenanceSettings): RefreshCommand {
  const isPublished = site.publish !== undefined && instancesBootFrom !== 'archive';
  if (instancesBootFrom === 'image') return 'promote';
  if (isPublished) return 'publish';
  return site.archive !== undefined && instancesBootFrom !== 'repository' ? 'archive' : 'promote';
}

/**
 * Replaces the instances one after the other, where the site wants that, as soon as what they boot from has the promoted
 * code; waits, and looks at what they came up with. All is done before: what goes wrong here is a warning.
 */
export async function refreshInstances(
  session: Pick<Session, 'site' | 'wordpress' | 'signal'>,
  command: RefreshCommand,
  code: PromotedCode,
  reporter: PromotionReporter,
  lookAgainSeconds = LOOK_AGAIN_SECONDS,
): Promise<void> {
  const { site } = session;
  const settings = maintenanceOf(site);
  if (command !== refreshCommand(site, settings)) return;
  const { address } = site.production;
  const discover = address.kind === 'ssh' ? address.discover : undefined;
  if (command === 'promote' && settings.instancesBootFrom === 'image' && discover !== undefined)
    reporter.warn({
      severity: 'warning',
      code: 'INSTANCE_IMAGE_OUTDATED',
      message: 'New instances boot from an image, which has the former code until it is made again.',
      next: `Make the image from an instance that has the promoted code. understudy doctor ${site.name} names instances with other code.`,
    });
  if (!settings.instanceRefresh || discover?.kind !== 'auto-scaling-group') return;
  const waiting = { waitSeconds: settings.instanceRefreshWaitSeconds, lookAgainSeconds };
  if (!(await refresh(discover, waiting, session.signal, reporter))) return;
  for (const finding of await tolerate(() => instanceCodeFindings(session, code)))
    reporter.warn({ ...finding, severity: 'warning' });
}

/** @returns whether it came to its end */
async function refresh(
  { group, region }: { readonly group: string; readonly region: string },
  { waitSeconds, lookAgainSeconds }: { readonly waitSeconds: number; readonly lookAgainSeconds: number },
  signal: AbortSignal,
  reporter: PromotionReporter,
): Promise<boolean> {
  const runner = createLocalHost('runner', 'runner');
  const warn = (message: string, next: string): false => {
    reporter.warn({ severity: 'warning', code: 'INSTANCES_NOT_REFRESHED', message, next });
    return false;
  };
  try {
    const started = await runner.run(startInstanceRefresh(group, region), {
      label: 'aws autoscaling start-instance-refresh',
    });
    reporter.step(`Instance refresh of ${group} started`);
    const id = refreshId(started.stdout.toString());
    if (id === undefined)
      return warn(`aws gave the instance refresh of ${group} no id.`, 'Look at the group in AWS.');
    for (const end = Date.now() + waitSeconds * 1000; ;) {
      const { stdout } = await runner.run(describeRefresh(group, region, id), {
        label: 'aws autoscaling describe-instance-refreshes',
      });
      const state = refreshState(stdout.toString());
      const { status, percent, reason } = state;
      if (status === 'Successful') {
        reporter.step(`Instance refresh of ${group} is complete`);
        return true;
      }
      if (!isRefreshing(state))
        return warn(
          `The instance refresh of ${group} ended as ${status} at ${String(percent)} %${reason === '' ? '' : `: ${reason.replace(/\.$/, '')}`}.`,
          'Look at the group in AWS; instances that were replaced have booted anew, the others serve the promoted code.',
        );
      if (Date.now() > end || signal.aborted)
        return warn(
          `The instance refresh of ${group} is at ${String(percent)} %, and was not waited for any longer.`,
          'When it has ended, understudy doctor names instances with other code.',
        );
      await sleep(lookAgainSeconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  } catch (cause) {
    if (cause instanceof UnderstudyError && cause.stderr?.includes('InstanceRefreshInProgress') === true)
      return warn(
        `An instance refresh of ${group} was under way already: what it replaced before has the former code.`,
        'When it has ended, start another one in AWS; understudy doctor names instances with other code.',
      );
    return warn(
      `The instance refresh of ${group} could not be started or followed: ${reasonOf(cause)}`,
      'Let the runner’s AWS account call autoscaling:StartInstanceRefresh and DescribeInstanceRefreshes, or start it by hand.',
    );
  }
}

/** What every instance has to have. */
export interface PromotedCode {
  readonly rules: CodeRules;
  readonly digest: string;
}

/**
 * Whether all instances of a group have the same code: one that booted after a promotion from an older image has not.
 * Reads only; where production is one machine there is nothing to compare.
 * @param promoted what all of them have to have; without it the code of most counts
 */
export async function instanceCodeFindings(
  { site, wordpress, signal }: Pick<Session, 'site' | 'wordpress' | 'signal'>,
  promoted?: PromotedCode,
): Promise<readonly Finding[]> {
  const { address, path, workDir } = site.production;
  if (address.kind === 'local' || address.discover === undefined) return [];
  const rules =
    promoted?.rules ?? codeRules(site, [], siteLayout(site.production, await wordpress.production()));
  const addresses = await discoverAddresses(address, { signal });
  const looked = await Promise.all(
    addresses.map(async (one): Promise<InstanceCode | Finding> => {
      try {
        const host = await connectProduction(one, { name: 'production application', workDir, signal });
        try {
          return { name: nameOf(one), tree: await treeDigest(host, path, { rules, signal }) };
        } finally {
          await host.close();
        }
      } catch (error) {
        // One that is going down, or has just come up, keeps nobody from a sync.
        if (!(error instanceof UnderstudyError) || error.code !== 'HOST_UNREACHABLE') throw error;
        return { severity: 'warning', code: 'INSTANCE_NOT_COMPARED', message: error.message };
      }
    }),
  );
  const unreachable = looked.filter((one): one is Finding => 'code' in one);
  const found = looked.filter((one): one is InstanceCode => 'tree' in one);
  return [...unreachable, ...differingCode(found, promoted)];
}

interface InstanceCode {
  readonly name: string;
  readonly tree: Tree;
}

function differingCode(
  found: readonly InstanceCode[],
  promoted: PromotedCode | undefined,
): readonly Finding[] {
  if (promoted !== undefined)
    return found
      .filter(({ tree }) => tree.digest !== promoted.digest)
      .map(({ name }) => ({
        severity: 'error',
        code: 'INSTANCES_DIFFER',
        message: `${name} came up with other code than what was promoted.`,
      }));
  const counts = new Map<string, number>();
  for (const { tree } of found) counts.set(tree.digest, (counts.get(tree.digest) ?? 0) + 1);
  const most = found.toSorted(
    (a, b) => (counts.get(b.tree.digest) ?? 0) - (counts.get(a.tree.digest) ?? 0),
  )[0];
  return found
    .filter(({ tree }) => tree.digest !== most?.tree.digest)
    .map(({ name, tree }) => ({
      severity: 'error',
      code: 'INSTANCES_DIFFER',
      message: [
        `${name} has other code than ${most?.name ?? ''}:`,
        ...describeDifference(compareTrees(most?.tree ?? tree, tree), 5),
      ].join('\n       '),
    }));
}
