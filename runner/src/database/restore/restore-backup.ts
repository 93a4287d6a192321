import { several } from '../../errors/index.js';
import { type OnProgress } from '../../run/progress.js';
import { type RewriteText } from '../sql/literal-edits.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { openDatabase } from '../connection/open-database.js';
import { type DatabaseAccess } from '../connection/access.js';
import { type WritingHost } from '../../hosts/host.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { type DeferredKeys, deferKeys, restoreKeys } from './deferred-keys.js';
import { importData, probeImportHost } from './import-data.js';
import { createTables, prepareFor, prepareImportSession, readCollations, targetOf } from './import-schema.js';
import { proveObjects, proveTables } from './prove-import.js';
import { followSequences } from './objects/sequence-defaults.js';
import { emptyRowTables, makeRowTables } from './row-tables.js';
import { type Backup, readBackup } from './read-backup.js';
import {
  createObjects,
  dropListed,
  fromDump,
  isActive,
  listObjects,
  type SchemaObject,
} from './objects/schema-objects.js';
import { type TableCapabilities, tableCapabilities } from './table-capabilities.js';

export interface RestoreOptions {
  /** Backup folder on the database host, absolute; or a backup that is being compared with its manifest. */
  readonly folder: string | Promise<Backup>;
  /** When the schema is there, if not yet. */
  readonly ready?: Promise<unknown>;
  /** The schema to fill; it exists and is empty. */
  readonly into: string;
  /** The schema that the objects are for in the end. */
  readonly live: string;
  readonly events: 'disable' | 'keep';
  /** For the texts in definitions: production's address becomes staging's. Undefined: they stay as they are. */
  readonly rewrite?: RewriteText | undefined;
  readonly connections: number;
  readonly jobsFolder: string;
  /** Notes what is to be made at cutover, when all rows are in and counted. */
  readonly onObjects?: (objects: readonly SchemaObject[]) => Promise<void>;
  readonly onStep: (text: string) => void;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal | undefined;
}

export interface Restored {
  readonly backup: Backup;
  /** Views, routines, triggers and events as they have to be made in the live schema, at cutover. */
  readonly objects: readonly SchemaObject[];
  /** What had to be changed for the target server, one sentence each. */
  readonly notes: readonly string[];
}

/** Where a backup is restored: the database's host, and the account that the site itself has. */
export interface RestoreTarget {
  readonly host: WritingHost;
  readonly access: DatabaseAccess;
}

/**
 * Restores a backup into an empty schema and proves it: tables, every row, every object. Afterwards the schema has no
 * triggers and no events: what works on it before the cutover must not set them off. They are in `objects`.
 * @throws DUMP_REFUSED, IMPORT_FAILED, OBJECT_REFUSED, TRIGGERS_REFUSED, IMPORT_INCOMPLETE, CUTOVER_FAILED
 */
export async function restoreBackup(
  { host, access: account }: RestoreTarget,
  options: RestoreOptions,
): Promise<Restored> {
  const reading = typeof options.folder === 'string' ? readBackup(host, options.folder) : options.folder;
  // Awaited below, when the session is there.
  reading.catch(() => undefined);
  const open = (database: string | null = options.into) =>
    openDatabase(host, account, { database, foreignKeyChecks: false, signal: options.signal });
  // A schema beside the live one need not be there yet: what the server can do is asked meanwhile.
  const isBeside = options.into !== options.live;
  if (!isBeside) await options.ready;
  const first = await open(isBeside ? null : options.into);
  const more: SqlConnection[] = [];
  try {
    const [backup, collations, settings] = await inOneGo([
      reading,
      readCollations(first),
      prepareImportSession(first),
    ]);
    const [schemaText, dump] = await inOneGo([backup.texts.schema, backup.texts.objects]);
    await options.ready;
    const target = targetOf(first, collations, settings);
    const { manifest } = backup;
    const { rewrite } = options;
    const schema = prepareFor(schemaText, manifest, options.into, target, { rewrite });
    // Both before anything is made: what must not be imported is told first.
    const forHere = prepareFor(dump, manifest, options.into, target, { rewrite });
    const forLive = prepareFor(dump, manifest, options.live, target, { rewrite, events: options.events });
    const probe = probeImportHost(host, account.container, first.isMariaDb);
    // Awaited when the tables are made.
    probe.catch(() => undefined);
    options.onStep(`Making ${several(backup.manifest.tables.length, 'table')}`);
    // The other sessions are opened while the first one makes the tables.
    const opening = Array.from({ length: Math.min(options.connections, 4) - 1 }, async () => {
      const session = await open();
      more.push(session);
      await prepareImportSession(session, settings);
    });
    const used = first.execute(`USE ${quoteIdentifier(options.into)}`);
    const others = async () => inOneGo(opening).then(() => more);
    const made = createTables(first, others, schema, () =>
      inOneGo<[TableCapabilities, readonly DeferredKeys[], unknown]>([
        tableCapabilities(first, options.into, account, backup.manifest),
        deferKeys(first, options.into, backup.manifest.tables),
        // What the exchange will do to them is tried here, where nothing is served yet.
        options.into === options.live
          ? Promise.resolve()
          : followSequences(first, options.into, options.into),
      ]),
    );
    const [, [capabilities, deferred]] = await inOneGo<
      [unknown, Awaited<typeof made>, ...(readonly unknown[])]
    >([used, made, ...opening]);
    const rowTables = await makeRowTables(first, options.into, [...capabilities.indirect]);
    const keys = restoreKeys([first, ...more], options.into, deferred);
    options.onStep(
      deferred.length === 0
        ? 'Importing rows'
        : `Importing rows; the keys of ${several(deferred.length, 'large table')} follow, each when its rows are in`,
    );
    try {
      await importData({
        onProgress: () => undefined,
        ...options,
        backup,
        host,
        account,
        schema: options.into,
        probe,
        capabilities,
        rowTables,
        deferred,
        onTable: (table) => {
          if (!capabilities.indirect.has(table)) keys.ready(table);
        },
      });
      await emptyRowTables(first, options.into, rowTables);
    } catch (cause) {
      await keys.abandon();
      throw cause;
    }
    await keys.finish();
    options.onStep('Counting every row');
    await proveTables([first, ...more], options.into, backup.manifest);
    options.onStep('Creating and proving views, routines, triggers and events');
    const objectsHere = fromDump([...schema.statements, ...forHere.statements]);
    const objects = inOrder(fromDump(forLive.statements));
    const [listed] = await inOneGo([
      createObjects(first, inOrder(objectsHere), () => listObjects(first, options.into)),
      // Counts for nothing as long as the stage is not complete.
      options.onObjects?.(objects) ?? Promise.resolve(),
    ]);
    proveObjects(listed, backup.manifest);
    await dropListed(first, options.into, listed.filter(isActive));
    return {
      backup,
      objects,
      notes: [...new Set([...schema.notes, ...forHere.notes])],
    };
  } finally {
    await Promise.all([first, ...more].map((connection) => connection.close()));
  }
}

const RANK = { routine: 0, view: 1, trigger: 2, event: 3 } as const;
const inOrder = (objects: readonly SchemaObject[]): SchemaObject[] =>
  objects.toSorted((a, b) => RANK[a.kind] - RANK[b.kind]);
