import { incomingSchema } from '../database/restore/schema-names.js';
import { withStaging } from '../database/restore/staging-account.js';
import { UnderstudyError } from '../errors/index.js';
import { type Imported, readImported } from './journal/imported.js';
import { readJournal } from './journal/journal.js';
import { planSwap } from './exchange/plan-swap.js';
import { withDefaults } from './recover-cutover.js';
import { finishReplacement } from './exchange/replace-generation.js';
import { type CutoverTools } from './cutover-tools.js';
import { swapGenerations } from './exchange/swap-generations.js';
import { type StagingContext } from '../run/site-context.js';

/**
 * Puts what this run imported and staged in the place of what staging serves: the last act of the last stage, after
 * its proofs. When it throws, staging serves what it served before, unless the code is STAGING_NEEDS_REPAIR.
 * @param given.imported what stage 5 left, where it was read
 * @throws CUTOVER_BLOCKED, CUTOVER_FAILED, OBJECT_REFUSED, TRIGGERS_REFUSED, STAGING_NEEDS_REPAIR
 */
export async function cutover(
  context: StagingContext,
  given: Partial<CutoverTools> & { readonly imported?: Imported } = {},
): Promise<void> {
  // From here on a signal is heard when everything is in place: half a cutover is worse than a late one.
  context.signal.throwIfAborted();
  const tools = withDefaults(given);
  const { mode, objects } = given.imported ?? (await readImported(context));
  const live = (await context.database.staging()).name;
  const files = { run: context.run.id, direction: 'apply' } as const;
  if (mode === 'replace') {
    const journal = await readJournal(context);
    if (journal?.kind !== 'replace' || journal.run !== context.run.id)
      throw new UnderstudyError('CUTOVER_FAILED', `Run ${context.run.id} has no replacement in progress.`);
    await finishReplacement(context, tools, { ...journal, files }, objects);
  } else
    await withStaging(context, {}, async (connection) => {
      const journal = await planSwap(context, connection, live, {
        schema: incomingSchema(live, context.run.id),
        objects,
        files,
      });
      await swapGenerations({ context, connection, tools, journal });
    });
}
