import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { oldSchema } from '../../database/restore/schema-names.js';
import { UnderstudyError } from '../../errors/index.js';
import { type FileStep } from './file-swap.js';
import { nextGeneration } from '../journal/generations.js';
import { type SwapJournal } from '../journal/journal-schema.js';
import { hasMaintenancePage } from './maintenance-page.js';
import { markServer } from '../journal/own-server.js';
import { readObjects, type SchemaObject } from '../../database/restore/objects/schema-objects.js';
import { reasonForPage } from '../journal/server-capabilities.js';
import { schemaDefaults } from './whole-schema.js';
import { listTables } from '../../database/restore/objects/schema-objects.js';
import { type StagingContext } from '../../run/site-context.js';

/** Where a generation comes from, and what goes with it. */
export interface IncomingGeneration {
  readonly schema: string;
  readonly objects: readonly SchemaObject[];
  readonly files?: FileStep;
  /** Number of the former generation that this one is; undefined for one that a sync made. */
  readonly restores?: number;
}

/**
 * The journal of a swap that has not begun. Reads only.
 * @throws CUTOVER_FAILED when the incoming schema holds no tables: an empty site is never put in place, unless staging was
 * empty before its first sync and goes back to that
 */
export async function planSwap(
  context: StagingContext,
  connection: SqlConnection,
  live: string,
  incoming: IncomingGeneration,
): Promise<SwapJournal> {
  const [
    incomingTables,
    outgoingTables,
    outgoingObjects,
    generation,
    incomingDefaults,
    outgoingDefaults,
    server,
  ] = await inOneGo([
    listTables(connection, incoming.schema),
    listTables(connection, live),
    readObjects(connection, live),
    nextGeneration(context, connection, live),
    schemaDefaults(connection, incoming.schema),
    schemaDefaults(connection, live),
    markServer(context, connection),
  ]);
  if (incomingTables.length === 0 && incoming.restores === undefined)
    throw new UnderstudyError(
      'CUTOVER_FAILED',
      `The schema ${incoming.schema} holds no tables, so it is not put in place.`,
    );
  return {
    version: 1,
    kind: 'swap',
    site: context.site.name,
    run: context.run.id,
    startedAt: new Date().toISOString(),
    server,
    ...(incoming.files === undefined ? {} : { files: incoming.files }),
    page: wantsPage(context, connection, {
      tables: Math.max(incomingTables.length, outgoingTables.length),
      triggers: countTriggers(outgoingObjects) + countTriggers(incoming.objects),
    }),
    swap: {
      live,
      incoming: incoming.schema,
      outgoing: oldSchema(live, generation),
      incomingTables,
      outgoingTables,
    },
    generation,
    ...(incoming.restores === undefined ? {} : { restores: incoming.restores }),
    incomingObjects: incoming.objects,
    outgoingObjects,
    incomingDefaults,
    outgoingDefaults,
  };
}

const countTriggers = (objects: readonly SchemaObject[]): number =>
  objects.filter((object) => object.kind === 'trigger').length;

function wantsPage(
  context: StagingContext,
  connection: SqlConnection,
  counts: { readonly tables: number; readonly triggers: number },
): boolean {
  if (hasMaintenancePage(context)) return true;
  const reason = reasonForPage(connection, counts) ?? 'pages that are made meanwhile may mix both copies';
  context.reporter.warn({
    severity: 'warning',
    code: 'MAINTENANCE_PAGE_MISSING',
    message: `The site has no maintenance page to cover the cutover: ${reason}.`,
    next: 'Declare staging.maintenance.on and off.',
  });
  return false;
}
