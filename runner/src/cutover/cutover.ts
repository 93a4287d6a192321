import { incomingSchema, oldSchema } from '../database/restore/schema-names.js';
import { withStaging } from '../database/restore/staging-account.js';
import { UnderstudyError } from '../errors/index.js';
import { type Imported, readImported } from './journal/imported.js';
import { readJournal } from './journal/journal.js';
import { planSwap } from './exchange/plan-swap.js';
import { withDefaults, recover } from './recover-cutover.js';
import { finishReplacement, startReplacement, restoreStagingBackup } from './exchange/replace-generation.js';
import { type CutoverTools } from './cutover-tools.js';
import { swapGenerations } from './exchange/swap-generations.js';
import { type StagingContext } from '../run/site-context.js';
import { localTime } from '../report/page/local-time.js';
import { listTables } from '../database/restore/objects/schema-objects.js';
import { type Generation, listGenerations } from './journal/generations.js';
import { type ReplaceJournal } from './journal/journal-schema.js';

/**
 * Puts what this run imported and staged in the place of what staging serves: the last act of the last stage, after
 * its proofs. When it throws, staging serves what it served before, unless the code is STAGING_NEEDS_REPAIR.
 * @param given.imported what stage 5 left, where it was read
 * @throws CUTOVER_BLOCKED, CUTOVER_FAILED, OBJECT_REFUSED, TRIGGERS_REFUSED, STAGING_NEEDS_REPAIR
 */
export async function cutover(
  context: StagingContext,
  given: Partial<CutoverTools> & { readonly imported?: Imported },
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

/**
 * Puts the former generation back in the place of the one that staging serves, files and database together. The one
 * that goes becomes the former one: a second rollback is the way forward again.
 * @returns what was brought back
 * @throws NO_GENERATION, CUTOVER_BLOCKED, CUTOVER_FAILED, STAGING_NEEDS_REPAIR
 */
export async function rollback(
  context: StagingContext,
  given: Partial<CutoverTools> = {},
): Promise<Generation> {
  const tools = withDefaults(given);
  const [generation] = await listGenerations(context);
  if (generation === undefined)
    throw new UnderstudyError(
      'NO_GENERATION',
      `${context.site.name} has no former generation to go back to.`,
    );
  context.reporter.step(
    `Going back to what run ${generation.retiredBy} replaced (${localTime(generation.retiredAt)})`,
  );
  if (generation.kept === 'schema') await swapBack(context, tools, generation);
  else await restoreBack(context, tools, generation);
  return generation;
}

async function swapBack(context: StagingContext, tools: CutoverTools, generation: Generation): Promise<void> {
  const live = (await context.database.staging()).name;
  const schema = oldSchema(live, generation.number);
  await withStaging(context, {}, async (connection) => {
    const present = new Set(await listTables(connection, schema));
    const missing = generation.tables.filter((table) => !present.has(table));
    if (missing.length > 0)
      throw new UnderstudyError(
        'NO_GENERATION',
        `The former generation in ${schema} is no longer complete.`,
        { details: missing.map((table) => `${table} is missing`) },
      );
    const journal = await planSwap(context, connection, live, {
      schema,
      objects: generation.objects,
      restores: generation.number,
      files: generation.files,
    });
    await swapGenerations({ context, connection, tools, journal });
  });
}

async function restoreBack(
  context: StagingContext,
  tools: CutoverTools,
  generation: Generation,
): Promise<void> {
  const folder = generation.backup;
  if (folder === undefined)
    throw new UnderstudyError('NO_GENERATION', 'The former generation has no staging backup.');
  let journal: ReplaceJournal;
  try {
    journal = await startReplacement(context, {
      restores: generation.number,
      files: generation.files,
    });
    await restoreStagingBackup(context, folder, journal.live);
  } catch (cause) {
    await recover(context, tools);
    throw cause;
  }
  await finishReplacement(context, tools, journal, generation.objects);
}
