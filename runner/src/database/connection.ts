import { type Duplex } from 'node:stream';
import mysql, {
  format,
  type Connection,
  type FieldPacket,
  type QueryOptions,
  type ResultSetHeader,
} from 'mysql2';
import { maskSecrets, UnderstudyError } from '../errors/index.js';
import { quoteIdentifier } from '../commands/quote.js';
import { openStreamInContainer } from '../hosts/docker-host.js';
import { type ReadingHost } from '../hosts/host.js';
import { type DatabaseAccess } from './access.js';
import { connectionProblem } from './connection-problems.js';
import { streamRows } from './stream-rows.js';

/** What a placeholder (`?`) may stand for. Buffers become hex literals, so any byte survives. */
export type SqlParameter = string | number | bigint | boolean | null | Buffer | SqlLiteral;
/** A cell of `query`: text and decimals as strings, dates as strings, binary columns as Buffers. */
export type SqlCell = string | number | Buffer | null;
export type SqlRow = Readonly<Record<string, SqlCell>>;
/** A cell of the byte-exact calls: what the server sent, not decoded. */
export type SqlBytes = Buffer | null;

/** SQL text that is put in place of a placeholder as it is. Made by {@link bytesInCharset} only. */
export interface SqlLiteral {
  toSqlString(): string;
}

/**
 * A literal of `charset` with exactly these bytes, whatever the connection speaks: what a value that was read with
 * `charset: 'latin1'` is written back with.
 */
export function bytesInCharset(charset: string, bytes: Buffer): SqlLiteral {
  if (!/^[A-Za-z0-9]+$/.test(charset)) throw new TypeError('not the name of a character set');
  return { toSqlString: () => `_${charset} X'${bytes.toString('hex')}'` };
}

export interface ConnectionOptions {
  /** Schema to use; default the access's own. `null`: none (to create one, or when it does not exist yet). */
  readonly database?: string | null;
  /**
   * Character set of what the server sends (`character_set_results`): default utf8mb4; `latin1` gives what PHP sees
   * with DB_CHARSET latin1; `binary` gives each column's own bytes. SQL text that we send is UTF-8 in any case.
   */
  readonly charset?: string;
  /** Exact sql_mode; default the server's, without the two modes that change how quotes and backslashes are read. */
  readonly sqlMode?: string;
  /** More session variables, `{ foreign_key_checks: 0 }`. */
  readonly session?: Readonly<Record<string, string | number>>;
  /** Seconds for connecting and logging in; default 20. */
  readonly connectSeconds?: number;
  /** Lets {@link SqlConnection.executeAll} send several statements at once. Only for text that we built from literals. */
  readonly severalStatements?: boolean;
  /** Ends the connection when aborted; what was running fails. */
  readonly signal?: AbortSignal;
}

export interface StatementResult {
  readonly affectedRows: number;
  readonly warnings: number;
}

/** One session on a MySQL or MariaDB server. Statements run one after the other. */
export interface SqlConnection {
  /** `10.11.6-MariaDB-0+deb12u1`, `8.0.36`. */
  readonly serverVersion: string;
  readonly isMariaDb: boolean;
  /** The server's id of this session (`KILL`, `IS_USED_LOCK`). */
  readonly threadId: number;
  /** All rows, by column name. For results that fit into memory. @throws SqlError */
  query<Row extends SqlRow = SqlRow>(sql: string, parameters?: readonly SqlParameter[]): Promise<Row[]>;
  /** All rows, cells as the bytes that the server sent. @throws SqlError */
  queryBytes(sql: string, parameters?: readonly SqlParameter[]): Promise<SqlBytes[][]>;
  /** Rows as they come, cells as bytes. Leaving the loop early reads the rest of the result and throws it away. */
  stream(sql: string, parameters?: readonly SqlParameter[]): AsyncIterable<SqlBytes[]>;
  /** A statement without a result. A Buffer is sent byte for byte (text is UTF-8). @throws SqlError */
  execute(sql: string | Buffer, parameters?: readonly SqlParameter[]): Promise<StatementResult>;
  /**
   * Several statements without results, separated by `;`, in one round trip; needs `severalStatements`. The first one
   * that fails ends the rest; what was done before it stays (use a transaction). @throws SqlError
   */
  executeAll(sql: string | Buffer): Promise<StatementResult[]>;
  /** Says goodbye and waits for it; never throws. */
  close(): Promise<void>;
}

/** The server refused a statement. Never carries the statement: it may hold rows. */
export class SqlError extends Error {
  constructor(
    /** The server's number: 1045, 1146, …; 0 when the connection broke. */
    readonly errno: number,
    readonly sqlState: string,
    message: string,
  ) {
    super(maskSecrets(message));
    this.name = 'SqlError';
  }
}

/**
 * Logs in to a side's database through a stream that its host forwards (SSH; plain on `local`). No TLS: the stream is
 * inside SSH or does not leave the machine.
 * @throws UnderstudyError DATABASE_UNREACHABLE with what to do
 */
export async function openDatabase(
  host: ReadingHost,
  access: DatabaseAccess,
  options: ConnectionOptions = {},
): Promise<SqlConnection> {
  const stream = await openServerStream(host, access);
  try {
    const connection = await logIn(stream, access, options);
    const session = wrap(connection, await describeServer(connection), options.charset ?? 'utf8mb4');
    await session.execute(...sessionSettings(options));
    // Not in the handshake: that one's character set is binary, and servers differ in what they make of a name there.
    const database = options.database === undefined ? access.name : options.database;
    if (database !== null) await session.execute(`USE ${quoteIdentifier(database)}`);
    const release = endOnAbort(stream, options.signal);
    return { ...session, close: () => session.close().finally(release) };
  } catch (cause) {
    stream.destroy();
    throw connectionProblem(host, access, cause);
  }
}

async function openServerStream(host: ReadingHost, access: DatabaseAccess): Promise<Duplex> {
  try {
    // The client programs run in that container, so the address means there what it means to them.
    return await (access.container === undefined
      ? host.openStream(access.server)
      : openStreamInContainer(host, access.container, access.server));
  } catch (cause) {
    throw connectionProblem(host, access, cause);
  }
}

// mysql2 turns SQL text into bytes by the charset of the handshake. `binary` makes that one byte per character,
// so that text which was turned into UTF-8 bytes before, and any Buffer, arrive unchanged.
const toByteString = (sql: string | Buffer): string => {
  if (typeof sql !== 'string') return sql.toString('latin1');
  return /[^\x00-\x7f]/.test(sql) ? Buffer.from(sql, 'utf8').toString('latin1') : sql;
};
const fromByteString = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

function logIn(stream: Duplex, access: DatabaseAccess, options: ConnectionOptions): Promise<Connection> {
  const connection = mysql.createConnection({
    stream,
    user: access.user,
    password: access.password.reveal(),
    charset: 'BINARY',
    connectTimeout: (options.connectSeconds ?? 20) * 1000,
    supportBigNumbers: true,
    dateStrings: true,
    jsonStrings: true,
    multipleStatements: options.severalStatements === true,
    // None is used, and room for 16,000 would be made for each connection.
    maxPreparedStatements: 1,
    // Placeholders are filled in by prepare(): without this, each statement is searched for them once more.
    queryFormat: (sql: string) => sql,
    // The server is not trusted with files of this machine. Session tracking would change the encoding with SET NAMES.
    flags: ['-LOCAL_FILES', '-SESSION_TRACK'],
    // An account that the server knows by its operating system user has nothing to send.
    authPlugins: { auth_socket: () => () => Buffer.alloc(0), unix_socket: () => () => Buffer.alloc(0) },
  });
  return new Promise((resolve, reject) => {
    connection.on('error', reject);
    connection.connect((error) => {
      if (error) {
        reject(error);
        return;
      }
      resolve(connection);
    });
  });
}

/** One statement: each would cost a round trip. What comes later in it wins. */
function sessionSettings(options: ConnectionOptions): [string, SqlParameter[]] {
  const settings: [string, SqlParameter[]][] = [['NAMES utf8mb4', []]];
  if (options.charset !== undefined) settings.push(['SESSION character_set_results = ?', [options.charset]]);
  if (options.sqlMode === undefined)
    settings.push([
      `SESSION sql_mode = REPLACE(REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', ''), 'ANSI_QUOTES', '')`,
      [],
    ]);
  else settings.push(['SESSION sql_mode = ?', [options.sqlMode]]);
  for (const [name, value] of Object.entries(options.session ?? {})) {
    if (!/^[a-z0-9_]+$/.test(name)) throw new TypeError('not the name of a session variable');
    settings.push([`SESSION ${name} = ?`, [value]]);
  }
  return [
    `SET ${settings.map(([assignment]) => assignment).join(', ')}`,
    settings.flatMap(([, parameters]) => parameters),
  ];
}

const describeServer = async (connection: Connection): Promise<string> => {
  const rows = await run<SqlRow[]>(connection, { sql: 'SELECT VERSION() AS version' });
  return String(rows[0]?.['version'] ?? '');
};

/** @returns to be called when the session is over */
function endOnAbort(stream: Duplex, signal: AbortSignal | undefined): () => void {
  if (signal?.aborted) throw new UnderstudyError('INTERRUPTED');
  const end = (): void => {
    stream.destroy();
  };
  const release = (): void => {
    signal?.removeEventListener('abort', end);
  };
  signal?.addEventListener('abort', end, { once: true });
  stream.once('close', release);
  return release;
}

const asSqlError = (cause: unknown): SqlError => {
  const error = cause as { errno?: number; sqlState?: string; sqlMessage?: string; message?: string };
  const text = error.sqlMessage === undefined ? error.message : error.sqlMessage;
  return new SqlError(
    error.sqlMessage === undefined ? 0 : (error.errno ?? 0),
    error.sqlState ?? '',
    text ?? 'The connection broke.',
  );
};

function run<Result>(connection: Connection, options: QueryOptions): Promise<Result> {
  return new Promise((resolve, reject) => {
    connection.query(options, (error, result) => {
      if (error) reject(asSqlError(error));
      else resolve(result as Result);
    });
  });
}

/** Placeholders filled in and the text turned into bytes, ready for {@link run}. */
function prepare(sql: string | Buffer, parameters: readonly SqlParameter[] = []) {
  if (typeof sql !== 'string' || parameters.length === 0) return toByteString(sql);
  return toByteString(
    format(
      sql,
      parameters.map((value) => (typeof value === 'bigint' ? value.toString() : value)),
    ),
  );
}

const cells = (field: { type: string; buffer(): Buffer | null }, next: () => unknown): unknown =>
  field.type === 'GEOMETRY' ? field.buffer() : next();

function wrap(connection: Connection, serverVersion: string, charset: string): SqlConnection {
  const columnName = (field: FieldPacket) => nameOf(field, charset);
  // Without a listener, a connection that breaks between two statements would end the process.
  connection.on('error', () => undefined);
  return {
    serverVersion,
    isMariaDb: /mariadb/i.test(serverVersion),
    threadId: connection.threadId ?? 0,
    query: async <Row extends SqlRow>(sql: string, parameters?: readonly SqlParameter[]) =>
      queryRows<Row>(connection, prepare(sql, parameters), columnName),
    queryBytes: (sql, parameters) =>
      run(connection, {
        sql: prepare(sql, parameters),
        rowsAsArray: true,
        typeCast: false,
      }),
    stream: (sql, parameters) => streamRows(connection, prepare(sql, parameters), asSqlError),
    execute: async (sql, parameters) => {
      const result = await run<ResultSetHeader | unknown[]>(connection, {
        sql: prepare(sql, parameters),
      });
      if (Array.isArray(result)) return { affectedRows: 0, warnings: 0 };
      return { affectedRows: result.affectedRows, warnings: result.warningStatus };
    },
    executeAll: async (sql) => {
      const results = await run<ResultSetHeader | ResultSetHeader[]>(connection, { sql: toByteString(sql) });
      return (Array.isArray(results) ? results : [results]).map((result) => ({
        affectedRows: result.affectedRows,
        warnings: result.warningStatus,
      }));
    },
    close: () =>
      new Promise((resolve) => {
        connection.end(() => {
          connection.destroy();
          resolve();
        });
      }),
  };
}

/** mysql2 decodes the names of number and date columns one byte per character, whatever they are in. */
function nameOf(field: FieldPacket, charset: string): string {
  const isUtf8 = /^utf8|^binary$/i.test(charset);
  return isUtf8 && field.encoding === 'binary' ? fromByteString(field.name) : field.name;
}

function queryRows<Row>(
  connection: Connection,
  sql: string,
  columnName: (field: FieldPacket) => string,
): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    connection.query({ sql, rowsAsArray: true, typeCast: cells }, (error, rows, fields: unknown) => {
      if (error) {
        reject(asSqlError(error));
        return;
      }
      const names = ((fields ?? []) as FieldPacket[]).map(columnName);
      resolve(
        (rows as unknown as SqlCell[][]).map(
          (row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])) as Row,
        ),
      );
    });
  });
}
