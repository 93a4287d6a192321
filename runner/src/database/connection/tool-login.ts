import { randomBytes } from 'node:crypto';
import { parseTry, tryProgram } from '../../commands/client-program.js';
import { importArguments, type ImportClient } from '../../commands/mysql.js';
import { clientOptionFile, isUnlimited, loginArguments } from '../../commands/mysqldump.js';
import { quoteTable } from '../../commands/quote.js';
import { type Finding } from '../../errors/index.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type DatabaseAccess } from './access.js';
import { inOneGo } from './in-one-go.js';
import { type SqlConnection } from './sql-connection.js';

/** A database program of a host, about to log in as it will for the real work. */
export interface ToolLogin {
  readonly host: ReadingHost;
  readonly access: DatabaseAccess;
  /** A connection of Understudy to the server that the settings name. */
  readonly connection: SqlConnection;
}

interface Tool {
  readonly program: string;
  readonly known: ReadonlySet<string>;
}

interface Attempt {
  readonly tool: Tool;
  readonly argv: readonly [string, ...string[]];
  /** SQL for a client. */
  readonly input: string;
  /** What the program prints for the server that we are connected to. */
  readonly pattern: string;
}

/**
 * The dump program logs in and reads one row, if the lock of our connection is held on its server too.
 * @param looking the program, which may still be looked for; none: nothing is tried
 */
export async function tryDumpProgram(
  login: ToolLogin,
  looking: Tool | Promise<Tool | undefined>,
): Promise<readonly Finding[]> {
  const { connection, host, access } = login;
  // Asked while the program is looked for.
  const smallest = smallestTableWithRows(connection, access.name);
  smallest.catch(() => undefined);
  const read = (condition: string) =>
    attempt(login, async (sameServer) => {
      const tool = await looking;
      if (tool === undefined) return undefined;
      const table = await smallest;
      return {
        tool,
        argv: loginArguments({
          ...tool,
          schema: access.name,
          table,
          where: `${sameServer}${condition} LIMIT 1`,
        }),
        input: '',
        pattern: table === undefined ? '^-- Dump completed' : '^INSERT ',
      };
    });
  const findings = await read(` AND ${isUnlimited(connection.isMariaDb)}`);
  if (findings.length === 0) return [];
  // The program may not get as far as to a row.
  const isLimited = findings.some(({ message }) => /MAX_JOIN_SIZE/i.test(message));
  if (!isLimited && (await read('')).length > 0) return findings;
  return [
    {
      severity: 'error',
      code: 'DUMP_LIMITED',
      message: `The server limits what ${(await looking)?.program ?? ''} gets as ${access.user}: sql_select_limit, max_join_size, sql_big_selects or a time limit for statements, set globally or by init_connect.`,
      host: host.label,
    },
  ];
}

/** The same for the client that imports, which may still be looked for. None: nothing is tried. */
export const tryImportClient = (
  login: ToolLogin,
  looking: ImportClient | Promise<ImportClient | undefined>,
): Promise<readonly Finding[]> =>
  attempt(login, async (sameServer) => {
    const client = await looking;
    return client === undefined
      ? undefined
      : {
          tool: client,
          argv: importArguments(client, login.access.name),
          input: `SELECT IF(${sameServer}, 'same', 'other');\n`,
          pattern: '^same$',
        };
  });

async function attempt(
  { host, access, connection }: ToolLogin,
  build: (sameServer: string) => Promise<Attempt | undefined>,
): Promise<readonly Finding[]> {
  const lock = `understudy-${randomBytes(12).toString('hex')}`;
  const [[taken], built] = await inOneGo([
    connection.query('SELECT GET_LOCK(?, 0) AS taken', [lock]),
    sameServer(connection, lock).then(build),
  ]);
  if (built === undefined) return [];
  const { tool, argv, input, pattern } = built;
  const { program } = tool;
  const { stdout, stderr } = await host.run(tryProgram(argv, { pattern, container: access.container }), {
    stdin: `${clientOptionFile({ ...access, password: access.password.reveal() }, tool.known)}\n${input}`,
    allowedExitCodes: 'any',
    label: `log in with ${program}`,
  });
  // Not waited for: nobody else knows the lock's name, and it ends with the session in any case.
  void connection.query('SELECT RELEASE_LOCK(?) AS released', [lock]).catch(() => undefined);
  const { code, lines } = parseTry(stdout.toString());
  if (code !== 0)
    return [
      {
        severity: 'error',
        code: 'DATABASE_TOOL_LOGIN',
        message: `${program} cannot log in as ${access.user}: ${lastLine(stderr)}`,
        host: host.label,
      },
    ];
  if (Number(taken?.['taken']) === 1 && lines === 1) return [];
  return [
    {
      severity: 'error',
      code: 'DATABASE_TOOL_ELSEWHERE',
      message: `${program} reaches another server than the one that the settings name (${connection.serverVersion}).`,
      host: host.label,
    },
  ];
}

/** SQL that is true on the server of this connection alone; the nodes of a Galera cluster count as one server. */
async function sameServer(connection: SqlConnection, lock: string): Promise<string> {
  const locked = `IS_USED_LOCK('${lock}') IS NOT NULL`;
  const [cluster] = await connection.query("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_state_uuid'");
  const uuid = String(cluster?.['Value'] ?? '');
  if (!/^[0-9a-f-]{36}$/.test(uuid) || /^[0-]+$/.test(uuid)) return locked;
  const status = connection.isMariaDb
    ? 'information_schema.GLOBAL_STATUS'
    : 'performance_schema.global_status';
  return `(${locked} OR (SELECT VARIABLE_VALUE FROM ${status} WHERE VARIABLE_NAME = 'wsrep_cluster_state_uuid') = '${uuid}')`;
}

/** Undefined: no table has rows. */
async function smallestTableWithRows(connection: SqlConnection, schema: string): Promise<string | undefined> {
  const tables = await connection.query(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE'
     AND ENGINE IN ('InnoDB', 'MyISAM', 'Aria') ORDER BY DATA_LENGTH`,
    [schema],
  );
  const names = tables.map(({ name }) => String(name));
  for (let at = 0; at < names.length; at += ASKED_AT_ONCE) {
    const some = names.slice(at, at + ASKED_AT_ONCE);
    const parts = some.map(
      (name, index) => `(SELECT ${String(index)} AS place FROM ${quoteTable(schema, name)} LIMIT 1)`,
    );
    const found = (await connection.query(parts.join(' UNION ALL '))).map(({ place }) => Number(place));
    if (found.length > 0) return some[Math.min(...found)];
  }
  return undefined;
}

/** Tables in one question. */
const ASKED_AT_ONCE = 50;

const lastLine = (text: string): string =>
  text
    .trim()
    .split('\n')
    .filter((line) => !/warning/i.test(line))
    .at(-1)
    ?.replace(/^[\w-]+: (Got error: )?/, '') ?? '(it printed nothing)';
