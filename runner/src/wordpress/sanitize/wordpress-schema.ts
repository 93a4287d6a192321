import { quoteIdentifier, quoteTable } from '../../commands/quote.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import {
  type SqlConnection,
  type SqlParameter,
  type SqlRow,
} from '../../database/connection/sql-connection.js';
import { VERSIONED } from '../../database/schema/history.js';
import { columnsOfTables } from '../../database/schema/schema-lists.js';
import { baseName } from '../../database/rewrite/rules.js';
import { isCounterOf } from './lost-counters.js';

/** What has rows of its own. */
const BASE_TABLES: ReadonlySet<string> = new Set(['BASE TABLE', VERSIONED]);

export interface SiteTable {
  /** With prefix and blog number, as in the schema. */
  readonly name: string;
  /** `` `schema`.`name` ``, for SQL. */
  readonly sql: string;
  readonly columns: ReadonlySet<string>;
  /** Its column that has to count and does not: AUTO_INCREMENT was lost. */
  readonly lostCounter: string | undefined;
}

/** Which copy a function works on. */
export interface SchemaOfCopy {
  readonly schema: string;
  readonly prefix: string;
  /** The same, where the caller has looked at it already: what tables there are does not change meanwhile. */
  readonly opened?: WordPressSchema;
}

/** @throws SqlError */
export const openedSchemaOf = async (
  connection: SqlConnection,
  { schema, prefix, opened }: SchemaOfCopy,
): Promise<WordPressSchema> => opened ?? WordPressSchema.open(connection, schema, prefix);

/**
 * One WordPress database on a server, seen by the names that WordPress gives its tables: `posts` is wp_posts and, in
 * a network, wp_2_posts and so on.
 */
export class WordPressSchema {
  readonly #tables = new Map<string, SiteTable[]>();

  private constructor(
    readonly connection: SqlConnection,
    readonly schema: string,
    readonly prefix: string,
  ) {}

  /** @throws SqlError */
  static async open(connection: SqlConnection, schema: string, prefix: string): Promise<WordPressSchema> {
    const opened = new WordPressSchema(connection, schema, prefix);
    const all = await columnsOfTables(connection, schema, 'EXTRA AS extra');
    const rows = all.filter(({ tableType }) => BASE_TABLES.has(String(tableType)));
    const columns = new Map<string, Set<string>>();
    const lost = new Map<string, string>();
    for (const row of rows) {
      const [name, column] = [String(row['tableName']), String(row['columnName'])];
      const known = columns.get(name) ?? new Set<string>();
      columns.set(name, known.add(column));
      if (isCounterOf(name, column, prefix) && !/auto_increment/i.test(String(row['extra'])))
        lost.set(name, column);
    }
    for (const [name, names] of columns) opened.#add(name, names, lost.get(name));
    return opened;
  }

  /** The same, seen over another session. */
  over(connection: SqlConnection): WordPressSchema {
    const seen = new WordPressSchema(connection, this.schema, this.prefix);
    for (const [base, tables] of this.#tables) seen.#tables.set(base, tables);
    return seen;
  }

  #add(name: string, columns: ReadonlySet<string>, lostCounter: string | undefined): void {
    if (!name.toLowerCase().startsWith(this.prefix.toLowerCase())) return;
    const base = baseName(name, this.prefix).toLowerCase();
    const sql = quoteTable(this.schema, name);
    const tables = this.#tables.get(base) ?? [];
    this.#tables.set(base, tables);
    tables.push({ name, sql, columns, lostCounter });
  }

  /** The tables of this name, of all blogs, that have all these columns. */
  all(base: string, columns: readonly string[] = []): readonly SiteTable[] {
    return (this.#tables.get(base) ?? []).filter((table) => columns.every((name) => table.columns.has(name)));
  }

  main(base: string): SiteTable | undefined {
    const name = `${this.prefix}${base}`.toLowerCase();
    return this.all(base).find((table) => table.name.toLowerCase() === name);
  }

  /** Names after the prefix whose tables fit, for messages. */
  get names(): readonly string[] {
    return [...this.#tables.keys()];
  }

  /**
   * Changes each table of the name.
   * @param changes what follows SET, or SQL by column: those are set that the table has, plugins differ between versions
   * @returns rows changed
   */
  update(
    base: string,
    columns: readonly string[],
    changes: string | Readonly<Record<string, string>>,
    parameters: readonly SqlParameter[] = [],
  ): Promise<number> {
    const has = (table: SiteTable): string =>
      Object.entries(changes)
        .filter(([column]) => table.columns.has(column))
        .map(([column, value]) => `${column} = ${value}`)
        .join(', ');
    return this.#change(
      this.all(base, columns),
      (table) => `UPDATE ${table.sql} SET ${typeof changes === 'string' ? changes : has(table)}`,
      parameters,
    );
  }

  /** Deletes rows of each table of the name. @returns how many */
  remove(base: string, columns: readonly string[] = [], where = 'TRUE'): Promise<number> {
    return this.#change(this.all(base, columns), (table) => `DELETE FROM ${table.sql} WHERE ${where}`);
  }

  async #change(
    tables: readonly SiteTable[],
    sql: (table: SiteTable) => string,
    parameters: readonly SqlParameter[] = [],
  ): Promise<number> {
    const results = await inOneGo(tables.map((table) => this.connection.execute(sql(table), parameters)));
    return results.reduce((rows, { affectedRows }) => rows + affectedRows, 0);
  }

  /** Adds a row; where the table does not count any more, with the number after the highest. */
  async insert(table: SiteTable, row: Readonly<Record<string, SqlParameter>>): Promise<void> {
    const { lostCounter } = table;
    const counter = lostCounter === undefined ? [] : [quoteIdentifier(lostCounter)];
    const names = [...counter, ...Object.keys(row).map(quoteIdentifier)].join(', ');
    const marks = Object.keys(row).map(() => '?');
    const values =
      lostCounter === undefined
        ? `VALUES (${marks.join(', ')})`
        : `SELECT ${[`COALESCE(MAX(${counter.join()}), 0) + 1`, ...marks].join(', ')} FROM ${table.sql}`;
    await this.connection.execute(`INSERT INTO ${table.sql} (${names}) ${values}`, Object.values(row));
  }

  query(sql: string, parameters: readonly SqlParameter[] = []): Promise<SqlRow[]> {
    return this.connection.query(sql, parameters);
  }
}

/** One line of the report: what was done, and to how many rows. */
export interface SanitizeNote {
  readonly what: string;
  readonly rows: number;
}
