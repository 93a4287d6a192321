import { userInfo } from 'node:os';
import { type MariaDbServer } from '../../../../sandbox/servers/mariadb.js';
import { type DatabaseAccess } from '../../../src/database/connection/access.js';
import { openDatabase } from '../../../src/database/connection/open-database.js';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';
import {
  REWRITE_SESSION,
  rewriteDatabase,
  type RewriteDatabaseOptions,
  type RewriteDatabaseResult,
} from '../../../src/database/rewrite/rewrite-database.js';
import { Secret } from '../../../src/errors/index.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { createRewriter, deriveSitePairs } from '../../../src/rewrite/index.js';

export const PRODUCTION = 'https://www.acme.com';
export const STAGING = 'https://staging.acme.com';
export const pairs = deriveSitePairs(PRODUCTION, STAGING);

const host = createLocalHost('staging', 'test');

const accessTo = (server: MariaDbServer, name: string): DatabaseAccess => ({
  server: { kind: 'socket', path: server.socket },
  name,
  user: userInfo().username,
  password: new Secret(''),
  charset: 'utf8mb4',
  prefix: 'wp_',
  multisite: false,
});

export const openSession = (server: MariaDbServer, schema: string): Promise<SqlConnection> =>
  openDatabase(host, accessTo(server, schema), REWRITE_SESSION);

/** Opens sessions that tell `before` of every batch of statements, and wait for it, before they send it. */
export const openWatched =
  (
    server: MariaDbServer,
    schema: string,
    before: (statements: readonly string[], session: SqlConnection) => unknown,
  ) =>
  async (): Promise<SqlConnection> => {
    const session = await openSession(server, schema);
    return {
      ...session,
      executeAll: async (sql) => {
        await before(sql.toString().split(';\n'), session);
        return session.executeAll(sql);
      },
    };
  };

export function rewriteSchema(
  server: MariaDbServer,
  schema: string,
  overrides: Partial<RewriteDatabaseOptions> = {},
): Promise<RewriteDatabaseResult> {
  return rewriteDatabase({
    schema,
    siteCharset: 'utf8mb4',
    rewriter: createRewriter(pairs),
    rules: { prefix: 'wp_', multisite: false, skip: [] },
    open: () => openSession(server, schema),
    ...overrides,
  });
}

/** A serialized value as PHP writes it when it speaks `encoding` with the database. */
export const serialized = (url: string, extra: string, encoding: BufferEncoding = 'utf8'): Buffer => {
  const length = (text: string) => Buffer.byteLength(text, encoding);
  return Buffer.from(
    `a:2:{s:3:"url";s:${String(length(url))}:"${url}";s:1:"t";s:${String(length(extra))}:"${extra}";}`,
    encoding,
  );
};

export const hex = (bytes: Buffer | string): string => `X'${Buffer.from(bytes).toString('hex')}'`;
