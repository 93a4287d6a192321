import { documentValidator } from '../../config/schema/document-validator.js';
import { shellScript } from '../../commands/command.js';
import { readHostDocument, writeHostFile } from '../../hosts/host-files.js';
import { schemaName, schemaObjects, serverMark } from '../../cutover/journal/journal-schema.js';
import { markServer, otherServer } from '../../cutover/journal/own-server.js';
import { withStaging } from '../../database/restore/staging-account.js';
import * as json from '../../config/schema/shapes.js';
import { UnderstudyError } from '../../errors/index.js';
import { type UpdateContext, type UpdateTarget } from './update-context.js';
import { takeFileSnapshot } from './file-snapshot.js';
import { restoreFiles } from './restore-files.js';
import {
  changedTables,
  type DatabaseState,
  dumpTables,
  findTools,
  readDatabaseState,
  UNSTABLE,
  restoreDatabase,
  type TableTools,
} from './table-snapshot.js';

const updateJournal = json.record({
  version: json.constant(1),
  kind: json.oneOf('core', 'plugin', 'theme', 'translations', 'composer'),
  /** It becomes part of paths. */
  slug: json.textLike('^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$'),
  title: json.text(1000),
  from: json.text(200),
  offered: json.text(200),
  /** Where the tables are; they are put back nowhere else. Journals of earlier versions do not have it. */
  server: json.optional(serverMark),
  schema: json.optional(schemaName),
  database: json.record({
    tables: json.mapOf(json.record({ rows: json.text(), structure: json.text() })),
    objects: schemaObjects,
  }),
});
/** What is written down before an item is touched: after a kill the next run puts this back first. */
export type Journal = json.ShapeOf<typeof updateJournal>;

/** Keeps the state before each item and puts it back. Dumps of tables that did not change are kept from item to item. */
export interface Snapshots {
  take(target: UpdateTarget): Promise<Journal>;
  /** @returns tables that were put back, and files that had appeared and were taken away */
  restore(journal: Journal): Promise<{ tables: readonly string[]; removed: readonly string[] }>;
  changed(journal: Journal): Promise<readonly string[]>;
  /** The item is decided: nothing is to be put back any more. */
  close(): Promise<void>;
  /** Of an earlier process that was killed; undefined when everything was decided. */
  open(): Promise<Journal | undefined>;
  /** Removes everything that was kept. */
  discard(): Promise<void>;
}

const journalShape = documentValidator(updateJournal);

/** The state of the dumps, by table; written after the dumps themselves. */
type Dumped = Readonly<Record<string, { rows: string; structure: string }>>;

const ROUNDS = 3;

/** Why the tables of a journal are not those of staging's settings now: putting them back would drop what is there. */
async function elsewhere(context: UpdateContext, journal: Journal): Promise<string | undefined> {
  const { name } = await context.database.staging();
  if (journal.schema !== undefined && journal.schema !== name)
    return `the update was of the database ${journal.schema}, and staging's settings name ${name}`;
  return withStaging(context, {}, (connection) => otherServer(context, connection, journal.server));
}

const withUnstable = (state: DatabaseState, names: ReadonlySet<string>): DatabaseState => ({
  ...state,
  tables: Object.fromEntries(
    Object.entries(state.tables).map(([name, table]) => [
      name,
      names.has(name) ? { ...table, rows: UNSTABLE } : table,
    ]),
  ),
});

export function openSnapshots(context: UpdateContext): Snapshots {
  const folder = `${context.run.stagingFolder}/update`;
  const journalFile = `${folder}/journal.json`;
  let tools: TableTools | undefined;
  let place: Pick<Journal, 'server' | 'schema'> | undefined;
  const unstable = new Set<string>();
  // Dumps of a former process are not trusted to be current: they are made again.
  let dumped: Dumped = {};
  const toolsOf = async (): Promise<TableTools> => (tools ??= await findTools(context));
  /** A table that somebody wrote to while it was dumped is dumped again; one that never rests is left alone. */
  const dumpUntilStill = async (): Promise<DatabaseState> => {
    let state = withUnstable(await readDatabaseState(context), unstable);
    let stale = changedTables({ tables: dumped, objects: [] }, state);
    for (let round = 0; round < ROUNDS && stale.length > 0; round += 1) {
      const there = stale.filter((table) => state.tables[table] !== undefined);
      await dumpTables(context, await toolsOf(), folder, there);
      dumped = state.tables;
      state = withUnstable(await readDatabaseState(context), unstable);
      stale = changedTables({ tables: dumped, objects: [] }, state);
    }
    const news = stale.filter((table) => !unstable.has(table));
    for (const table of news) unstable.add(table);
    if (news.length > 0)
      context.reporter.step(
        `Something writes to ${news.join(', ')} all the time; a rollback leaves these rows as they are.`,
      );
    return withUnstable(state, unstable);
  };
  return {
    async take(target) {
      const database = await dumpUntilStill();
      await takeFileSnapshot(context.files, context.layout, target, `${folder}/item`);
      const { kind, slug, title, from, offered } = target;
      place ??= {
        server: await withStaging(context, {}, (connection) => markServer(context, connection)),
        schema: (await context.database.staging()).name,
      };
      const journal: Journal = { version: 1, kind, slug, title, from, offered, ...place, database };
      await writeHostFile(context.files, journalFile, JSON.stringify(journal));
      return journal;
    },
    async restore(journal) {
      const removed = await restoreFiles(context, journal, `${folder}/item`);
      const tables = await restoreDatabase(context, await toolsOf(), folder, journal.database);
      return { tables, removed };
    },
    changed: async (journal) =>
      changedTables(journal.database, await readDatabaseState(context)).filter(
        (table) => !unstable.has(table),
      ),
    async close() {
      await context.files.run(shellScript('write', 'rm -f -- "$1"', [journalFile]));
    },
    async open() {
      const refuse = (why: string): never => {
        throw new UnderstudyError('SNAPSHOT_FAILED', `${journalFile} cannot be used: ${why}.`, {
          details: ['Only this file says how to put back the update that was cut off.'],
          next: `Start again with a new copy: understudy sync ${context.site.name}`,
        });
      };
      const journal = await readHostDocument(context.files, journalFile, journalShape, { refuse });
      const other = journal === undefined ? undefined : await elsewhere(context, journal);
      return other === undefined ? journal : refuse(other);
    },
    async discard() {
      const hosts = new Set([context.files, await context.hosts.stagingDatabase()]);
      for (const host of hosts)
        await host.run(shellScript('write', 'rm -rf -- "$1"', [folder]), { timeoutSeconds: 600 });
    },
  };
}
