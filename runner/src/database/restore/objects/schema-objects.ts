import { quoteIdentifier, quoteTable } from '../../../commands/quote.js';
import { inOneGo } from '../../connection/in-one-go.js';
import { type SqlConnection } from '../../connection/sql-connection.js';
import { isRefusal, refusedAs } from '../../connection/sql-error.js';
import { type PreparedStatement } from '../../sql/sql-statements.js';
import { UnderstudyError } from '../../../errors/index.js';

export type ObjectKind = 'routine' | 'view' | 'trigger' | 'event';

/** A view, routine, trigger or event, as the statement that makes it in the schema that staging serves. */
export interface SchemaObject {
  readonly kind: ObjectKind;
  readonly name: string;
  /** `SET SESSION …`: what the server stores with the object. */
  readonly settings: readonly string[];
  readonly statement: string;
  /** `latin1`: every character of `statement` is one byte, because the bytes are no UTF-8. */
  readonly encoding?: 'latin1' | undefined;
}

/** Routines first: views may call them. Triggers and events last: they may act at once. */
export const ORDER: readonly ObjectKind[] = ['routine', 'view', 'trigger', 'event'];

/** What SHOW CREATE and DROP call the kinds, in the order in which they can be made. */
const LISTS: readonly { readonly kind: ObjectKind; readonly keyword: string; readonly sql: string }[] = [
  // Oracle's way (MariaDB): the specification comes before the body.
  ...['FUNCTION', 'PROCEDURE', 'PACKAGE', 'PACKAGE BODY'].map((keyword) => ({
    kind: 'routine' as const,
    keyword,
    sql: `SELECT routine_name AS name FROM information_schema.routines
      WHERE routine_schema = ? AND routine_type = '${keyword}' ORDER BY 1`,
  })),
  {
    kind: 'view',
    keyword: 'VIEW',
    sql: `SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = ? AND table_type = 'VIEW' ORDER BY 1`,
  },
  {
    kind: 'trigger',
    keyword: 'TRIGGER',
    sql: `SELECT trigger_name AS name FROM information_schema.triggers
      WHERE trigger_schema = ? ORDER BY event_object_table, action_timing, event_manipulation, action_order`,
  },
  {
    kind: 'event',
    keyword: 'EVENT',
    sql: `SELECT event_name AS name FROM information_schema.events WHERE event_schema = ? ORDER BY 1`,
  },
];

/** Tables, sequences and versioned tables of a schema: all that RENAME TABLE can move. */
export async function listTables(connection: SqlConnection, schema: string): Promise<string[]> {
  const rows = await connection.query(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = ? AND table_type NOT IN ('VIEW', 'SYSTEM VIEW', 'TEMPORARY') ORDER BY 1`,
    [schema],
  );
  return rows.map((row) => String(row['name']));
}

export interface ListedObject {
  readonly kind: ObjectKind;
  readonly keyword: string;
  readonly name: string;
}

/** The objects of a schema by name, in the order in which they can be made. */
export async function listObjects(connection: SqlConnection, schema: string): Promise<ListedObject[]> {
  const lists = await inOneGo(LISTS.map(({ sql }) => connection.query(sql, [schema])));
  return LISTS.flatMap(({ kind, keyword }, index) =>
    (lists[index] ?? []).map((row) => ({ kind, keyword, name: String(row['name']) })),
  );
}

/** `schema` has to be the default, or SHOW CREATE writes its name. @throws CUTOVER_FAILED for a hidden definition */
export async function readObjects(connection: SqlConnection, schema: string): Promise<SchemaObject[]> {
  return (await listedObjects(connection, schema)).map(({ object }) => object);
}

/** One that a schema has: how it is dropped, and how it is made. */
export interface PresentObject {
  readonly listed: ListedObject;
  readonly object: SchemaObject;
}

/** The same with what each of them is called when it is dropped. @throws as {@link readObjects} */
export async function listedObjects(connection: SqlConnection, schema: string): Promise<PresentObject[]> {
  const all = await listObjects(connection, schema);
  return inOneGo(all.map(async (listed) => ({ listed, object: await readObject(connection, listed) })));
}

async function readObject(connection: SqlConnection, listed: ListedObject): Promise<SchemaObject> {
  const { kind, keyword, name } = listed;
  const [row] = await connection.query(`SHOW CREATE ${keyword} ${quoteIdentifier(name)}`);
  const title = keyword.toLowerCase().replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
  const column = `Create ${title}`;
  const statement = row?.['SQL Original Statement'] ?? row?.[column];
  if (typeof statement !== 'string')
    throw new UnderstudyError(
      'CUTOVER_FAILED',
      `The definition of the ${keyword.toLowerCase()} ${name} on staging is hidden from the account, so it could not be restored.`,
      {
        next: 'Drop it, make the staging account its definer, or ask an administrator to grant SELECT on mysql.proc.',
      },
    );
  const setting = (from: string, variable: string) => {
    const value = row?.[from];
    return typeof value === 'string' ? [`SET SESSION ${variable} = '${value}'`] : [];
  };
  return {
    kind,
    name,
    settings: [
      ...setting('sql_mode', 'sql_mode'),
      ...setting('collation_connection', 'collation_connection'),
      ...setting('time_zone', 'time_zone'),
    ],
    statement,
  };
}

/** What a dump holds, as objects. Stand-ins of views are not needed: {@link createObjects} finds the order. */
export const fromDump = (statements: readonly PreparedStatement[]): SchemaObject[] =>
  statements.flatMap(({ kind, name, settings, sql }) => {
    if (kind !== 'view' && kind !== 'routine' && kind !== 'trigger' && kind !== 'event') return [];
    const text = sql.toString('utf8');
    return Buffer.from(text, 'utf8').equals(sql)
      ? [{ kind, name, settings, statement: text }]
      : [{ kind, name, settings, statement: sql.toString('latin1'), encoding: 'latin1' as const }];
  });

/** Drops the objects of a schema that `which` chooses; all by default. */
export async function dropObjects(
  connection: SqlConnection,
  schema: string,
  which: (object: ListedObject) => boolean = () => true,
): Promise<void> {
  const listed = await listObjects(connection, schema);
  await dropListed(connection, schema, listed.filter(which));
}

/** @param listed in the order in which they could be made */
export async function dropListed(
  connection: SqlConnection,
  schema: string,
  listed: readonly ListedObject[],
): Promise<void> {
  const statements = listed.toReversed().flatMap(({ keyword, name }) => {
    const drop = () => connection.execute(`DROP ${keyword} IF EXISTS ${quoteTable(schema, name)}`);
    if (!keyword.startsWith('PACKAGE')) return [drop];
    // Only Oracle's mode of MariaDB knows how to drop what it made.
    const asOracle = () => connection.execute("SET SESSION sql_mode = 'ORACLE'");
    return [asOracle, drop, () => connection.resetSettings()];
  });
  await inOneGo<unknown[]>(statements.map((run) => run()));
}

/** Drops everything in a schema; the schema stays, with its grants. */
export async function emptySchema(connection: SqlConnection, schema: string): Promise<void> {
  await connection.execute('SET SESSION foreign_key_checks = 0');
  await dropObjects(connection, schema);
  const tables = await listTables(connection, schema);
  // One statement: all that is in the way of any table is waited for once, and before the first one goes.
  if (tables.length > 0)
    await connection.execute(
      `DROP TABLE IF EXISTS ${tables.map((table) => quoteTable(schema, table)).join(', ')}`,
    );
}

/** Triggers keep tables from being renamed; events could act on half of a change. */
export const isActive = (object: { readonly kind: ObjectKind }): boolean =>
  object.kind === 'trigger' || object.kind === 'event';

/**
 * A view may need another that comes later, so what fails is tried again as long as others succeed.
 * @param ask what is asked about them when they are made, in the same round trip
 */
export async function createObjects<Answer>(
  connection: SqlConnection,
  objects: readonly SchemaObject[],
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (let waiting = objects; ;) {
    const tries = waiting.map((object) =>
      createObject(connection, object).then(
        () => [],
        (cause: unknown) => [{ object, cause }],
      ),
    );
    const [tried, answer] = await inOneGo([Promise.all(tries), ask()]);
    const failed = tried.flat();
    const first = failed[0];
    if (first === undefined) return answer;
    if (failed.length === waiting.length) refuseObject(first.object, first.cause);
    waiting = failed.map((each) => each.object);
  }
}

async function createObject(connection: SqlConnection, object: SchemaObject): Promise<void> {
  const statement = object.kind === 'view' ? orReplace(object.statement) : object.statement;
  await inOneGo<unknown[]>([
    ...object.settings.map((setting) => connection.execute(setting)),
    connection.execute(Buffer.from(statement, object.encoding ?? 'utf8')),
    connection.resetSettings().catch(() => undefined),
  ]);
}

const orReplace = (statement: string): string =>
  statement.replace(/^CREATE\s+(?!OR\s+REPLACE)/i, 'CREATE OR REPLACE ');

const ACCOUNT = '(?:`(?:[^`]|``)*`|\'(?:[^\'\\\\]|\\\\.)*\'|"(?:[^"]|"")*"|[A-Za-z0-9_.%-]+(?:\\(\\))?)';
const DEFINER = new RegExp(
  `^(CREATE(?:\\s+OR\\s+REPLACE)?(?:\\s+ALGORITHM\\s*=\\s*\\w+)?)\\s+DEFINER\\s*=\\s*${ACCOUNT}(?:\\s*@\\s*${ACCOUNT})?`,
  'i',
);

/** The statement without its DEFINER: the account that runs it becomes the definer. */
export const withoutDefiner = (statement: string): string => statement.replace(DEFINER, '$1');

function refuseObject({ kind, name }: SchemaObject, cause: unknown): never {
  if (isRefusal(cause) && cause.errno === 1419)
    throw new UnderstudyError(
      'TRIGGERS_REFUSED',
      `The ${kind} ${name} cannot be created: the staging server writes a binary log and the account may not.`,
      { cause },
    );
  return refusedAs('OBJECT_REFUSED', `The ${kind} ${name} cannot be created on staging`)(cause);
}
