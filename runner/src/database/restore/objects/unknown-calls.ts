import { type SqlConnection } from '../../connection/sql-connection.js';
import { isRefusal } from '../../connection/sql-error.js';
import { schemaEntries } from '../../schema/schema-lists.js';
import { tokenize } from '../../sql/sql-lexer.js';
import { serverName, type Unheld, UNKNOWN_FUNCTION } from './cannot-hold.js';

/** Views, routines, triggers and events that call functions which staging's server lacks: MD5() on MySQL 9.7. */
export async function findUnknownCalls(
  production: SqlConnection,
  schema: string,
  staging: SqlConnection,
): Promise<readonly Unheld[]> {
  const entries = await schemaEntries(production, schema, 'body');
  // What the schema brings itself is not there yet.
  const own = new Set(entries.filter(({ kind }) => kind === 'routine').map(({ name }) => name.toUpperCase()));
  const known = new Map<string, boolean>();
  const isLost = async (name: string): Promise<boolean> => {
    const answer =
      known.get(name) ?? (!own.has(name) && !(await knows(staging, name)) && (await knows(production, name)));
    known.set(name, answer);
    return answer;
  };
  const found: Unheld[] = [];
  // Not packages: what they call may be their own.
  for (const { kind, name, about: body } of entries.filter(({ isPackage }) => !isPackage))
    for (const call of callsIn(body))
      if (await isLost(call)) found.push(lostCall(`${kind} ${name}`, call, kind === 'view', staging));
  return found;
}

const lostCall = (place: string, call: string, isView: boolean, staging: SqlConnection): Unheld => {
  const server = serverName({ isMariaDb: staging.isMariaDb, version: staging.serverVersion });
  return {
    // A server looks for the functions of a view when it is made, for those of the others when they run.
    severity: isView ? 'error' : 'warning',
    place,
    why: `${server} has no function ${call}()${isView ? '' : ', so what calls it fails'}`,
    next: 'Use a function on production that both servers have, or the same server on staging.',
  };
};

/** Names in upper case that stand before a parenthesis without a schema before them. Pure. */
export function callsIn(body: string): ReadonlySet<string> {
  const tokens = tokenize(body);
  const calls = tokens.filter(
    ({ kind }, index) =>
      kind === 'word' && tokens[index + 1]?.text === '(' && tokens[index - 1]?.text !== '.',
  );
  return new Set(calls.map(({ value }) => value).filter((name) => /^[A-Z_]\w*$/.test(name)));
}

async function knows(connection: SqlConnection, name: string): Promise<boolean> {
  try {
    await connection.execute(`PREPARE understudy_call FROM 'SELECT ${name}()'`);
    await connection.execute('DEALLOCATE PREPARE understudy_call');
    return true;
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    // Another error: the server knows it and wants arguments, or it is no function at all.
    return ![...UNKNOWN_FUNCTION, NOT_ALLOWED].includes(cause.errno);
  }
}

/** No right to execute it (1370): a stored function, if there is one at all, and none of the server's own. */
const NOT_ALLOWED = 1370;
