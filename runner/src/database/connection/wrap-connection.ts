import { format, type Connection, type FieldPacket, type QueryOptions, type ResultSetHeader } from 'mysql2';
import { type SqlCell, type BareConnection, type SqlParameter, type SqlRow } from './sql-connection.js';
import { asSqlError } from './sql-error.js';
import { streamRows } from './stream-rows.js';

const GOODBYE_MS = 3000;

export interface WrappedConnection extends BareConnection {
  /** Of what the server sends: column names are decoded by it. Until then utf8mb4. */
  expectCharset(charset: string): void;
  reset(): Promise<void>;
  /** Nothing changes what the server gets of us on the way, so {@link reset} can be relied on. */
  readonly isDirect: boolean;
}

/** A connection of mysql2 that is logged in, with the charset BINARY in its handshake. @throws SqlError */
export async function wrapConnection(connection: Connection): Promise<WrappedConnection> {
  const asked = performance.now();
  const { serverVersion, isDirect } = await describeServer(connection);
  const answeredInMs = performance.now() - asked;
  // Where the driver is not made for it, statements wait for one another.
  if (isDirect) sendAhead(connection);
  let charset = 'utf8mb4';
  const columnName = (field: FieldPacket) => nameOf(field, charset);
  // Without a listener, a connection that breaks between two statements would end the process.
  connection.on('error', () => undefined);
  // Every statement that streams listens, and as many as there are tables may wait in line.
  connection.setMaxListeners(0);
  return {
    serverVersion,
    isMariaDb: /mariadb/i.test(serverVersion),
    threadId: connection.threadId ?? 0,
    answeredInMs,
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
      return { affectedRows: Array.isArray(result) ? 0 : result.affectedRows };
    },
    executeAll: async (sql) => {
      const results = await run<ResultSetHeader | ResultSetHeader[]>(connection, { sql: toByteString(sql) });
      return (Array.isArray(results) ? results : [results]).map(({ affectedRows }) => ({ affectedRows }));
    },
    isDirect,
    expectCharset: (next) => {
      charset = next;
    },
    reset: () =>
      new Promise((resolve, reject) => {
        connection.reset((error) => {
          if (error) reject(asSqlError(error));
          else resolve();
        });
      }),
    close: () =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          connection.destroy();
          resolve();
        };
        // A server that does not answer says no goodbye either.
        const timer = setTimeout(done, GOODBYE_MS);
        connection.end(done);
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

// mysql2 turns SQL text into bytes by the charset of the handshake. `binary` makes that one byte per character,
// so that text which was turned into UTF-8 bytes before, and any Buffer, arrive unchanged.
const toByteString = (sql: string | Buffer): string => {
  if (typeof sql !== 'string') return sql.toString('latin1');
  return /[^\x00-\x7f]/.test(sql) ? Buffer.from(sql, 'utf8').toString('latin1') : sql;
};
const fromByteString = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

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

interface ServerDescription {
  readonly serverVersion: string;
  /** A server itself, which takes statements before it has answered the former ones. */
  readonly isDirect: boolean;
}

/** Aurora hangs when statements are sent ahead (CONJ-386), ProxySQL ends the session (sysown/proxysql#2809). */
async function describeServer(connection: Connection): Promise<ServerDescription> {
  const rows = await run<SqlRow[]>(connection, {
    sql: "SHOW VARIABLES WHERE Variable_name IN ('version', 'aurora_version', 'pseudo_thread_id')",
  });
  const values = new Map(
    rows.map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]),
  );
  const isSameSession = values.get('pseudo_thread_id') === String(connection.threadId);
  return {
    serverVersion: values.get('version') ?? '',
    isDirect: isSameSession && !values.has('aurora_version'),
  };
}

/** Of mysql2's connection, what sending ahead rests on (mysql2 3: lib/base/connection.js, lib/commands/query.js). */
interface Driver {
  /** The command whose answer is being read. */
  readonly _command: Sendable | null | undefined;
  /** Of the packet that is written or read next. */
  sequenceId: number;
  addCommand(command: Sendable): Sendable;
}

interface Sendable {
  /** Writes the command; returns what reads the first packet of its answer. */
  start: (packet: unknown, connection: Driver) => unknown;
}

/**
 * Lets statements that are asked for while another one runs go out at once, instead of each after the former's answer:
 * ten questions of a `Promise.all` take one round trip instead of ten. Servers read one statement after the other from
 * the connection, so order, results and errors are the same; as before, one that fails does not stop those after it.
 * @returns false where this mysql2 is made otherwise inside: statements then wait for one another, as it has them
 */
export function sendAhead(connection: Connection): boolean {
  const driver: unknown = connection;
  if (!isDriver(driver)) return false;
  const add = driver.addCommand.bind(driver);
  driver.addCommand = (command) => {
    const waits = driver._command !== undefined && driver._command !== null;
    add(command);
    if (waits && typeof command.start === 'function') writeNow(driver, command);
    return command;
  };
  return true;
}

/** Of a connection that has nothing to do at the moment. */
const isDriver = (value: unknown): value is Driver => {
  if (typeof value !== 'object' || value === null) return false;
  const { _command, sequenceId, addCommand } = value as Partial<Driver>;
  return (
    '_command' in value &&
    (_command === undefined || _command === null) &&
    typeof sequenceId === 'number' &&
    typeof addCommand === 'function'
  );
};

function writeNow(driver: Driver, command: Sendable): void {
  const reading = driver.sequenceId;
  driver.sequenceId = 0;
  const readAnswer = command.start(undefined, driver);
  const written = driver.sequenceId;
  driver.sequenceId = reading;
  // The goodbye has no answer. Whatever else comes is not known, so nothing may be read as an answer any more.
  if ((typeof readAnswer !== 'function' && readAnswer !== null) || written === 0)
    throw new TypeError('mysql2 does not write a command when it is started');
  // In its turn there is nothing left to write, and its answer counts on from what was written.
  command.start = () => {
    driver.sequenceId = written;
    return readAnswer;
  };
}
