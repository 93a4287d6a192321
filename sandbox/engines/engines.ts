import { debianRelease, type ReleaseName } from '../debian/release.js';
import { type DatabaseServer } from '../servers/database-server.js';
import { startMariaDb } from '../servers/mariadb.js';
import { startMySql } from '../servers/mysql.js';

/** The database servers of the matrix. MySQL is the one that Debian's sid has today. */
const engines = {
  mysql: { vendor: 'mysql', release: 'sid' },
  'mariadb-10.5': { vendor: 'mariadb', release: 'bullseye' },
  'mariadb-10.11': { vendor: 'mariadb', release: undefined },
  'mariadb-11.8': { vendor: 'mariadb', release: 'trixie' },
} as const satisfies Record<string, { vendor: Vendor; release: ReleaseName | undefined }>;
export type EngineName = keyof typeof engines;
export type Vendor = 'mariadb' | 'mysql';
export const engineNames = Object.keys(engines) as EngineName[];
export const vendorOf = (engine: EngineName): Vendor => engines[engine].vendor;

export interface EngineServer extends DatabaseServer {
  readonly engine: EngineName;
  readonly vendor: Vendor;
  /** `10.11.6-MariaDB-0+deb12u1`: as it says itself. */
  readonly version: string;
}

/** Triggers and functions may be made by accounts without SUPER; a commit does not wait for the disk. */
const NOT_ASKED_HERE = [
  '--log-bin-trust-function-creators=ON',
  '--innodb-flush-log-at-trx-commit=2',
  '--sync-binlog=0',
];

/** Starts one, with the settings that its vendor ships, but for what the matrix is not about. */
export async function startEngine(
  engine: EngineName,
  folder: string,
  config: readonly string[] = [],
): Promise<EngineServer> {
  const { vendor, release: name } = engines[engine];
  const options = { folder, config: [...NOT_ASKED_HERE, ...config] };
  const release = name === undefined ? undefined : await debianRelease(name);
  const start = vendor === 'mysql' && release !== undefined ? startMySql({ ...options, release }) : undefined;
  const server = await (start ?? startMariaDb({ ...options, ...(release === undefined ? {} : { release }) }));
  const version = (await server.query('SELECT VERSION()')).trim();
  return { ...server, engine, vendor, version };
}
