import os from 'node:os';
import {
  type DatabaseServer,
  type DatabaseServerOptions,
  type Engine,
  startDatabaseServer,
} from './database-server.js';

export type MariaDbServer = DatabaseServer;

const mariaDb: Engine = {
  name: 'MariaDB',
  server: 'mariadbd',
  client: 'mariadb',
  serverOptions: [],
  install: (data) => {
    const user = os.userInfo().username;
    return [
      'mariadb-install-db',
      '--no-defaults',
      // Only root may (and must) name the account that the server runs as.
      ...(process.getuid?.() === 0 ? [`--user=${user}`] : []),
      `--datadir=${data}`,
      '--auth-root-authentication-method=socket',
      `--auth-root-socket-user=${user}`,
      '--skip-test-db',
    ];
  },
};

/** Starts a MariaDB of its own on loopback, with the current user as root over the unix socket. */
export const startMariaDb = (options: DatabaseServerOptions = {}): Promise<MariaDbServer> =>
  startDatabaseServer(mariaDb, options);
