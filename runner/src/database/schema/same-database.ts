import { randomBytes } from 'node:crypto';
import { type Site } from '../../config/site.js';
import { type Finding, UnderstudyError, messageOf } from '../../errors/index.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';

/** What one side says about itself; compared as additional evidence that two servers are one. */
interface ServerIdentity {
  /** Lower case, as the server stores it; undefined: the connection has no default schema. */
  readonly schema: string | undefined;
  readonly identity: readonly string[];
  /** Where and since when the process runs. */
  readonly process: ServerProcess;
}

interface ServerProcess {
  /** Host name, port and data folder. */
  readonly place: string;
  readonly uptime: number;
}

/**
 * The same-target check for databases: a named lock taken on staging's connection is looked for on production's. Named
 * locks are one per server, seen by every account, and write nothing. Both connections have their site's schema as the
 * default.
 * @throws DATABASE_IS_PRODUCTION for one schema, for one server without `staging.sharesServer`, and when a side cannot
 * answer
 */
export async function assertDifferentDatabase(
  production: SqlConnection | Promise<SqlConnection>,
  staging: SqlConnection | Promise<SqlConnection>,
  site: Site,
): Promise<readonly Finding[]> {
  const { productionIdentity, stagingIdentity, sameServer } = await askBoth(production, staging);
  const refuse = (sentence: string): never => {
    throw new UnderstudyError('DATABASE_IS_PRODUCTION', sentence);
  };
  if (productionIdentity.schema === undefined || stagingIdentity.schema === undefined)
    return refuse(`${site.name}: a side does not say which schema it uses, so they cannot be distinguished.`);
  if (!sameServer) return [];
  if (productionIdentity.schema === stagingIdentity.schema)
    return refuse(
      `${site.name}: staging and production use the same schema ${stagingIdentity.schema} on the same server.`,
    );
  if (!site.staging.sharesServer)
    return refuse(
      `${site.name}: staging's schema ${stagingIdentity.schema} and production's ${productionIdentity.schema} are on the same server.`,
    );
  return [];
}

interface BothAnswers {
  readonly productionIdentity: ServerIdentity;
  readonly stagingIdentity: ServerIdentity;
  readonly sameServer: boolean;
}

/** Staging first, which takes the lock while production may still be logged in to; production is asked when it has it. */
async function askBoth(
  production: SqlConnection | Promise<SqlConnection>,
  staging: SqlConnection | Promise<SqlConnection>,
): Promise<BothAnswers> {
  const lock = `understudy-${randomBytes(12).toString('hex')}`;
  const [there, here] = await inOneGo([
    Promise.resolve(production),
    Promise.resolve(staging).then((connection) => takeProbeLock(connection, lock)),
  ]);
  try {
    const [productionIdentity, holder] = await inOneGo([
      readServerIdentity(there),
      ask(there, `SELECT IS_USED_LOCK(?) AS answer`, [lock]),
    ]);
    if (holder !== null && typeof holder !== 'number') throw cannotTell('production does not answer');
    const { stagingIdentity } = here;
    // A lock seen is proof of one server. A lock not seen is no proof of two: the nodes of a cluster and a proxy
    // keep named locks apart, but not the server's own name, port, data folder and start.
    const sameServer = holder !== null || sharesIdentity(productionIdentity, stagingIdentity);
    return { productionIdentity, stagingIdentity, sameServer };
  } finally {
    // Not waited for: nobody else knows the lock's name, and it ends with the session in any case.
    void ask(here.connection, `SELECT RELEASE_LOCK(?) AS answer`, [lock]).catch(() => undefined);
  }
}

async function takeProbeLock(
  connection: SqlConnection,
  lock: string,
): Promise<Pick<BothAnswers, 'stagingIdentity'> & { readonly connection: SqlConnection }> {
  const [stagingIdentity, taken] = await inOneGo([
    readServerIdentity(connection),
    ask(connection, `SELECT GET_LOCK(?, 0) AS answer`, [lock]),
  ]);
  if (taken !== 1) throw cannotTell('staging does not give a named lock');
  return { connection, stagingIdentity };
}

async function ask(connection: SqlConnection, sql: string, parameters: readonly string[]): Promise<unknown> {
  try {
    const [row] = await connection.query(sql, parameters);
    if (row === undefined) throw new Error('no row');
    return row['answer'] === null ? null : Number(row['answer']);
  } catch (cause) {
    throw cannotTell(messageOf(cause), cause);
  }
}

const cannotTell = (why: string, cause?: unknown): UnderstudyError =>
  cause instanceof UnderstudyError
    ? cause
    : new UnderstudyError(
        'DATABASE_IS_PRODUCTION',
        `Could not determine whether staging and production are the same database server: ${why}.`,
        { cause },
      );

/** MariaDB's server_uid is not among them: containers on two hosts often have the same. */
const IDENTITY_VARIABLES = ['server_uuid', 'wsrep_cluster_state_uuid'];
const NO_IDENTITY = /^(0+(-0+)*)?$/;

async function readServerIdentity(connection: SqlConnection): Promise<ServerIdentity> {
  try {
    const [[row], variables, cluster, [place], [uptime]] = await inOneGo([
      connection.query(`SELECT LOWER(DATABASE()) AS name`),
      connection.query(`SHOW GLOBAL VARIABLES LIKE 'server_uuid'`),
      connection.query(`SHOW GLOBAL STATUS LIKE 'wsrep_cluster_state_uuid'`),
      connection.query('SELECT @@hostname AS host, @@port AS port, @@datadir AS folder'),
      connection.query(`SHOW GLOBAL STATUS LIKE 'Uptime'`),
    ]);
    const identity = [...variables, ...cluster]
      .map((each) => [String(each['Variable_name']).toLowerCase(), String(each['Value'])] as const)
      .filter(([name, value]) => IDENTITY_VARIABLES.includes(name) && !NO_IDENTITY.test(value))
      .map(([name, value]) => `${name}=${value}`);
    return {
      schema: typeof row?.['name'] === 'string' ? row['name'] : undefined,
      identity,
      process: { place: JSON.stringify(place), uptime: Number(uptime?.['Value']) },
    };
  } catch (cause) {
    throw cannotTell(messageOf(cause), cause);
  }
}

/** A cloned machine has its origin's server_uuid: then another place or start of the process proves two servers. */
function sharesIdentity(a: ServerIdentity, b: ServerIdentity): boolean {
  const shared = a.identity.filter((each) => b.identity.includes(each));
  if (shared.length === 0) return false;
  const isCloned =
    shared.every((each) => each.startsWith('server_uuid=')) &&
    (a.process.place !== b.process.place || Math.abs(a.process.uptime - b.process.uptime) > CLOCK_SECONDS);
  return !isCloned;
}

/** Both are asked at about the same time, over connections of different speed. */
const CLOCK_SECONDS = 30;
