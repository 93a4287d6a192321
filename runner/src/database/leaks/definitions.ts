import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { SqlError } from '../connection/sql-error.js';
import { tokenize } from '../sql/sql-lexer.js';

/** A text of a schema that is no row: a default, a comment, the body of a view. */
export interface Definition {
  /** The table, view, routine, trigger or event. */
  readonly name: string;
  /** The column that it belongs to, or `definition`. */
  readonly column: string;
  /** `view`, `default`, `comment` … */
  readonly part: string;
  /** Undefined: hidden from the account. */
  readonly text: string | undefined;
}

const NAMED = "'definition' AS columnName";

/** What information_schema says, asked without a look at how definitions are rewritten. */
const QUESTIONS: readonly (readonly [part: string, sql: string])[] = [
  [
    'default',
    'SELECT TABLE_NAME AS name, COLUMN_NAME AS columnName, COLUMN_DEFAULT AS text FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND COLUMN_DEFAULT IS NOT NULL',
  ],
  [
    'type',
    "SELECT TABLE_NAME AS name, COLUMN_NAME AS columnName, COLUMN_TYPE AS text FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND DATA_TYPE IN ('enum', 'set')",
  ],
  [
    'expression',
    "SELECT TABLE_NAME AS name, COLUMN_NAME AS columnName, GENERATION_EXPRESSION AS text FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND GENERATION_EXPRESSION <> ''",
  ],
  [
    'comment',
    "SELECT TABLE_NAME AS name, COLUMN_NAME AS columnName, COLUMN_COMMENT AS text FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND COLUMN_COMMENT <> ''",
  ],
  [
    'comment',
    `SELECT TABLE_NAME AS name, ${NAMED}, TABLE_COMMENT AS text FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE <> 'VIEW'`,
  ],
  [
    'index comment',
    `SELECT DISTINCT TABLE_NAME AS name, ${NAMED}, INDEX_COMMENT AS text FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND INDEX_COMMENT <> ''`,
  ],
  [
    'partition',
    `SELECT TABLE_NAME AS name, ${NAMED}, CONCAT_WS(' ', PARTITION_EXPRESSION, PARTITION_DESCRIPTION, PARTITION_COMMENT) AS text FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = ? AND PARTITION_NAME IS NOT NULL`,
  ],
  [
    'check',
    `SELECT CONSTRAINT_NAME AS name, ${NAMED}, CHECK_CLAUSE AS text FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ?`,
  ],
  [
    'view',
    `SELECT TABLE_NAME AS name, ${NAMED}, NULLIF(VIEW_DEFINITION, '') AS text FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?`,
  ],
  [
    'routine',
    `SELECT ROUTINE_NAME AS name, ${NAMED}, ROUTINE_DEFINITION AS text FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?`,
  ],
  [
    'comment',
    `SELECT ROUTINE_NAME AS name, ${NAMED}, ROUTINE_COMMENT AS text FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?`,
  ],
  [
    'trigger',
    `SELECT TRIGGER_NAME AS name, ${NAMED}, ACTION_STATEMENT AS text FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?`,
  ],
  [
    'event',
    `SELECT EVENT_NAME AS name, ${NAMED}, CONCAT_WS(' ', EVENT_DEFINITION, EVENT_COMMENT) AS text FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?`,
  ],
];

/** ER_UNKNOWN_TABLE, ER_NO_SUCH_TABLE: servers before CHECK conditions do not list them. */
const NO_SUCH_LIST = [1109, 1146];

/** All definitions of a schema. Reads only. @throws SqlError */
export async function readDefinitions(connection: SqlConnection, schema: string): Promise<Definition[]> {
  const answers = await inOneGo(
    QUESTIONS.map(([part, sql]) =>
      connection.query(sql, [schema]).catch((cause: unknown) => {
        if (part === 'check' && cause instanceof SqlError && NO_SUCH_LIST.includes(cause.errno)) return [];
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
