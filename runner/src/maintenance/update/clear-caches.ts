import { flushObjectCache } from '../../commands/wp.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { withStaging } from '../../database/restore/staging-account.js';
import { askByRequest } from '../../wordpress/plugin/ask-plugin.js';
import { clearCacheFolders, clearToken } from '../../wordpress/site/caches.js';
import { type UpdateContext } from './update-context.js';
import { coreAddress } from '../../wordpress/site/site-layout.js';

/**
 * Page caches, OPcache and object cache: what visitors see afterwards is the code that is there. Best effort, because a
 * site that died cannot clear its own. @returns what could not be cleared
 */
export async function clearCaches(context: UpdateContext): Promise<string | undefined> {
  await clearCacheFolders(context.files, context.layout);
  const { prefix } = await context.database.staging();
  const token = clearToken(context.run.id, 600);
  const stored = await withStaging(context, {}, (connection) =>
    connection.execute(
      `UPDATE ${quoteIdentifier(`${prefix}options`)} SET option_value = ? WHERE option_name = 'understudy_state'`,
      [token.state],
    ),
  );
  if (stored.affectedRows > 0) {
    const asked = await askByRequest(
      context.client,
      context.site.staging.url,
      coreAddress(context.layout.relative, 'wp-login.php'),
      token.token,
    );
    if (asked.kind === 'loaded') return undefined;
  }
  const flushed = await context.php.run(flushObjectCache(context.wp), {
    allowedExitCodes: 'any',
    timeoutSeconds: 120,
  });
  return flushed.code === 0 ? undefined : 'OPcache and object cache could not be cleared';
}
