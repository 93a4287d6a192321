import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { isConnectionLoss } from '../../database/connection/sql-error.js';
import { several, UnderstudyError, messageOf } from '../../errors/index.js';
import { CUTOVER_PATIENCE, type Patience, RETURN_PATIENCE, withPatience } from './blockers.js';
import { type CutoverTools, pageAccess, withProof, passProof } from '../cutover-tools.js';
import { reversed, takeFileStep } from './file-swap.js';
import { writeGeneration } from '../journal/generations.js';
import { drainRequests } from './drain-requests.js';
import { finishChange, finishUndoneChange } from '../finish-cutover.js';
import { removeJournal, writeJournal } from '../journal/journal.js';
import { type SwapJournal } from '../journal/journal-schema.js';
import { turnPageOff, turnPageOn } from './maintenance-page.js';
import { restoreObjects } from './restore-objects.js';
import { dropObjects, isActive, listedObjects } from '../../database/restore/objects/schema-objects.js';
import { withStaging } from '../../database/restore/staging-account.js';
import { followSequences } from '../../database/restore/objects/sequence-defaults.js';
import { whileAway, withReturningSession } from './while-away.js';
import { hasMoved, isSwapped, moveTables, putTablesBack, readyToMove, type TableMove } from './table-swap.js';
import { createSchema, dropSchemaWithoutTables, setDefaults } from './whole-schema.js';
import { type StagingContext } from '../../run/site-context.js';

/** A change of generations under way: everything its steps need. */
export interface Swapping {
  readonly context: StagingContext;
  /** Default schema: the one that staging serves. */
  readonly connection: SqlConnection;
  readonly tools: CutoverTools;
  readonly journal: SwapJournal;
}

/**
 * Puts the incoming generation in the place of the one that staging serves, files and database together. What fails
 * before views and triggers stand is undone; what is left after that only goes forwards.
 */
export async function swapGenerations(swapping: Swapping): Promise<void> {
  await writeJournal(swapping.context, withProof(swapping.journal, swapping.tools));
  try {
    await goForwards(swapping);
    await passProof(swapping.context, swapping.tools, swapping.journal);
  } catch (cause) {
    await goBackAfter(swapping, cause);
    throw cause;
  }
  await completeSwapWithRetries(swapping);
}

/** The new generation is served. @throws STAGING_NEEDS_REPAIR when what is left to do cannot be done now */
async function completeSwapWithRetries(swapping: Swapping): Promise<void> {
  const { context } = swapping;
  try {
    await whileAway(context, () => completeSwap(swapping));
  } catch (cause) {
    throw notCompleted(context, cause);
  }
}

async function goForwards(swapping: Swapping): Promise<void> {
  const { context, tools, journal } = swapping;
  const { swap } = journal;
  const [{ connection, moves }] = await inOneGo([
    prepareToMove(swapping),
    journal.page ? coverAndDrain(swapping) : Promise.resolve(),
  ]);
  context.reporter.step('Dropping the triggers of the live tables');
  context.reporter.step('Putting the files in place');
  await inOneGo([
    dropObjects(connection, swap.live, isActive),
    takeFileStep(tools.openFiles, context, journal.files),
  ]);
  context.reporter.step(`Renaming ${several(swap.incomingTables.length, 'table')} into place`);
  await moveTables(connection, moves);
  await completeSchema({ ...swapping, connection });
}

/** What of the exchange nobody sees who reads what is served: it waits for no request. */
async function prepareToMove(
  swapping: Swapping,
): Promise<{ readonly connection: SqlConnection; readonly moves: readonly TableMove[] }> {
  const { swap, outgoingDefaults } = swapping.journal;
  const connection = await patientConnection(swapping, swapping.tools.patience ?? CUTOVER_PATIENCE);
  const [, , moves] = await inOneGo([
    createSchema(connection, swap.outgoing, outgoingDefaults),
    dropObjects(connection, swap.incoming, isActive),
    readyToMove(connection, swap),
  ]);
  return { connection, moves };
}

/** The page is on, and the requests that began before it are answered. */
async function coverAndDrain({ context, connection, tools }: Swapping): Promise<void> {
  const covered = turnPageOn(context, pageAccess(tools));
  await inOneGo([covered, (tools.drain ?? drainRequests)(context, [connection.threadId], covered)]);
}

const patientConnection = (swapping: Swapping, patience: Patience): Promise<SqlConnection> =>
  withPatience(
    swapping.context,
    swapping.connection,
    [swapping.journal.swap.live, swapping.journal.swap.incoming],
    patience,
  );

/** What makes the renamed tables the whole schema. May be repeated. */
async function completeSchema({ context, connection, journal, tools }: Swapping): Promise<void> {
  context.reporter.step('Creating views, routines and triggers');
  const { live } = journal.swap;
  const [, , present] = await inOneGo([
    followSequences(connection, journal.swap.incoming, live),
    setDefaults(connection, live, journal.incomingDefaults),
    listedObjects(connection, live),
  ]);
  await restoreObjects(context, connection, live, journal.incomingObjects, tools.patience, present);
}

/** Caches, the record of the former generation, the page. May be repeated. */
async function completeSwap({ context, tools, journal }: Omit<Swapping, 'connection'>): Promise<void> {
  const { swap } = journal;
  await runHooks(context, tools);
  await inOneGo([
    journal.page ? turnPageOff(context) : Promise.resolve(),
    writeGeneration(context, {
      version: 1,
      number: journal.generation,
      kept: 'schema',
      retiredBy: journal.run,
      retiredAt: new Date().toISOString(),
      tables: swap.outgoingTables,
      objects: journal.outgoingObjects,
      ...(journal.files === undefined ? {} : { files: reversed(journal.files) }),
    }),
  ]);
  tools.onServed?.();
  await inOneGo([
    finishChange(context, journal),
    withStaging(context, {}, (connection) => dropEmptied(context, connection, swap.incoming)),
  ]);
  await removeJournal(context);
}

/** An empty schema that stays is no harm: the next run drops it. */
async function dropEmptied(
  { reporter }: StagingContext,
  connection: SqlConnection,
  schema: string,
): Promise<void> {
  try {
    await dropSchemaWithoutTables(connection, schema);
  } catch (cause) {
    if (isConnectionLoss(cause)) throw cause;
    reporter.step(`${schema} could not be dropped: ${messageOf(cause)}`);
  }
}

/** Everything as it was before the cutover. May be repeated, from any state that the forward way can leave. */
async function goBack(swapping: Swapping): Promise<void> {
  const { context, tools, journal } = swapping;
  const { swap } = journal;
  const connection = await patientConnection(swapping, tools.patience ?? RETURN_PATIENCE);
  context.reporter.step('Restoring staging');
  if (journal.page) await turnPageOn(context, pageAccess(tools));
  if (await hasMoved(connection, swap)) {
    // RENAME refuses tables with triggers, also those that the forward way made already.
    await dropObjects(connection, swap.live, isActive);
    await createSchema(connection, swap.incoming, journal.incomingDefaults);
    await putTablesBack(connection, swap);
  }
  if (journal.files !== undefined) await takeFileStep(tools.openFiles, context, reversed(journal.files));
  await setDefaults(connection, swap.live, journal.outgoingDefaults);
  await restoreObjects(context, connection, swap.live, journal.outgoingObjects, tools.patience);
  await dropSchemaWithoutTables(connection, swap.outgoing);
  if (journal.page) {
    await runHooks(context, tools);
    await turnPageOff(context);
  }
  await finishUndoneChange(context, journal.files);
  await removeJournal(context);
}

/** Over a session of its own: the one of the way forward may be what broke. */
async function goBackAfter(swapping: Swapping, cause: unknown): Promise<void> {
  const { context } = swapping;
  if (isLockLost(cause)) throw cause;
  try {
    await withReturningSession(context, (connection) => goBack({ ...swapping, connection }));
  } catch (second) {
    throw needsRepair(context, cause, second);
  }
}

/**
 * Ends a swap that was killed: forwards when the tables are in place and nothing is left to prove (and back when that
 * fails), else back.
 * @returns which of the two generations staging serves now
 */
export async function recoverSwap(swapping: Swapping): Promise<'new' | 'former'> {
  const { context, connection, tools, journal } = swapping;
  if (journal.awaitsProof === true || !(await isSwapped(connection, journal.swap))) {
    await goBackAfter(swapping, new Error('The run was killed.'));
    return 'former';
  }
  try {
    if (journal.page) await turnPageOn(context, pageAccess(tools));
    // The file step came before the RENAME, so it is complete; repeating it costs little and proves it.
    await takeFileStep(tools.openFiles, context, journal.files);
    await completeSchema({
      ...swapping,
      connection: await patientConnection(swapping, tools.patience ?? RETURN_PATIENCE),
    });
  } catch (cause) {
    await goBackAfter(swapping, cause);
    return 'former';
  }
  await completeSwapWithRetries(swapping);
  return 'new';
}

const isLockLost = (error: unknown): boolean =>
  error instanceof UnderstudyError && error.code === 'LOCK_LOST';

/** The new generation is in place; its page, its record or the journal could not be brought in order. */
export function notCompleted(context: StagingContext, cause: unknown): unknown {
  if (isLockLost(cause)) return cause;
  return new UnderstudyError(
    'STAGING_NEEDS_REPAIR',
    `The new copy of ${context.site.name} is in place, but the maintenance page may still be on: ${messageOf(cause)}`,
    { next: `When staging answers again: understudy recover ${context.site.name}`, cause },
  );
}

/** @returns the lost lock, if that is what it is: then nothing may be put back, and anyone who has the lock does it */
export function needsRepair(context: StagingContext, first: unknown, second: unknown): unknown {
  if (isLockLost(second)) return second;
  return new UnderstudyError(
    'STAGING_NEEDS_REPAIR',
    `Staging of ${context.site.name} is halfway between two generations.`,
    {
      details: [
        `What failed first: ${messageOf(first)}`,
        `What failed during the restore: ${messageOf(second)}`,
      ],
      next: `Fix the problem in the last line, then run: understudy recover ${context.site.name}`,
      cause: second,
    },
  );
}

/** Hooks run at the same time; one's failure does not keep the others from running. */
export async function runHooks(context: StagingContext, tools: CutoverTools): Promise<void> {
  await Promise.all(
    (tools.afterSwap ?? []).map(async (hook) => {
      try {
        await hook();
      } catch (cause) {
        context.reporter.warn({
          severity: 'warning',
          code: 'AFTER_CUTOVER_FAILED',
          message: `After the cutover: ${messageOf(cause)}`,
        });
      }
    }),
  );
}
