import { localTime } from '../report/page/local-time.js';
import { oldSchema } from '../database/restore/schema-names.js';
import { listTables } from '../database/restore/objects/schema-objects.js';
import { withStaging } from '../database/restore/staging-account.js';
import { UnderstudyError } from '../errors/index.js';
import { type Generation, listGenerations } from './journal/generations.js';
import { type ReplaceJournal } from './journal/journal-schema.js';
import { planSwap } from './exchange/plan-swap.js';
import { recover, withDefaults } from './recover-cutover.js';
import { startReplacement, finishReplacement, restoreStagingBackup } from './exchange/replace-generation.js';
import { type CutoverTools } from './cutover-tools.js';
import { swapGenerations } from './exchange/swap-generations.js';
import { type StagingContext } from '../run/site-context.js';

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
      ...(generation.files === undefined ? {} : { files: generation.files }),
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
      ...(generation.files === undefined ? {} : { files: generation.files }),
    });
    await restoreStagingBackup(context, folder, journal.live);
  } catch (cause) {
    await recover(context, tools);
    throw cause;
  }
  await finishReplacement(context, tools, journal, generation.objects);
}
