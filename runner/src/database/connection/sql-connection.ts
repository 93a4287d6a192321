/** What a placeholder (`?`) may stand for. Buffers become hex literals, so any byte survives. */
export type SqlParameter = string | number | bigint | boolean | null | Buffer;
/** A cell of `query`: text and decimals as strings, dates as strings, binary columns as Buffers. */
export type SqlCell = string | number | Buffer | null;
export type SqlRow = Readonly<Record<string, SqlCell>>;
/** A cell of the byte-exact calls: what the server sent, not decoded. */
export type SqlBytes = Buffer | null;

interface StatementResult {
  readonly affectedRows: number;
}

/** One session on a MySQL or MariaDB server. Statements run one after the other. */
export interface SqlConnection {
  /** `10.11.6-MariaDB-0+deb12u1`, `8.0.36`. */
  readonly serverVersion: string;
  readonly isMariaDb: boolean;
  /** The server's id of this session (`KILL`, `IS_USED_LOCK`). */
  readonly threadId: number;
  /** What a first question took, in ms: a round trip, and whatever kept both ends busy. */
  readonly answeredInMs: number;
  /** All rows, by column name. For results that fit into memory. @throws SqlError */
  query<Row extends SqlRow = SqlRow>(sql: string, parameters?: readonly SqlParameter[]): Promise<Row[]>;
  /** All rows, cells as the bytes that the server sent. @throws SqlError */
  queryBytes(sql: string, parameters?: readonly SqlParameter[]): Promise<SqlBytes[][]>;
  /** Rows as they come, cells as bytes. Leaving the loop early reads the rest of the result and throws it away. */
  stream(sql: string, parameters?: readonly SqlParameter[]): AsyncIterable<SqlBytes[]>;
  /** A statement without a result. A Buffer is sent byte for byte (text is UTF-8). @throws SqlError */
  execute(sql: string | Buffer, parameters?: readonly SqlParameter[]): Promise<StatementResult>;
  /**
   * Multiple statements without results, separated by `;`, in one round trip; needs `multipleStatements`. The first one
   * that fails ends the rest; what was done before it stays (use a transaction). @throws SqlError
   */
  executeAll(sql: string | Buffer): Promise<StatementResult[]>;
  /** Makes the session again what it was when it was opened, after statements that needed other settings. */
  resetSettings(): Promise<void>;
  /** Says goodbye and waits for it; never throws. */
  close(): Promise<void>;
}

/** One that was not given its settings yet. */
export type BareConnection = Omit<SqlConnection, 'resetSettings'>;
