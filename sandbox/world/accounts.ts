import { type MariaDbServer } from '../servers/mariadb.js';
import { sqlString } from './php.js';

export interface Account {
  readonly user: string;
  readonly password: string;
}

/** Passwords with everything that quoting has to survive. */
export const accounts = {
  production: { user: 'acme_app', password: 'Pr0d#app\'"pw$x \\é' },
  staging: { user: 'acme_staging', password: 'st4ging;#pw"\'%s' },
  shopProduction: { user: 'shop_app', password: 'sh0p-production' },
  shopStaging: { user: 'shop_staging', password: 'sh0p-staging' },
} as const;

/** An account with all rights on one schema, and nothing else: what hosting panels make. */
export async function createSchema(server: MariaDbServer, schema: string, account: Account): Promise<void> {
  await server.query(`
    CREATE DATABASE \`${schema}\` CHARACTER SET utf8mb4;
    CREATE USER '${account.user}'@'%' IDENTIFIED BY ${sqlString(account.password)};
    GRANT ALL ON \`${schema.replaceAll('_', '\\_')}\`.* TO '${account.user}'@'%';`);
}

/** The one line that lets Understudy import beside the live schema (swap mode). */
export const allowSwap = (server: MariaDbServer, schema: string, account: Account): Promise<string> =>
  server.query(
    `GRANT ALL ON \`${schema.replaceAll('_', '\\_')}\\_understudy\\_%\`.* TO '${account.user}'@'%';`,
  );
