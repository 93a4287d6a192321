import { expect, test } from '@jest/globals';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';
import { measureServer } from '../../../src/database/dump/server-cost.js';

const server = (read: number, rows: number, tables: number): SqlConnection =>
  ({
    query: () =>
      Promise.resolve([
        { Variable_name: 'Innodb_data_read', Value: String(read) },
        { Variable_name: 'Innodb_row_lock_waits', Value: String(rows) },
        { Variable_name: 'Table_locks_waited', Value: String(tables) },
      ]),
  }) as unknown as SqlConnection;
const silent = { query: () => Promise.reject(new Error('denied')) } as unknown as SqlConnection;
const seconds = expect.any(Number);

test('what has grown meanwhile is what it cost', async () => {
  const cost = await measureServer(server(1000, 5, 2))(server(9000, 6, 4));
  expect(cost).toEqual({ seconds, diskBytes: 8000, lockWaits: 3 });
});

test('locks and the buffer pool: what all waits took together, and which part of the pool came from the disk', async () => {
  const counted = (milliseconds: number, reads: number): SqlConnection =>
    ({
      query: () =>
        Promise.resolve([
          { Variable_name: 'Innodb_row_lock_time', Value: String(milliseconds) },
          { Variable_name: 'Innodb_buffer_pool_reads', Value: String(reads) },
          { Variable_name: 'Innodb_buffer_pool_pages_total', Value: '8000' },
        ]),
    }) as unknown as SqlConnection;
  const cost = await measureServer(counted(40, 100))(counted(90, 500));
  expect(cost).toEqual({ seconds, lockMilliseconds: 50, poolShare: 0.05 });
  expect((await measureServer(counted(0, 0))(counted(0, 90_000))).poolShare).toBe(1);
});

test('a server that was restarted meanwhile, or tells nothing, is measured by the clock alone', async () => {
  expect(await measureServer(server(9000, 6, 4))(server(100, 0, 0))).toEqual({ seconds });
  expect(await measureServer(silent)(server(100, 0, 0))).toEqual({ seconds });
  expect(await measureServer(server(100, 0, 0))(silent)).toEqual({ seconds });
});
