import { type Duplex } from 'node:stream';
import { isIP } from 'node:net';
import mysql, { authPlugins, type Connection, type SslOptions } from 'mysql2';
import { openStreamInContainer } from '../../hosts/docker-host.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type DatabaseAccess } from './access.js';
import { connectionProblem } from './connection-problems.js';

export interface LoginOptions {
  /** Seconds for connecting and logging in. */
  readonly connectSeconds: number;
  /** Lets one text hold multiple statements. */
  readonly multipleStatements?: boolean;
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
