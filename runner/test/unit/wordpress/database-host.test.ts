import { expect, test } from '@jest/globals';
import { parseDatabaseHost } from '../../../src/wordpress/settings/database-host.js';

const SOCKETS = ['/run/mysqld/mysqld.sock', '/tmp/mysql.sock'];
const socket = (path: string): object => ({ kind: 'socket', path });
const tcp = (host: string, port = 3306): object => ({ kind: 'tcp', host, port });

const cases: readonly (readonly [string, object])[] = [
  ['db.acme.net', tcp('db.acme.net')],
  ['db.acme.net:3307', tcp('db.acme.net', 3307)],
  ['p:db.acme.net:3307', tcp('db.acme.net', 3307)],
  ['127.0.0.1', tcp('127.0.0.1')],
  ['[::1]:3307', tcp('::1', 3307)],
  ['[::1]', tcp('::1')],
  ['::1', tcp('::1')],
  ['2001:db8::5', tcp('2001:db8::5')],
  ['localhost', socket('/run/mysqld/mysqld.sock')],
  ['LOCALHOST', socket('/run/mysqld/mysqld.sock')],
  ['localhost:3307', socket('/run/mysqld/mysqld.sock')],
  ['p:localhost', socket('/run/mysqld/mysqld.sock')],
  ['', socket('/run/mysqld/mysqld.sock')],
  ['localhost:/path.sock', socket('/path.sock')],
  [':/path.sock', socket('/path.sock')],
  ['/path.sock', socket('/path.sock')],
  ['db:/x/y.sock', socket('/x/y.sock')],
];
test.each(cases)('%j', (text, expected) => {
  expect(parseDatabaseHost(text, SOCKETS)).toEqual(expected);
});
test('localhost without any socket is a port', () => {
  expect(parseDatabaseHost('localhost')).toEqual(tcp('127.0.0.1'));
  expect(parseDatabaseHost('localhost:3307')).toEqual(tcp('127.0.0.1', 3307));
});
