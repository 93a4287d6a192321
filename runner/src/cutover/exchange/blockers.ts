import { type SqlConnection, type SqlRow } from '../../database/connection/sql-connection.js';
import { type StagingDatabase } from '../../database/restore/staging-account.js';
import { SqlError } from '../../database/connection/sql-error.js';
import { UnderstudyError } from '../../errors/index.js';

/** Who may hold the tables, best source first. An account without PROCESS sees its own sessions only: mostly PHP's. */
const SOURCES: readonly string[] = [
  `SELECT DISTINCT p.id AS id, p.user AS user, p.host AS host, p.command AS command, p.time AS seconds, l.lock_type AS state
   FROM performance_schema.metadata_locks l
   JOIN performance_schema.threads t ON t.thread_id = l.owner_thread_id
   JOIN information_schema.processlist p ON p.id = t.processlist_id
   WHERE l.object_type = 'TABLE' AND l.lock_status = 'GRANTED' AND l.object_schema IN (?) AND p.id <> CONNECTION_ID()`,
  `SELECT DISTINCT p.id AS id, p.user AS user, p.host AS host, p.command AS command, p.time AS seconds, l.lock_mode AS state
   FROM information_schema.metadata_lock_info l
   JOIN information_schema.processlist p ON p.id = l.thread_id
   WHERE l.table_schema IN (?) AND l.table_name <> '' AND p.id <> CONNECTION_ID()`,
  `SELECT p.id AS id, p.user AS user, p.host AS host, p.command AS command, p.time AS seconds, 'in a transaction' AS state
   FROM information_schema.innodb_trx x
   JOIN information_schema.processlist p ON p.id = x.trx_mysql_thread_id
   WHERE (p.db IN (?) OR p.db IS NULL) AND p.id <> CONNECTION_ID() ORDER BY p.time DESC LIMIT 5`,
  `SELECT p.id AS id, p.user AS user, p.host AS host, p.command AS command, p.time AS seconds, p.state AS state
   FROM information_schema.processlist p
   WHERE p.db IN (?) AND p.id <> CONNECTION_ID() ORDER BY p.time DESC LIMIT 5`,
];

/** Lines that name the sessions in the way; one that says so when the account may not see them. */
async function findBlockers(
  context: StagingDatabase,
  connection: SqlConnection,
  schemas: readonly string[],
): Promise<readonly string[]> {
  const { fence } = await context.database.staging();
  // Ours wait for the same tables; to end one of them would end the command.
  const own = await fence?.sessions(connection).catch(() => undefined);
  for (const source of SOURCES) {
    const list = schemas.map(() => '?').join(', ');
    const found = await connection.query(source.replace('(?)', `(${list})`), schemas).catch(() => []);
    const rows = found.filter(({ id }) => own?.has(Number(id)) !== true);
    if (rows.length > 0) return rows.map(describe);
  }
  return [
    'The account may not see other sessions (PROCESS is missing), so the blocking session is not named.',
  ];
}

const describe = (row: SqlRow): string =>
  `connection ${String(row['id'])} of ${String(row['user'])}@${String(row['host'])}: ${String(row['command'])} for ` +
  `${String(row['seconds'])} s${row['state'] ? `, ${String(row['state'])}` : ''} (end it with KILL ${String(row['id'])})`;

/** How long and how often a statement waits for the tables it changes. */
export interface Patience {
  readonly seconds: number;
  readonly tries: number;
}

/** Every reader of staging queues behind a statement that waits, so it waits five times five seconds, not a day. */
export const CUTOVER_PATIENCE: Patience = { seconds: 5, tries: 5 };
/** The way back waits longer: there is nothing better to do. */
export const RETURN_PATIENCE: Patience = { seconds: 5, tries: 12 };

const LOCK_WAIT_TIMEOUT = 1205;

/** The same session with short waits for locks. @throws CUTOVER_BLOCKED (from `execute`) naming who holds the tables */
export async function withPatience(
  context: StagingDatabase,
  connection: SqlConnection,
  schemas: readonly string[],
  patience: Patience,
): Promise<SqlConnection> {
  await connection.execute('SET SESSION lock_wait_timeout = ?', [patience.seconds]);
  return {
    ...connection,
    execute: async (sql, parameters) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await connection.execute(sql, parameters);
        } catch (cause) {
          if (!(cause instanceof SqlError) || cause.errno !== LOCK_WAIT_TIMEOUT) throw cause;
          if (attempt < patience.tries) continue;
          throw new UnderstudyError(
            'CUTOVER_BLOCKED',
            `The tables of ${schemas.join(' and ')} stayed locked for ${String(patience.tries * patience.seconds)} seconds.`,
            { details: await findBlockers(context, connection, schemas), cause },
          );
        }
      }
    },
  };
}
