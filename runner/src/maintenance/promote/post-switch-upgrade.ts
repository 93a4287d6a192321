import { updateDatabase } from '../../commands/wp.js';
import { UnderstudyError, messageOf } from '../../errors/index.js';
import { type PromotionContext } from './promotion-context.js';
import { type ProductionInstance } from './operation/instances.js';
import { coreAddress } from '../../wordpress/site/site-layout.js';
import { pageFolder, RUN_VARIABLE } from './page.js';
import {
  instanceResolve,
  problemOf,
  quickCheck,
  instanceRequests,
  type InstanceRequests,
} from './requests.js';
import { surveyInstance } from './survey.js';

/** Requests that do the same whether a person or Understudy makes them. */
const UPGRADE_PATH = 'wp-admin/upgrade.php?step=upgrade_db';
/** Fires `admin_init` without a login and prints nothing: where plugins upgrade their tables on first admin load. */
const ADMIN_PATH = 'wp-admin/admin-post.php';

/**
 * Brings the database to the new code, behind the page: WordPress' own upgrade, then the plugins' that wait for an admin
 * page. A network is upgraded by WP-CLI, which knows its sites.
 * @throws PROMOTION_FAILED
 */
export async function upgradeDatabase(context: PromotionContext): Promise<void> {
  const { site, settings, instances, bypass, layout, multisite, run, signal } = context;
  const inCore = (path: string): string => coreAddress(layout, path);
  if (site.type !== 'wordpress') return;
  const first = instances.all[0];
  if (first === undefined) return;
  const { get } = await instanceRequests(site, settings, first, bypass);
  if (multisite) await upgradeNetwork(context, first);
  else await expectWhole(get, inCore(UPGRADE_PATH), first);
  // Twice: some plugins note in the first request what the second one does.
  await expectWhole(get, inCore(ADMIN_PATH), first);
  await expectWhole(get, inCore(ADMIN_PATH), first);
  signal.throwIfAborted();
  context.reporter.step(`Database upgraded behind the page (run ${run})`);
}

async function upgradeNetwork(context: PromotionContext, instance: ProductionInstance): Promise<void> {
  const { site, layout, run, signal, reporter } = context;
  const { wp } = await surveyInstance(site, instance, layout);
  if (wp === undefined) {
    reporter.warn({
      severity: 'warning',
      code: 'NETWORK_NOT_UPGRADED',
      message:
        'There is no WP-CLI on production: the sites of the network are upgraded when their admin is opened.',
      host: instance.host.label,
      next: 'Install wp on production, or open Network Admin → Upgrade Network.',
    });
    return;
  }
  const command = updateDatabase(
    { program: wp, path: pageFolder(site, layout), url: site.production.url },
    true,
  );
  await instance.host.run(
    { ...command, environment: { [RUN_VARIABLE]: run } },
    { timeoutSeconds: 3600, signal },
  );
}

async function expectWhole(
  get: InstanceRequests['get'],
  path: string,
  { host }: ProductionInstance,
): Promise<void> {
  let problem: string | undefined;
  try {
    problem = problemOf(path, await get(path, { timeoutSeconds: 1800 }));
  } catch (cause) {
    problem = `${path}: ${messageOf(cause)}`;
  }
  if (problem !== undefined)
    throw new UnderstudyError('PROMOTION_FAILED', `The database upgrade failed: ${problem}.`, {
      host: host.label,
    });
}

/**
 * Behind the page, on every instance by itself: home, login and the declared pages. An instance that cannot be reached
 * past the balancer is named, and the site's address is asked instead.
 * @throws PROMOTION_FAILED
 */
export async function checkBehindPage(
  context: PromotionContext,
  instances: readonly ProductionInstance[],
): Promise<void> {
  const { site, settings, bypass, layout, reporter } = context;
  if (site.type !== 'wordpress') return;
  const { paths, text } = settings.checks;
  const failures: string[] = [];
  for (const instance of instances) {
    const { get } = await instanceRequests(site, settings, instance, bypass);
    const direct = instanceResolve(site, instance) !== undefined;
    const check = await quickCheck(paths, text, (path) => get(path), layout, direct ? instance : undefined);
    failures.push(...check.failures);
    if (check.blocked.length > 0)
      reporter.warn({
        severity: 'warning',
        code: 'CHECKS_BLOCKED',
        message: `Not checked, because something in front of the site answered: ${check.blocked.join(', ')}.`,
        next: 'Let requests with the header of maintenance.header through the firewall.',
      });
  }
  if (failures.length > 0)
    throw new UnderstudyError(
      'PROMOTION_FAILED',
      'The new code does not pass its checks behind the maintenance page.',
      {
        details: failures,
      },
    );
}
