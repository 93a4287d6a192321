import { quoteIdentifier } from '../commands/quote.js';
import { type SqlConnection, SqlError } from '../database/connection.js';
import { UnderstudyError } from '../errors/index.js';

export type ObjectKind = 'function' | 'procedure' | 'view' | 'trigger' | 'event';

/** A view, routine, trigger or event, as the statement that makes it in the schema that staging serves. */
export interface SchemaObject {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly statement: string;
  /** Session settings that the server stores with the object. */
  readonly sqlMode?: string;
  readonly collation?: string;
  readonly timeZone?: string;
}

/** Routines first: views may call them. Triggers and events last: they may act at once. */
const ORDER: readonly ObjectKind[] = ['function', 'procedure', 'view', 'trigger', 'event'];
const keyword = (kind: ObjectKind): string => kind.toUpperCase();

const LISTS: Readonly<Record<ObjectKind, string>> = {
  function: `SELECT routine_name AS name FROM information_schema.routines
    WHERE routine_schema = ? AND routine_type = 'FUNCTION' ORDER BY 1`,
  procedure: `SELECT routine_name AS name FROM information_schema.routines
    WHERE routine_schema = ? AND routine_type = 'PROCEDURE' ORDER BY 1`,
  view: `SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = ? AND table_type = 'VIEW' ORDER BY 1`,
  trigger: `SELECT trigger_name AS name FROM information_schema.triggers
    WHERE trigger_schema = ? ORDER BY event_object_table, action_timing, event_manipulation, action_order`,
  event: `SELECT event_name AS name FROM information_schema.events WHERE event_schema = ? ORDER BY 1`,
};

/** Names of the objects of a schema, by kind. */
export async function listObjects(
  connection: SqlConnection,
  schema: string,
): Promise<Readonly<Record<ObjectKind, readonly string[]>>> {
  const names = async (kind: ObjectKind) =>
    (await connection.query(LISTS[kind], [schema])).map((row) => String(row['name']));
  return {
    function: await names('function'),
    procedure: await names('procedure'),
    view: await names('view'),
    trigger: await names('trigger'),
    event: await names('event'),
  };
}

/**
 * The objects of a schema, in the order in which they can be made. `connection` must have that schema as its default:
 * only then does SHOW CREATE leave the schema's name out.
 */
export async function readObjects(connection: SqlConnection, schema: string): Promise<SchemaObject[]> {
  const names = await listObjects(connection, schema);
  const objects: SchemaObject[] = [];
  for (const kind of ORDER)
    for (const name of names[kind]) objects.push(await readObject(connection, kind, name));
  return objects;
}

async function readObject(connection: SqlConnection, kind: ObjectKind, name: string): Promise<SchemaObject> {
  const [row] = await connection.query(`SHOW CREATE ${keyword(kind)} ${quoteIdentifier(name)}`);
  const statement =
    row?.['SQL Original Statement'] ?? row?.[`Create ${kind.charAt(0).toUpperCase()}${kind.slice(1)}`];
  if (typeof statement !== 'string')
    throw new UnderstudyError(
      'CUTOVER_FAILED',
      `The definition of the ${kind} ${name} cannot be read, so it could not be put back.`,
      {
        next: 'Give the staging account the right to see it (SHOW VIEW, or SELECT on mysql.proc), or drop it.',
      },
    );
  const text = (column: string) => (typeof row?.[column] === 'string' ? String(row[column]) : undefined);
  const sqlMode = text('sql_mode');
  const collation = text('collation_connection');
  const timeZone = text('time_zone');
  return {
    kind,
    name,
    statement,
    ...(sqlMode === undefined ? {} : { sqlMode }),
    ...(collation === undefined ? {} : { collation }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

/** Drops objects of the given kinds that `schema` has; all kinds by default. */
export async function dropObjects(
  connection: SqlConnection,
  schema: string,
  kinds: readonly ObjectKind[] = ORDER,
  keep: (kind: ObjectKind, name: string) => boolean = () => false,
): Promise<void> {
  const names = await listObjects(connection, schema);
  for (const kind of ORDER.toReversed().filter((each) => kinds.includes(each)))
    for (const name of names[kind].filter((each) => !keep(kind, each)))
      await connection.execute(
        `DROP ${keyword(kind)} IF EXISTS ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
      );
}

/**
 * Makes `schema` have exactly the wanted views, routines, triggers and events. Views that stay are replaced in one
 * statement, so that a page which reads them does not miss them. May be repeated after a kill.
 */
export async function replaceObjects(
  connection: SqlConnection,
  schema: string,
  wanted: readonly SchemaObject[],
): Promise<void> {
  const views = new Set(wanted.filter((object) => object.kind === 'view').map((object) => object.name));
  await dropObjects(connection, schema, ORDER, (kind, name) => kind === 'view' && views.has(name));
  for (const kind of ORDER)
    await createObjects(
      connection,
      wanted.filter((object) => object.kind === kind),
    );
}

/**
 * Makes objects in the connection's default schema. A view may need another that comes later, so what fails is tried
 * again as long as others succeed.
 */
export async function createObjects(
  connection: SqlConnection,
  objects: readonly SchemaObject[],
): Promise<void> {
  let waiting = objects;
  for (;;) {
    const failed: { object: SchemaObject; cause: unknown }[] = [];
    for (const object of waiting) {
      try {
        await createObject(connection, object);
      } catch (cause) {
        failed.push({ object, cause });
      }
    }
    const first = failed[0];
    if (first === undefined) return;
    if (failed.length === waiting.length) throw objectProblem(first.object, first.cause);
    waiting = failed.map((each) => each.object);
  }
}

async function createObject(connection: SqlConnection, object: SchemaObject): Promise<void> {
  if (object.sqlMode !== undefined)
    await connection.execute('SET SESSION sql_mode = ?', [readableMode(object.sqlMode)]);
  if (object.collation !== undefined)
    await connection.execute('SET SESSION collation_connection = ?', [object.collation]);
  if (object.timeZone !== undefined) await connection.execute('SET SESSION time_zone = ?', [object.timeZone]);
  const statement = object.kind === 'view' ? orReplace(object.statement) : object.statement;
  try {
    await connection.execute(statement);
  } catch (cause) {
    // 1227: the account may not name another definer. 1449 comes later, when the definer does not exist.
    if (!(cause instanceof SqlError) || cause.errno !== 1227) throw cause;
    await connection.execute(withoutDefiner(statement));
  }
}

/** Modes that a newer server no longer knows would fail the whole list. */
const readableMode = (mode: string): string =>
  mode
    .split(',')
    .filter(
      (name) => !/^(NO_AUTO_CREATE_USER|POSTGRESQL|ORACLE|MSSQL|DB2|MAXDB|MYSQL323|MYSQL40)$/.test(name),
    )
    .join(',');

const orReplace = (statement: string): string =>
  statement.replace(/^CREATE\s+(?!OR\s+REPLACE)/i, 'CREATE OR REPLACE ');

const ACCOUNT = "(?:`(?:[^`]|``)*`|'(?:[^'\\\\]|\\\\.)*'|[A-Za-z0-9_.%-]+(?:\\(\\))?)";
const DEFINER = new RegExp(
  `^(CREATE(?:\\s+OR\\s+REPLACE)?(?:\\s+ALGORITHM\\s*=\\s*\\w+)?)\\s+DEFINER\\s*=\\s*${ACCOUNT}(?:\\s*@\\s*${ACCOUNT})?`,
  'i',
);

/** The statement without its DEFINER: the account that runs it becomes the definer. */
export const withoutDefiner = (statement: string): string => statement.replace(DEFINER, '$1');

function objectProblem(object: SchemaObject, cause: unknown): unknown {
  if (!(cause instanceof SqlError)) return cause;
  if (cause.errno === 1419)
    return new UnderstudyError(
      'TRIGGERS_REFUSED',
      `The ${object.kind} ${object.name} cannot be made: the staging server writes a binary log and the account may not.`,
      { cause },
    );
  return new UnderstudyError(
    'OBJECT_REFUSED',
    `The ${object.kind} ${object.name} cannot be made on staging: ${cause.message} (${String(cause.errno)})`,
    { cause },
  );
}
