import { expect, test } from '@jest/globals';
import { type DatabaseAccess } from '../../../src/database/connection/access.js';
import {
  combineCapabilities,
  type ServerCapabilities,
} from '../../../src/database/restore/table-capabilities.js';

const columns = {
  generated: new Set(['doubled']),
  utf8: new Set(['posts', 'doubled']),
  plain: new Set(['posts', 'log', 'with (', 'archive', 'absent']),
  counted: new Set(['posts']),
  parsed: new Set(['visitors']),
  enums: new Map([['log', { enums: ['level'], others: ['id'] }]]),
};
const server: ServerCapabilities = {
  isMariaDb: true,
  takesBytes: true,
  takesFiles: true,
  holdsCounters: true,
};
const socket: Pick<DatabaseAccess, 'server' | 'container'> = {
  server: { kind: 'socket', path: '/run/mysqld.sock' },
};
const at = (host: string): typeof socket => ({ server: { kind: 'tcp', host, port: 3306 } });
const table = (name: string, engine = 'InnoDB') => ({ name, engine, rows: 1, rawBytes: 1 });
const tables = [
  table('posts'),
  table('log', 'MyISAM'),
  table('with ('),
  table('archive', 'ARCHIVE'),
  table('doubled'),
];
const source = { dumpTool: 'mariadb-dump from 10.11.6-MariaDB' };
const bytes = { textAs: 'bytes' as const, tables, source };

test('what is loaded: plain tables of known engines whose name has no parenthesis', () =>
  expect(combineCapabilities(columns, server, socket, bytes)).toEqual({
    isMariaDb: true,
    generated: new Set(['doubled']),
    indirect: new Set(['visitors']),
    enums: new Map([['log', { enums: ['level'], others: ['id'] }]]),
    asBytes: new Set(['posts', 'doubled']),
    loadable: new Set(['posts', 'log']),
    oneAtATime: new Set(['posts']),
  }));

test.each<[string, boolean, Partial<ServerCapabilities>, typeof socket, 'bytes' | 'utf8']>([
  ['a socket', true, {}, socket, 'bytes'],
  ['loopback', true, {}, at('127.0.0.1'), 'bytes'],
  ['another host', false, {}, at('db.example.com'), 'bytes'],
  ['a container', false, {}, { ...socket, container: 'db' }, 'bytes'],
  ['a dump in UTF-8', false, {}, socket, 'utf8'],
  ['a server that takes no files', false, { takesFiles: false }, socket, 'bytes'],
])('LOAD DATA with %s: %s', (_case, loads, changes, account, textAs) =>
  expect(
    combineCapabilities(columns, { ...server, ...changes }, account, { textAs, tables, source }).loadable
      .size > 0,
  ).toBe(loads),
);

test('a server that takes no bytes for text, and one that lets go of a counter at once', () => {
  expect(combineCapabilities(columns, { ...server, takesBytes: false }, socket, bytes).asBytes.size).toBe(0);
  expect(
    combineCapabilities(columns, { ...server, holdsCounters: false }, socket, bytes).oneAtATime.size,
  ).toBe(0);
});

test('whose rows go into a table beside first', () => {
  const mysql = { ...server, isMariaDb: false };
  const other = { ...bytes, textAs: 'utf8' as const };
  expect(combineCapabilities(columns, server, socket, other).indirect).toEqual(new Set());
  expect(combineCapabilities(columns, mysql, socket, bytes).indirect).toEqual(
    new Set(['doubled', 'visitors']),
  );
  expect(combineCapabilities(columns, mysql, socket, other).indirect).toEqual(new Set(['doubled']));
  expect(
    combineCapabilities(columns, mysql, socket, { ...other, source: { dumpTool: 'mysqldump  Ver 9.7.4' } })
      .indirect,
  ).toEqual(new Set());
});
