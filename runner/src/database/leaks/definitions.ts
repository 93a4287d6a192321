import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection, type SqlRow } from '../connection/sql-connection.js';
import { SqlError } from '../connection/sql-error.js';
import { type SchemaList, schemaRows } from '../schema/schema-lists.js';
import { tokenize } from '../sql/sql-lexer.js';

/** A text of a schema that is no row: a default, a comment, the body of a view. */
export interface Definition {
  readonly name: string;
  /** The column that it belongs to, or `definition`. */
  readonly column: string;
  /** `view`, `default`, `comment` … */
  readonly part: string;
  /** Undefined: hidden from the account. */
  readonly text: string | undefined;
}

/** What information_schema says, asked without a look at how definitions are rewritten: text, and which rows have one. */
const QUESTIONS: readonly (readonly [part: string, list: SchemaList, text: string, condition?: string])[] = [
  ['default', 'COLUMNS', 'COLUMN_DEFAULT', 'COLUMN_DEFAULT IS NOT NULL'],
  ['type', 'COLUMNS', 'COLUMN_TYPE', "DATA_TYPE IN ('enum', 'set')"],
  ['expression', 'COLUMNS', 'GENERATION_EXPRESSION', "GENERATION_EXPRESSION <> ''"],
  ['comment', 'COLUMNS', 'COLUMN_COMMENT', "COLUMN_COMMENT <> ''"],
  ['comment', 'TABLES', 'TABLE_COMMENT', "TABLE_TYPE <> 'VIEW'"],
  ['index comment', 'STATISTICS', 'INDEX_COMMENT', "INDEX_COMMENT <> ''"],
  [
    'partition',
    'PARTITIONS',
    "CONCAT_WS(' ', PARTITION_EXPRESSION, PARTITION_DESCRIPTION, PARTITION_COMMENT)",
    'PARTITION_NAME IS NOT NULL',
  ],
  ['check', 'CHECK_CONSTRAINTS', 'CHECK_CLAUSE'],
  ['view', 'VIEWS', "NULLIF(VIEW_DEFINITION, '')"],
  ['routine', 'ROUTINES', 'ROUTINE_DEFINITION'],
  ['comment', 'ROUTINES', 'ROUTINE_COMMENT'],
  ['trigger', 'TRIGGERS', 'ACTION_STATEMENT'],
  ['event', 'EVENTS', "CONCAT_WS(' ', EVENT_DEFINITION, EVENT_COMMENT)"],
];

/** Whose name a row of each list has; most are about a table. */
const NAMES: Readonly<Partial<Record<SchemaList, string>>> = {
  CHECK_CONSTRAINTS: 'CONSTRAINT_NAME',
  ROUTINES: 'ROUTINE_NAME',
  TRIGGERS: 'TRIGGER_NAME',
  EVENTS: 'EVENT_NAME',
};

function ask(
  connection: SqlConnection,
  schema: string,
  [, list, text, condition]: (typeof QUESTIONS)[number],
): Promise<SqlRow[]> {
  const column = list === 'COLUMNS' ? 'COLUMN_NAME' : "'definition'";
  const columns = `DISTINCT ${NAMES[list] ?? 'TABLE_NAME'} AS name, ${column} AS columnName, ${text} AS text`;
  return schemaRows(connection, schema, list, columns, condition && `AND ${condition}`);
}

/** ER_UNKNOWN_TABLE, ER_NO_SUCH_TABLE: servers before CHECK conditions do not list them. */
const NO_SUCH_LIST = [1109, 1146];

export async function readDefinitions(connection: SqlConnection, schema: string): Promise<Definition[]> {
  const answers = await inOneGo(
    QUESTIONS.map((question) =>
      ask(connection, schema, question).catch((cause: unknown) => {
        if (question[0] === 'check' && cause instanceof SqlError && NO_SUCH_LIST.includes(cause.errno))
          return [];
        throw cause;
      }),
    ),
  );
  return QUESTIONS.flatMap(([part], index) =>
    (answers[index] ?? []).map((row) => ({
      name: String(row['name']),
      column: String(row['columnName']),
      part,
      text: row['text'] === null ? undefined : String(row['text']),
    })),
  );
}

/** The text without names in quotes: a column that is called like production links nowhere. */
export function withoutNames(text: string): string {
  try {
    const bytes = Buffer.from(text).toString('latin1');
    const names = tokenize(bytes).filter(({ kind, text: written }) => kind === 'name' && written.length > 2);
    const left = names.reduceRight(
      (rest, { start, end }) => `${rest.slice(0, start)}\`\`${rest.slice(end)}`,
      bytes,
    );
    return Buffer.from(left, 'latin1').toString();
  } catch {
    // No statement in itself (half an expression): all of it is searched.
    return text;
  }
}
