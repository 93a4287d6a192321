import { type SqlConnection } from '../connection/sql-connection.js';

/** What the server did while a backup was made, for whomever: others are at work on it too. */
export interface ServerCost {
  /** From the first snapshot to the last count. */
  readonly seconds: number;
  /** Read from the disk because it was not in the buffer pool, bytes; undefined: the server does not tell. */
  readonly diskBytes?: number | undefined;
  /** How often a statement of anybody had to wait for a row or a table. The dump itself locks neither against writers. */
  readonly lockWaits?: number | undefined;
  /** Longer than this nobody waited for a row: all such waits together, milliseconds. */
  readonly lockMilliseconds?: number | undefined;
  /** Pages that were brought into the buffer pool, as a part of its pages: what others find there is at most that less. */
  readonly poolShare?: number | undefined;
}

type Counters = ReadonlyMap<string, number>;

const POOL_PAGES = 'innodb_buffer_pool_pages_total';
const NAMES = [
  'innodb_data_read',
  'innodb_row_lock_waits',
  'table_locks_waited',
  'innodb_row_lock_time',
  'innodb_buffer_pool_reads',
  POOL_PAGES,
];

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
    const [diskBytes, rows, tables, lockMilliseconds, reads] = NAMES.map(grown);
    const lockWaits = rows === undefined || tables === undefined ? undefined : rows + tables;
    const pages = is.get(POOL_PAGES) ?? 0;
    const poolShare = reads === undefined || pages <= 0 ? undefined : Math.min(1, reads / pages);
    return {
      seconds,
      diskBytes,
      lockWaits,
      lockMilliseconds,
      poolShare,
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
