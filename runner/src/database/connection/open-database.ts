import { askAhead } from './ask-ahead.js';
import { type Duplex } from 'node:stream';
import { UnderstudyError } from '../../errors/index.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { sessionAssignments } from '../../commands/sql-session.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type DatabaseAccess } from './access.js';
import { connectionProblem, logInProtected } from './log-in.js';
import { guardedMode, isRefused, type SessionPass } from './session-fence.js';
import { type SqlConnection, type SqlParameter } from './sql-connection.js';
import { type PooledLogin, type TakenLogin } from './session-pool.js';
import { isConnectionLoss, SqlError } from './sql-error.js';
import { inOneGo } from './in-one-go.js';
import { watchServer } from './watch-server.js';
import { whileOpen } from './while-open.js';
import { wrapConnection } from './wrap-connection.js';

export interface ConnectionOptions {
  /** Schema to use; default the access's own. `null`: none (to create one, or when it does not exist yet). */
  readonly database?: string | null;
  /**
   * Character set of what the server sends (`character_set_results`): default utf8mb4; `latin1` gives what PHP sees
   * with DB_CHARSET latin1; `binary` gives each column's own bytes. SQL text that we send is UTF-8 in any case.
   */
  readonly charset?: string | undefined;
  /** Default true. */
  readonly foreignKeyChecks?: boolean | undefined;
  /** Seconds for connecting and logging in; default 20. */
  readonly connectSeconds?: number;
  /** After so long without an answer, another connection asks whether the server is still there; default 60. */
  readonly silenceSeconds?: number;
  /** Lets {@link SqlConnection.executeAll} send multiple statements at once. Only for text that we built from literals. */
  readonly multipleStatements?: boolean;
  /** Its login is not kept for others: `close` resolves when the server has let go of all that the session held. */
  readonly endsLogin?: boolean;
  /**
   * Its first statements go out together with its settings, and what they answer counts when the settings hold: a round trip
   * less. For a session that only reads; one that shows a pass of the run lock waits all the same.
   */
  readonly asksAtOnce?: boolean;
  /** Ends the connection when aborted; what was running fails. */
  readonly signal?: AbortSignal | undefined;
}

/** Logs in through a stream that the side's host forwards. @throws DATABASE_UNREACHABLE with what to do */
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

/** Of what is settled when a login is made. */
const kindOf = ({ multipleStatements = false, silenceSeconds }: ConnectionOptions): string =>
  JSON.stringify([multipleStatements, silenceSeconds]);

async function enter(
  host: ReadingHost,
  access: DatabaseAccess,
  options: ConnectionOptions,
): Promise<SqlConnection> {
  const pass = await access.fence?.enter();
  const key = access.pool?.key(host, access, kindOf(options)) ?? '';
  try {
    const waiting = await startWaiting(await access.pool?.take(key), access, options, pass);
    const login = waiting?.login ?? (await logInWithRoom(host, access, options));
    const starting = waiting === undefined ? start(login, access, options, pass) : Promise.resolve(waiting);
    const isAhead = options.asksAtOnce === true && pass === undefined && login.session.isDirect;
    if (!isAhead) await starting;
    const problem = (cause: unknown) => connectionProblem(host, access, cause);
    const session = isAhead ? askAhead(login.session, starting, problem) : login.session;
    let isClosed = false;
    const close = async (): Promise<void> => {
      isClosed = true;
      const started = await starting.catch(() => undefined);
      started?.release();
      const pool = session.isDirect && options.endsLogin !== true ? access.pool : undefined;
      const left = (pool?.give(key, login) ?? session.close()).finally(() => pass?.leave());
      // What a session that is reset still holds is gone before its login, or its pass, is another one's.
      if (pool === undefined) await left;
    };
    const resetSettings = async () =>
      void (await session.execute(...sessionSettings(session.isMariaDb, options)));
    return { ...whileOpen({ ...session, resetSettings }, () => isClosed), close: once(close) };
  } catch (cause) {
    pass?.leave();
    throw cause;
  }
}

/** Begins logins for as many sessions as are to come, where there is a pool; what fails shows there. Never throws. */
export function logInAhead(
  host: ReadingHost,
  access: DatabaseAccess,
  count: number,
  options: ConnectionOptions = {},
): void {
  access.pool?.logInAhead(access.pool.key(host, access, kindOf(options)), count, async () => {
    const login = await logInWatched(host, access, options);
    if (login.session.isDirect) return login;
    await login.close();
    throw new Error('sessions of this server are not kept');
  });
}

/** The account, or the server, has as many sessions as it may (max_user_connections, max_connections). */
const TOO_MANY = new Set([1040, 1203, 1226]);

/** Where the server allows no more sessions, those that only wait for others give their place. */
async function logInWithRoom(
  host: ReadingHost,
  access: DatabaseAccess,
  options: ConnectionOptions,
): Promise<PooledLogin> {
  try {
    return await logInWatched(host, access, options);
  } catch (cause) {
    if (access.pool === undefined || !TOO_MANY.has((cause as { errno?: number }).errno ?? 0)) throw cause;
    await access.pool.freeSession();
    return logInWatched(host, access, options);
  }
}

/** Opens a session, works with it, closes it whatever happens. @throws as {@link openDatabase} and `work` do */
export async function withDatabase<Result>(
  host: ReadingHost,
  access: DatabaseAccess,
  options: ConnectionOptions,
  work: (connection: SqlConnection) => Promise<Result>,
): Promise<Result> {
  const connection = await openDatabase(host, access, options);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
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
): Promise<PooledLogin> {
  const { connectSeconds = CONNECT_SECONDS, multipleStatements = false } = options;
  const { stream, connection } = await logInProtected(host, access, { connectSeconds, multipleStatements });
  const limit = endAfter(stream, connectSeconds);
  try {
    const session = watchServer(await wrapConnection(connection), stream, {
      silenceSeconds: options.silenceSeconds ?? SILENCE_SECONDS,
      isAlive: (threadId) => isSessionAlive(host, access, threadId),
    });
    // Anyone who looks for sessions at work in a site's schema does not find it there.
    const reset = async () =>
      void (await inOneGo([session.reset(), session.execute('USE information_schema')]));
    return { stream, session, isOpen: () => !stream.destroyed, reset, close: session.close };
  } catch (cause) {
    stream.destroy();
    throw cause;
  } finally {
    clearTimeout(limit);
  }
}

/** A session on a login that waited; undefined where there is none, or the server has ended it just now. */
async function startWaiting(
  taken: TakenLogin | undefined,
  access: DatabaseAccess,
  options: ConnectionOptions,
  pass: SessionPass | undefined,
): Promise<StartedLogin | undefined> {
  if (taken === undefined) return undefined;
  const [started, isReady] = await Promise.allSettled([
    start(taken.login, access, options, pass),
    taken.isReady,
  ]);
  if (isReady.status === 'fulfilled' && isReady.value) {
    if (started.status === 'fulfilled') return started.value;
    if (!isConnectionLoss(started.reason)) throw started.reason;
    return undefined;
  }
  if (started.status === 'fulfilled') started.value.release();
  taken.login.stream.destroy();
  return undefined;
}

interface StartedLogin {
  readonly login: PooledLogin;
  readonly release: () => void;
}

/** Makes a session of a login: its settings, its pass, its schema. Ends the login when that fails. */
async function start(
  login: PooledLogin,
  access: DatabaseAccess,
  options: ConnectionOptions,
  pass: SessionPass | undefined,
): Promise<StartedLogin> {
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

const CONNECT_SECONDS = 20;
const SILENCE_SECONDS = 60;

const endAfter = (stream: Duplex, seconds: number): NodeJS.Timeout =>
  setTimeout(() => stream.destroy(new Error(`no answer within ${String(seconds)} s`)), seconds * 1000);

/** Asks over a connection of its own whether a session of this account is still there. */
async function isSessionAlive(host: ReadingHost, access: DatabaseAccess, threadId: number): Promise<boolean> {
  const { stream, connection } = await logInProtected(host, access, { connectSeconds: CONNECT_SECONDS });
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
    foreignKeyChecks,
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
    // A login that waits in the pool has the same stream for its next session.
    stream.off('close', release);
  };
  signal?.addEventListener('abort', end, { once: true });
  stream.once('close', release);
  return release;
}
