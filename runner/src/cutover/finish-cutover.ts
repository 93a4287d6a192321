import { finishFileSwap } from '../content/swap/file-swap.js';
import { swapFolders } from '../content/swap/open-file-swap.js';
import { inOneGo } from '../database/connection/in-one-go.js';
import { withStaging } from '../database/restore/staging-account.js';
import { type FileStep } from './exchange/file-swap.js';
import { forgetGeneration, pruneGenerations } from './journal/generations.js';
import { isAway } from './exchange/while-away.js';
import { messageOf } from '../errors/index.js';
import { type StagingContext, stagingWorkDir } from '../run/site-context.js';

/**
 * What follows every cutover that stays, before its journal goes: the inventory of what syncs brought, and room
 * (`staging.keepGenerations`). The generation that was just replaced stays until the next sync begins, so that a page
 * that leaks can still be rolled back. May be repeated.
 * @param run whose files were put in place
 */
async function finishCutover(context: StagingContext, run: string): Promise<void> {
  const live = (await context.database.staging()).name;
  const keep = Math.max(1, context.site.staging.keepGenerations);
  try {
    await inOneGo([
      finishFileSwap(await context.hosts.staging(), swapFolders(context, run), keep),
      withStaging(context, {}, (connection) => pruneGenerations(context, connection, live, keep)),
    ]);
  } catch (cause) {
    if (isAway(cause)) throw cause;
    context.reporter.warn({
      severity: 'warning',
      code: 'GENERATIONS_NOT_REMOVED',
      message: `Former generations could not be removed: ${messageOf(cause)}`,
      next: `They lie in ${stagingWorkDir(context)} and in the schemas beside ${live}; the next sync tries again.`,
    });
  }
}

export interface Change {
  readonly run: string;
  readonly files?: FileStep | undefined;
  /** Number of the generation that came back (rollback). */
  readonly restores?: number | undefined;
}

/** A rollback of a rollback puts a sync's files in place like the sync itself, so they are again what it brought. */
export async function finishChange(context: StagingContext, { run, files, restores }: Change): Promise<void> {
  if (restores !== undefined) await forgetGeneration(context, restores);
  if (restores === undefined) await finishCutover(context, run);
  else if (files?.direction === 'apply') await finishCutover(context, files.run);
}

/** The same after a change that was undone: an undone rollback leaves a sync's files in place. May be repeated. */
export async function finishUndoneChange(
  context: StagingContext,
  files: FileStep | undefined,
): Promise<void> {
  if (files?.direction === 'undo') await finishCutover(context, files.run);
}
