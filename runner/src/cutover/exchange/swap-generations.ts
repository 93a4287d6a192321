import { type ChangeParts, endChange, makeChange, runHooks } from './change.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { isConnectionLoss } from '../../database/connection/sql-error.js';
import { several, UnderstudyError, messageOf } from '../../errors/index.js';
import { CUTOVER_PATIENCE, type Patience, RETURN_PATIENCE, withPatience } from './blockers.js';
import { type CutoverTools, pageAccess } from '../cutover-tools.js';
import { reversed, takeFileStep } from './file-swap.js';
import { writeGeneration } from '../journal/generations.js';
import { drainRequests } from './drain-requests.js';
import { finishChange, finishUndoneChange } from '../finish-cutover.js';
import { removeJournal } from '../journal/journal.js';
import { type SchemaDefaults, type SwapJournal } from '../journal/journal-schema.js';
import { turnPageOff, turnPageOn } from './maintenance-page.js';
import { restoreObjects } from './restore-objects.js';
import {
  dropObjects,
  isActive,
  listedObjects,
  listTables,
} from '../../database/restore/objects/schema-objects.js';
import { withStaging } from '../../database/restore/staging-account.js';
import { followSequences } from '../../database/restore/objects/sequence-defaults.js';
import { hasMoved, isSwapped, moveTables, putTablesBack, readyToMove, type TableMove } from './table-swap.js';
import { type StagingContext } from '../../run/site-context.js';

export interface Swapping {
  readonly context: StagingContext;
  /** Default schema: the one that staging serves. */
  readonly connection: SqlConnection;
  readonly tools: CutoverTools;
  readonly journal: SwapJournal;
}

/** Puts the incoming generation, files and database, in the place of the served one. @throws as makeChange */
export const swapGenerations = (swapping: Swapping): Promise<void> => makeChange(partsOf(swapping));

const partsOf = (swapping: Swapping): ChangeParts => ({
  ...swapping,
  forwards: () => goForwards(swapping),
  complete: () => completeSwap(swapping),
  // Over a session of its own: the one of the way forward may be what broke.
  back: () => withStaging(swapping.context, {}, (connection) => goBack({ ...swapping, connection })),
});

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
      files: journal.files && reversed(journal.files),
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

/**
 * Ends a swap that was killed: forwards when the tables are in place and nothing is left to prove (and back when that
 * fails), else back.
 * @returns which of the two generations staging serves now
 */
export async function recoverSwap(swapping: Swapping): Promise<'new' | 'former'> {
  const { context, connection, tools, journal } = swapping;
  const isMade = journal.awaitsProof !== true && (await isSwapped(connection, journal.swap));
  const again = async (): Promise<void> => {
    if (journal.page) await turnPageOn(context, pageAccess(tools));
    // The file step came before the RENAME, so it is complete; repeating it costs little and proves it.
    await takeFileStep(tools.openFiles, context, journal.files);
    const patient = await patientConnection(swapping, tools.patience ?? RETURN_PATIENCE);
    await completeSchema({ ...swapping, connection: patient });
  };
  return endChange(partsOf(swapping), isMade ? again : undefined);
}

const createSchema = async (connection: SqlConnection, schema: string, defaults: SchemaDefaults) =>
  connection.execute(`CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(schema)} ${clause(defaults)}`);

async function setDefaults(
  connection: SqlConnection,
  schema: string,
  defaults: SchemaDefaults,
): Promise<void> {
  const present = await schemaDefaults(connection, schema);
  if (present.charset === defaults.charset && present.collation === defaults.collation) return;
  await connection.execute(`ALTER DATABASE ${quoteIdentifier(schema)} ${clause(defaults)}`);
}

const clause = ({ charset, collation }: SchemaDefaults): string =>
  `CHARACTER SET ${quoteIdentifier(charset)} COLLATE ${quoteIdentifier(collation)}`;

/** A schema that still has tables is data; it is never dropped here. */
async function dropSchemaWithoutTables(connection: SqlConnection, schema: string): Promise<void> {
  if ((await listTables(connection, schema)).length > 0)
    throw new UnderstudyError(
      'CUTOVER_FAILED',
      `The schema ${schema} should be empty after the change, but it has tables.`,
    );
  await connection.execute(`DROP DATABASE IF EXISTS ${quoteIdentifier(schema)}`);
}

/** Default charset and collation of a schema. @throws CUTOVER_FAILED when it does not exist */
export async function schemaDefaults(connection: SqlConnection, schema: string): Promise<SchemaDefaults> {
  const [row] = await connection.query(
    `SELECT default_character_set_name AS charset, default_collation_name AS collation
     FROM information_schema.schemata WHERE schema_name = ?`,
    [schema],
  );
  if (row === undefined)
    throw new UnderstudyError('CUTOVER_FAILED', `The schema ${schema} does not exist on the staging server.`);
  return { charset: String(row['charset']), collation: String(row['collation']) };
}
