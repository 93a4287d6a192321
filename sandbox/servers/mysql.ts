import os from 'node:os';
import { type DebianRelease } from '../debian/release.js';
import {
  type DatabaseServer,
  type DatabaseServerOptions,
  type Engine,
  startDatabaseServer,
} from './database-server.js';

const mySql: Engine = {
  name: 'MySQL',
  server: 'mysqld',
  client: 'mysql',
  // The X protocol would take a port of its own.
  serverOptions: ['--mysqlx=OFF', '--innodb-redo-log-capacity=64M', '--secure-file-priv=NULL'],
  // The account root has no password: the server lets nobody in but from this machine.
  install: (data) => [
    'mysqld',
    '--no-defaults',
    '--initialize-insecure',
    `--user=${os.userInfo().username}`,
    `--datadir=${data}`,
    '--innodb-redo-log-capacity=64M',
  ],
};

/** Starts a MySQL of its own on loopback; the account is root without a password. */
export const startMySql = (
  options: DatabaseServerOptions & { readonly release: DebianRelease },
): Promise<DatabaseServer> => startDatabaseServer(mySql, options);
