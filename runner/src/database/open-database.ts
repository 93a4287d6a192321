import { type Duplex } from 'node:stream';
import { isIP } from 'node:net';
import mysql, { authPlugins, type Connection, type SslOptions } from 'mysql2';
import { UnderstudyError } from '../errors/index.js';
import { quoteIdentifier } from '../commands/quote.js';
import { sessionAssignments } from '../commands/sql-session.js';
import { openStreamInContainer } from '../hosts/docker-host.js';
import { type ReadingHost } from '../hosts/host.js';
import { type DatabaseAccess } from './access.js';
import { connectionProblem } from './connection-problems.js';
import { guardedMode, isRefused, type SessionPass } from './session-fence.js';
import { type SqlConnection, type SqlParameter } from './sql-connection.js';
import { type PooledLogin, type SessionPool } from './session-pool.js';
import { isConnectionLoss, SqlError } from './sql-error.js';
import { inOneGo } from './in-one-go.js';
import { watchServer } from './watch-server.js';
import { type WrappedConnection, wrapConnection } from './wrap-connection.js';

export interface ConnectionOptions {
  /** Schema to use; default the access's own. `null`: none (to create one, or when it does not exist yet). */
  readonly database?: string | null;
  /**
   * Character set of what the server sends (`character_set_results`): default utf8mb4; `latin1` gives what PHP sees
   * with DB_CHARSET latin1; `binary` gives each column's own bytes. SQL text that we send is UTF-8 in any case.
   */
  readonly charset?: string;
  /** Default true. */
  readonly foreignKeyChecks?: boolean;
  /** Seconds for connecting and logging in; default 20. */
  readonly connectSeconds?: number;
  /** After so long without an answer, another connection asks whether the server is still there; default 60. */
  readonly silenceSeconds?: number;
  /** Lets {@link SqlConnection.executeAll} send several statements at once. Only for text that we built from literals. */
  readonly severalStatements?: boolean;
  /** Ends the connection when aborted; what was running fails. */
  readonly signal?: AbortSignal;
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
  try {
    return await enter(host, access, options);
  } catch (cause) {
    if (!(cause instanceof SqlError) || !isRefused(cause.message))
      throw connectionProblem(host, access, cause);
    // Where the lock is not lost, the server was restarted, and the lock of this run is taken again.
    await access.fence?.verify();
    return enter(host, access, options).catch((again: unknown) => {
      throw connectionProblem(host, access, again);
    });
  }
}

/** A login on a server, watched. One session after the other may have it. */
interface Login extends PooledLogin {
  readonly stream: Duplex;
  readonly session: WrappedConnection;
}

export type LoginPool = SessionPool<Login>;

async function enter(
  host: ReadingHost,
  access: DatabaseAccess,
  options: ConnectionOptions,
): Promise<SqlConnection> {
  const pass = await access.fence?.enter();
  const kind = JSON.stringify([options.severalStatements === true, options.silenceSeconds]);
  const key = access.pool?.key(host, access, kind) ?? '';
  try {
    const waiting = access.pool?.take(key);
    // The server may have ended it just now.
    const begun =
      waiting &&
      (await begin(waiting, access, options, pass).catch((cause: unknown) => {
        if (!isConnectionLoss(cause)) throw cause;
        return undefined;
      }));
    const { login, release } =
      begun ?? (await begin(await logInWatched(host, access, options), access, options, pass));
    const { session } = login;
    let isClosed = false;
    const close = async (): Promise<void> => {
      isClosed = true;
      release();
      const ended =
        access.pool === undefined || !session.isDirect ? session.close() : access.pool.give(key, login);
      const left = ended.finally(() => pass?.leave());
      // What a session that is reset still holds is gone before its login, or its pass, is another one's.
      if (access.pool === undefined) await left;
    };
    const resetSettings = async () =>
      void (await session.execute(...sessionSettings(session.isMariaDb, options)));
    return { ...whileOpen({ ...session, resetSettings }, () => isClosed), close: once(close) };
  } catch (cause) {
    pass?.leave();
    throw cause;
  }
}

/** The login may be another session's by then: nothing of this one must reach that. */
function whileOpen<Session extends Omit<SqlConnection, 'close'>>(
  session: Session,
  isClosed: () => boolean,
): Session {
  const guarded =
    <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
    (...args: Args): Result => {
      if (isClosed()) throw new SqlError(0, '', 'The session is closed.');
      return work(...args);
    };
  return {
    ...session,
    query: guarded(session.query) as SqlConnection['query'],
    queryBytes: guarded(session.queryBytes),
    stream: guarded(session.stream),
    execute: guarded(session.execute),
    executeAll: guarded(session.executeAll),
    resetSettings: guarded(session.resetSettings),
  };
}

/** A second call waits for the first. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

async function logInWatched(
  host: ReadingHost,
  access: DatabaseAccess,
  options: ConnectionOptions,
): Promise<Login> {
  const { stream, connection } = await logInProtected(host, access, options);
  const limit = endAfter(stream, options.connectSeconds ?? CONNECT_SECONDS);
  try {
    const session = watchServer(await wrapConnection(connection), stream, {
      silenceSeconds: options.silenceSeconds ?? SILENCE_SECONDS,
      isAlive: (threadId) => isSessionAlive(host, access, threadId),
    });
    const { reset, close } = session;
    return { stream, session, isOpen: () => !stream.destroyed, reset, close };
  } catch (cause) {
    stream.destroy();
    throw cause;
  } finally {
    clearTimeout(limit);
  }
}

/** Makes a session of a login: its settings, its pass, its schema. Ends the login when that fails. */
async function begin(
  login: Login,
  access: DatabaseAccess,
  options: ConnectionOptions,
  pass: SessionPass | undefined,
): Promise<{ readonly login: Login; readonly release: () => void }> {
  const { stream, session } = login;
  const limit = endAfter(stream, options.connectSeconds ?? CONNECT_SECONDS);
  try {
    session.expectCharset(options.charset ?? 'utf8mb4');
    // Not in the handshake: that one's character set is binary, and servers differ in what they make of a name there.
    const database = options.database === undefined ? access.name : options.database;
    await inOneGo([
      session.execute(...sessionSettings(session.isMariaDb, options, pass)),
      ...(database === null ? [] : [session.execute(`USE ${quoteIdentifier(database)}`)]),
    ]);
    return { login, release: endOnAbort(stream, options.signal) };
  } catch (cause) {
    stream.destroy();
    throw cause;
  } finally {
    clearTimeout(limit);
  }
}

/** Connecting, logging in and the first statements. */
const CONNECT_SECONDS = 20;
const SILENCE_SECONDS = 60;

const endAfter = (stream: Duplex, seconds: number): NodeJS.Timeout =>
  setTimeout(() => stream.destroy(new Error(`no answer within ${String(seconds)} s`)), seconds * 1000);

/** Asks over a connection of its own whether a session of this account is still there. */
async function isSessionAlive(host: ReadingHost, access: DatabaseAccess, threadId: number): Promise<boolean> {
  const { stream, connection } = await logInProtected(host, access, {});
  const limit = endAfter(stream, CONNECT_SECONDS);
  try {
    const session = await wrapConnection(connection);
    const rows = await session.query('SELECT 1 FROM information_schema.processlist WHERE id = ?', [threadId]);
    return rows.length > 0;
  } finally {
    clearTimeout(limit);
    stream.destroy();
  }
}

async function openServerStream(host: ReadingHost, access: DatabaseAccess): Promise<Duplex> {
  try {
    // The client programs run in that container, so the address means there what it means to them.
    const stream = await (access.container === undefined
      ? host.openStream(access.server)
      : openStreamInContainer(host, access.container, access.server));
    // A forwarded stream whose far end is closed stays half open, and a statement under way would wait for ever.
    stream.once('end', () => {
      stream.destroy();
    });
    return stream;
  } catch (cause) {
    throw connectionProblem(host, access, cause);
  }
}

interface Entered {
  readonly stream: Duplex;
  readonly connection: Connection;
}

/**
 * Over a socket without TLS. Over TCP with TLS that is verified, where the site file names an authority; else without,
 * as WordPress does it, and only where a server on its host's own loopback insists on TLS, with TLS unverified.
 */
async function logInProtected(
  host: ReadingHost,
  access: DatabaseAccess,
  options: ConnectionOptions,
): Promise<Entered> {
  const enterWith = async (ssl?: SslOptions): Promise<Entered> => {
    const stream = await openServerStream(host, access);
    try {
      return { stream, connection: await logIn(stream, access, options, ssl) };
    } catch (cause) {
      stream.destroy();
      throw cause;
    }
  };
  const { server, ca } = access;
  if (server.kind === 'socket') return enterWith();
  if (ca !== undefined)
    return enterWith({ ca, rejectUnauthorized: true, verifyIdentity: isIP(server.host) === 0 });
  try {
    return await enterWith();
  } catch (cause) {
    if (!isLoopback(server.host) || !mayWantTls(cause)) throw cause;
    return await enterWith({ rejectUnauthorized: false }).catch(() => {
      throw cause;
    });
  }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.');

/** MySQL says so (3159); MariaDB with require_secure_transport, and accounts that REQUIRE SSL, just refuse (1045). */
const mayWantTls = (cause: unknown): boolean =>
  [1045, 3159].includes((cause as { errno?: number }).errno ?? 0);

function logIn(
  stream: Duplex,
  access: DatabaseAccess,
  options: ConnectionOptions,
  ssl: SslOptions | undefined,
): Promise<Connection> {
  const { server } = access;
  const connection = mysql.createConnection({
    stream,
    user: access.user,
    password: access.password.reveal(),
    // How wrapConnection sends text rests on it.
    charset: 'BINARY',
    connectTimeout: (options.connectSeconds ?? CONNECT_SECONDS) * 1000,
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
    // The name to verify; the stream leads there already.
    ...(server.kind === 'tcp' && ssl !== undefined ? { host: server.host, ssl } : {}),
    // An account that the server knows by its operating system user has nothing to send. A password that the server
    // has not in its cache may go over a socket as it is, and the driver cannot see that the stream is one.
    authPlugins: {
      caching_sha2_password: authPlugins.caching_sha2_password({
        overrideIsSecure: server.kind === 'socket' || ssl !== undefined,
      }),
      auth_socket: () => () => Buffer.alloc(0),
      unix_socket: () => () => Buffer.alloc(0),
    },
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
function sessionSettings(
  isMariaDb: boolean,
  options: ConnectionOptions,
  pass?: SessionPass,
): [string, SqlParameter[]] {
  const { foreignKeyChecks, charset } = options;
  const settings = sessionAssignments({
    isMariaDb,
    guard: (mode) => guardedMode(pass, mode),
    ...(foreignKeyChecks === undefined ? {} : { foreignKeyChecks }),
  });
  if (charset === undefined) return [`SET ${settings.join(', ')}`, []];
  return [`SET ${[...settings, 'SESSION character_set_results = ?'].join(', ')}`, [charset]];
}

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
