import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CutoverTools } from '../../cutover/cutover-tools.js';
import { clearCacheFolders } from '../../wordpress/site/caches.js';
import { createHttpClient } from '../../http/site-client.js';
import { coreAddress } from '../../wordpress/site/site-layout.js';
import { stagingLayout } from '../survey/site-layouts.js';
import { type StagingContext } from '../../run/site-context.js';

/** PHP looks at the time of a cached file every two seconds, unless it is set otherwise (opcache.revalidate_freq). */
const REVALIDATED_MS = 2500;

type ActivationContext = Pick<StagingContext, 'site' | 'hosts' | 'reporter' | 'wordpress'>;

/** What every change of generations of a WordPress does behind the maintenance page, no matter who began it. */
export function activationTools(context: ActivationContext): Partial<CutoverTools> {
  const { site, hosts } = context;
  if (site.type !== 'wordpress') return {};
  const token = randomBytes(24).toString('hex');
  return {
    clear: createHash('sha256').update(token).digest('hex'),
    afterSwap: [
      async () => clearCacheFolders(await hosts.staging(), await stagingLayout(context)),
      () => emptyOpcache(context, token),
    ],
  };
}

/** While its code changed, PHP may have kept some of both. Where it cannot be asked, its own look at the files is waited for. */
async function emptyOpcache(context: ActivationContext, token: string): Promise<void> {
  const { site, reporter } = context;
  const login = coreAddress((await stagingLayout(context)).relative, 'wp-login.php').slice(1);
  const { url, http } = site.staging;
  const address = new URL(`${login}?understudy=${String(Date.now())}`, url.endsWith('/') ? url : `${url}/`);
  const answer = await createHttpClient(url, http)
    .then((client) =>
      client(address.href, {
        headers: { 'X-Understudy-Page': token, 'Cache-Control': 'no-cache' },
        timeoutSeconds: 10,
      }),
    )
    .catch(() => undefined);
  if (answer?.body.includes('"understudy":"page"') === true) return;
  reporter.step('The maintenance page did not answer; waiting until PHP has looked at its files');
  await sleep(REVALIDATED_MS);
}
