import { finishFileSwap } from '../content/swap/file-swap.js';
import { swapFolders } from '../content/swap/open-file-swap.js';
import { inOneGo } from '../database/connection/in-one-go.js';
import { withStaging } from '../database/restore/staging-account.js';
import { type CutoverContext, stagingWorkDir } from './cutover-context.js';
import { pruneGenerations } from './journal/generations.js';
import { isAway } from './exchange/while-away.js';
import { messageOf } from '../errors/index.js';

/**
 * What follows every cutover that stays, also one that a recovery completes, before its journal goes: the inventory of
 * what syncs brought, and room. What is older than `staging.keepGenerations` goes. The one that was just replaced always
 * stays until the next sync begins, so that a page that leaks can still be rolled back. May be repeated.
 * @param run whose files were put in place
 * @returns numbers of the former generations that were dropped
 */
export async function finishCutover(context: CutoverContext, run: string): Promise<readonly number[]> {
  const live = (await context.database.staging()).name;
  const keep = Math.max(1, context.site.staging.keepGenerations);
  try {
    const [, dropped] = await inOneGo([
      context.hosts.staging().then((host) => finishFileSwap(host, swapFolders(context, run), keep)),
      withStaging(context, {}, (connection) => pruneGenerations(context, connection, live, keep)),
    ]);
    return dropped;
  } catch (cause) {
    if (isAway(cause)) throw cause;
    context.reporter.warn({
      severity: 'warning',
      code: 'AFTER_CUTOVER_FAILED',
      message: `Former generations could not be removed: ${messageOf(cause)}`,
      next: `They lie in ${stagingWorkDir(context)} and in the schemas beside ${live}; the next sync tries again.`,
    });
    return [];
  }
}
