import { randomBytes } from 'node:crypto';
import { readCommand, shellScript, writeCommand } from '../../commands/command.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { type ServerAddress } from '../../config/site.js';
import { type DatabaseAccess } from '../../database/connection/access.js';
import { readGrants } from '../../database/schema/grants.js';
import { withDatabase } from '../../database/connection/open-database.js';
import { decideMode, grantLine } from '../../database/restore/survey-staging.js';
import { Secret, UnderstudyError } from '../../errors/index.js';
import { type WritingHost } from '../../hosts/host.js';

/** 24 random bytes: letters, digits, `-` and `_`. */
export const newPassword = (): Secret => new Secret(randomBytes(24).toString('base64url'));

export interface DatabaseState {
  /** `silent`: no server answers. */
  readonly state: 'ready' | 'missing' | 'silent';
  readonly sentence: string;
}

/** Logs in as the site will, and looks what it may do. Reads only. */
export async function lookAtDatabase(host: WritingHost, access: DatabaseAccess): Promise<DatabaseState> {
  try {
    return await withDatabase(
      host,
      access,
      { database: null },
      async (connection): Promise<DatabaseState> => {
        const [row] = await connection.query(
          'SELECT CURRENT_USER() AS account, (SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?) AS present',
          [access.name],
        );
        const account = String(row?.['account']);
        const decision = decideMode('auto', access.name, await readGrants(connection), account);
        if (Number(row?.['present']) === 0)
          return { state: 'missing', sentence: `the server has no database ${access.name}` };
        if (decision.missing.length > 0)
          return { state: 'missing', sentence: `${account} lacks ${decision.missing.join('; ')}` };
        return decision.mode === 'swap'
          ? {
              state: 'ready',
              sentence: `${access.name}, account ${account}, may be exchanged without an outage`,
            }
          : { state: 'missing', sentence: `${account} may not work in schemas beside ${access.name}` };
      },
    );
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code !== 'DATABASE_UNREACHABLE') throw error;
    const sentence = error.message.replace(/\.$/, '');
    return { state: / does not answer: /.test(sentence) ? 'silent' : 'missing', sentence };
  }
}

/** From where the account logs in: PHP and the runner's forwarded connection, both on staging's machine. */
const accountHosts = (server: ServerAddress): readonly string[] =>
  server.kind === 'socket' || ['localhost', '127.0.0.1', '::1'].includes(server.host)
    ? ['localhost', '127.0.0.1']
    : ['%'];

const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/**
 * What makes database, account and rights; running it twice changes nothing the second time.
 * @param password a placeholder where people see it
 */
export function databaseStatements(
  { name, user, server }: DatabaseAccess,
  password: string,
): readonly string[] {
  const accounts = accountHosts(server).map((host) => ({ host, sql: `${literal(user)}@${literal(host)}` }));
  return [
    `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(name)} CHARACTER SET utf8mb4;`,
    ...accounts.map(({ sql }) => `CREATE USER IF NOT EXISTS ${sql} IDENTIFIED BY ${literal(password)};`),
    ...accounts.flatMap(({ host }) => grantLine(name, `${user}@${host}`, true).split('; ').map(ended)),
  ];
}

const ended = (statement: string): string => (statement.endsWith(';') ? statement : `${statement};`);

/** An administrator of the server by its socket: as root, or by sudo without a password. Prints the words that work. */
const FIND_ADMIN = `for program in mariadb mysql; do
  command -v "$program" >/dev/null 2>&1 || continue
  for front in '' 'sudo -n'; do
    port=$($front "$program" --no-defaults --protocol=socket "$@" -u root -N -B -e 'SELECT @@port' 2>/dev/null </dev/null) || continue
    echo "$port $front $program"; exit 0
  done
done
exit 1`;

/** How the server can be administered from its machine; undefined: not by us. */
async function findAdministrator(
  host: WritingHost,
  { server }: DatabaseAccess,
): Promise<[string, ...string[]] | undefined> {
  const isLocal = server.kind === 'socket' || accountHosts(server).length > 1;
  if (!isLocal) return undefined;
  const where = server.kind === 'socket' ? [`--socket=${server.path}`] : [];
  const { code, stdout } = await host.run(shellScript('read', FIND_ADMIN, where), {
    allowedExitCodes: 'any',
    label: "look for an administrator of staging's database server",
  });
  const [port, first, ...more] = stdout.toString().trim().split(/\s+/);
  if (code !== 0 || first === undefined) return undefined;
  // Another server of the same machine must not be taken for this one.
  if (server.kind === 'tcp' && port !== String(server.port)) return undefined;
  return [first, ...more, '--no-defaults', '--protocol=socket', ...where, '-u', 'root'];
}

/**
 * Makes database and account where the account of the site file may administer the server, by its socket. A database that
 * holds tables is somebody's: no rights on it are given away.
 * @returns why it could not be done; undefined: it is done
 */
export async function makeDatabase(host: WritingHost, access: DatabaseAccess): Promise<string | undefined> {
  const words = await findAdministrator(host, access);
  if (words === undefined) return 'the account of the site file may not administer the server';
  const count = `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ${literal(access.name)}`;
  const asked = await host.run(readCommand(...words, '-N', '-B', '-e', count), {
    label: 'look into the database',
  });
  if (asked.stdout.toString().trim() !== '0')
    return `${access.name} holds tables already; anyone who knows whose they are must give the rights`;
  await host.run(writeCommand(...words), {
    stdin: `${databaseStatements(access, access.password.reveal()).join('\n')}\n`,
    label: 'make the database and the account of staging',
  });
  return undefined;
}
