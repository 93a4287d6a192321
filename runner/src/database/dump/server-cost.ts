import { type SqlConnection } from '../connection/sql-connection.js';

/** What the server did while a backup was made, for whomever: others are at work on it too. */
export interface ServerCost {
  /** From the first snapshot to the last count. */
  readonly seconds: number;
  /** Read from the disk because it was not in the buffer pool, bytes; undefined: the server does not tell. */
  readonly diskBytes?: number;
  /** How often a statement of anybody had to wait for a row or a table. The dump itself locks neither against writers. */
  readonly lockWaits?: number;
}

type Counters = ReadonlyMap<string, number>;

const NAMES = ['innodb_data_read', 'innodb_row_lock_waits', 'table_locks_waited'];

/** Starts to measure. Never throws: a server that keeps its counters to itself is measured by the clock alone. */
export function measureServer(connection: SqlConnection): (later: SqlConnection) => Promise<ServerCost> {
  const started = performance.now();
  const before = countersOf(connection);
  return async (later) => {
    const [was, is] = await Promise.all([before, countersOf(later)]);
    const seconds = (performance.now() - started) / 1000;
    const grown = (name: string): number | undefined => {
      const [from, to] = [was.get(name), is.get(name)];
      return from === undefined || to === undefined || to < from ? undefined : to - from;
    };
    const [diskBytes, rows, tables] = NAMES.map(grown);
    const lockWaits = rows === undefined || tables === undefined ? undefined : rows + tables;
    return {
      seconds,
      ...(diskBytes === undefined ? {} : { diskBytes }),
      ...(lockWaits === undefined ? {} : { lockWaits }),
    };
  };
}

async function countersOf(connection: SqlConnection): Promise<Counters> {
  const marks = NAMES.map(() => '?').join(', ');
  const rows = await connection
    .query(`SHOW GLOBAL STATUS WHERE Variable_name IN (${marks})`, NAMES)
    .catch(() => []);
  return new Map(rows.map((row) => [String(row['Variable_name']).toLowerCase(), Number(row['Value'])]));
}
