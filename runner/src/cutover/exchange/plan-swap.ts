import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { oldSchema } from '../../database/restore/schema-names.js';
import { UnderstudyError, several } from '../../errors/index.js';
import { type FileStep } from './file-swap.js';
import { nextGeneration } from '../journal/generations.js';
import { type SwapJournal } from '../journal/journal-schema.js';
import { hasMaintenancePage } from './maintenance-page.js';
import { markServer } from '../journal/own-server.js';
import { readObjects, type SchemaObject, listTables } from '../../database/restore/objects/schema-objects.js';
import { schemaDefaults } from './swap-generations.js';
import { type StagingContext } from '../../run/site-context.js';

export interface IncomingGeneration {
  readonly schema: string;
  readonly objects: readonly SchemaObject[];
  readonly files?: FileStep | undefined;
  /** Number of the former generation that this one is; undefined for one that a sync made. */
  readonly restores?: number | undefined;
}

/** The journal of a swap that has not begun. @throws CUTOVER_FAILED where a sync brought no tables */
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
    files: incoming.files,
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
    restores: incoming.restores,
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

/** Above this many tables a RENAME of all of them takes long enough for visitors to notice (2,000 take 8 s). */
const MANY_TABLES = 500;

/** Whether a crash in a RENAME TABLE leaves all tables renamed or none: MariaDB 10.6 (MDEV-23842), MySQL 8.0. */
export function hasCrashSafeDdl(connection: Pick<SqlConnection, 'serverVersion' | 'isMariaDb'>): boolean {
  const [major = 0, minor = 0] = (/(?:5\.5\.5-)?(\d+)\.(\d+)/.exec(connection.serverVersion) ?? [])
    .slice(1)
    .map(Number);
  return connection.isMariaDb ? major > 10 || (major === 10 && minor >= 6) : major >= 8;
}

/** Why the maintenance page has to cover a cutover; undefined when it need not. */
export function reasonForPage(
  connection: Pick<SqlConnection, 'serverVersion' | 'isMariaDb'>,
  counts: { readonly tables: number; readonly triggers: number },
): string | undefined {
  if (!hasCrashSafeDdl(connection))
    return `${connection.serverVersion} can crash in the middle of a RENAME of several tables`;
  if (counts.triggers > 0)
    return `${several(counts.triggers, 'trigger is', 'triggers are')} taken off the tables while these change places`;
  if (counts.tables > MANY_TABLES)
    return `${several(counts.tables, 'table takes', 'tables take')} some seconds to change places`;
  return undefined;
}
