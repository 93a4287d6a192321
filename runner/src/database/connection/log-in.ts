import mysql, { authPlugins, type Connection, type SslOptions } from 'mysql2';
import { type Duplex } from 'node:stream';
import { isIP } from 'node:net';
import { openStreamInContainer } from '../../hosts/docker-host.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type DatabaseAccess } from './access.js';
import { UnderstudyError } from '../../errors/index.js';

export interface LoginOptions {
  readonly connectSeconds: number;
  /** Lets one text hold multiple statements. */
  readonly multipleStatements?: boolean;
}

async function openServerStream(host: ReadingHost, access: DatabaseAccess): Promise<Duplex> {
  try {
    // The client programs run in that container, so the address means there what it means to them.
    const stream = await (access.container === undefined
      ? ((await access.pool?.takeStream(host, access.server)) ?? host.openStream(access.server))
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

interface LoggedIn {
  readonly stream: Duplex;
  readonly connection: Connection;
}

/**
 * Over a socket without TLS. Over TCP with TLS that is verified, where the site file names an authority; else without,
 * as WordPress does it, and only where a server on its host's own loopback insists on TLS, with TLS unverified.
 */
export async function logInProtected(
  host: ReadingHost,
  access: DatabaseAccess,
  options: LoginOptions,
): Promise<LoggedIn> {
  const enterWith = async (ssl?: SslOptions): Promise<LoggedIn> => {
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
  options: LoginOptions,
  ssl: SslOptions | undefined,
): Promise<Connection> {
  const { server } = access;
  const connection = mysql.createConnection({
    stream,
    user: access.user,
    password: access.password.reveal(),
    // How wrapConnection sends text rests on it.
    charset: 'BINARY',
    connectTimeout: options.connectSeconds * 1000,
    supportBigNumbers: true,
    dateStrings: true,
    jsonStrings: true,
    multipleStatements: options.multipleStatements === true,
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

const serverName = (access: DatabaseAccess): string =>
  access.server.kind === 'tcp'
    ? `${access.server.host}:${String(access.server.port)}`
    : `socket ${access.server.path}`;

/** What the server's refusals at login mean, by error number: the sentence and what to do. */
const refusals: Readonly<
  Record<number, (access: DatabaseAccess, text: string) => { sentence: string; next: string }>
> = {
  1040: (access) => ({
    sentence: `The server at ${serverName(access)} has no connection left.`,
    next: 'Wait, or raise max_connections on the server.',
  }),
  1044: (access) => ({
    sentence: `The account ${access.user} may not use the database ${access.name}.`,
    next: `Grant it rights on \`${access.name}\`.*, or correct the name of the database.`,
  }),
  1045: (access, text) => ({
    sentence: `The server at ${serverName(access)} refused user ${access.user}: ${text}`,
    next: "Check user and password, and from which host the account may log in (the part after the @). If it is staging's and does not exist yet: understudy prepare <site>",
  }),
  1049: (access) => ({
    sentence: `The server at ${serverName(access)} has no database ${access.name}.`,
    next: "Check the name in wp-config.php or in the site file. If it is staging's and does not exist yet: understudy prepare <site>",
  }),
  1130: (access, text) => ({
    sentence: `The server at ${serverName(access)} refuses connections from this host: ${text}`,
    next: 'Create the account for this host, or connect through the host that it allows (database.ssh).',
  }),
  3159: (access) => ({
    sentence: `The server at ${serverName(access)} requires TLS (require_secure_transport).`,
    next: 'Name the file of the authority that signed its certificate as database.ca in the site file, or give its unix socket as the server.',
  }),
};

/** Turns whatever went wrong while connecting into DATABASE_UNREACHABLE with what to do next. */
export function connectionProblem(
  host: ReadingHost,
  access: DatabaseAccess,
  cause: unknown,
): UnderstudyError {
  if (cause instanceof UnderstudyError && cause.code !== 'HOST_UNREACHABLE') return cause;
  const error = cause as { errno?: number; sqlMessage?: string; message?: string; code?: string };
  const text = error.sqlMessage ?? error.message ?? String(cause);
  const known = refusals[error.errno === 1698 ? 1045 : (error.errno ?? 0)]?.(access, text);
  if (known)
    return new UnderstudyError('DATABASE_UNREACHABLE', known.sentence, {
      host: host.label,
      next: known.next,
      cause,
    });
  return new UnderstudyError(
    'DATABASE_UNREACHABLE',
    `The database server at ${serverName(access)} does not answer: ${text}`,
    {
      host: host.label,
      next:
        access.server.kind === 'tcp'
          ? 'Check that the server runs, its address and port, and that this host may reach it.'
          : 'Check that the server runs and that the path of the socket is right.',
      cause,
    },
  );
}
