import { createInvalidation } from '../../commands/aws.js';
import { shellScript } from '../../commands/command.js';
import { createLocalHost } from '../../hosts/local-host.js';
import { type RecoveryContext } from './promotion-context.js';
import { onEachHost, reasonOf } from './operation/on-hosts.js';
import { productionClient, quickCheck } from './requests.js';
import { CLEAR_PAGE_CACHES } from '../../commands/scripts/promotion-scripts.js';
import { messageOf } from '../../errors/index.js';

/** Page caches on every host and the CDN: what visitors would still see of the other code. Never stops a promotion. */
export async function clearOuterCaches({
  site,
  settings,
  layout,
  instances,
  reporter,
}: RecoveryContext): Promise<void> {
  const problems = await onEachHost(instances.trees, ({ host }) =>
    host.run(shellScript('write', CLEAR_PAGE_CACHES, [site.production.path, layout.content]), {
      label: 'empty the page caches',
    }),
  );
  for (const { instance, cause } of problems)
    reporter.warn({
      severity: 'warning',
      code: 'CACHES_NOT_CLEARED',
      message: `The page caches were not emptied: ${reasonOf(cause)}`,
      host: instance.host.label,
      next: 'Empty the cache of the site on that host by hand.',
    });
  const { cloudfront } = settings;
  if (cloudfront === undefined) return;
  try {
    await createLocalHost('runner', 'runner').run(
      createInvalidation(cloudfront.distribution, cloudfront.paths),
      { label: 'aws cloudfront create-invalidation' },
    );
    reporter.step(`CloudFront ${cloudfront.distribution}: invalidation requested`);
  } catch (cause) {
    reporter.warn({
      severity: 'warning',
      code: 'CACHES_NOT_CLEARED',
      message: `CloudFront ${cloudfront.distribution} was not invalidated: ${messageOf(cause)}`,
      next: 'Let the runner’s AWS account call cloudfront:CreateInvalidation, or invalidate by hand.',
    });
  }
}

/** What a visitor gets, through CDN and balancer. */
export async function checkProduction({
  site,
  settings,
  layout,
}: Pick<RecoveryContext, 'site' | 'settings' | 'layout'>): Promise<readonly string[]> {
  if (site.type !== 'wordpress') return [];
  const client = await productionClient(site, settings);
  const base = site.production.url.endsWith('/') ? site.production.url : `${site.production.url}/`;
  const { failures } = await quickCheck(
    settings.checks.paths,
    settings.checks.text,
    (path) =>
      client(new URL(path.replace(/^\//, ''), base).href, {
        timeoutSeconds: 60,
        headers: { 'Cache-Control': 'no-cache' },
      }),
    layout,
  );
  return failures;
}
