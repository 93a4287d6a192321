import { type MariaDbServer } from '../servers/mariadb.js';
import { extraObjects, extraTables } from './extra-tables.js';
import { loadRows } from './load.js';
import { Prose } from './prose.js';
import { Random } from './random.js';
import { tableRows } from './table-rows.js';
import { SiteUrls } from './urls.js';

export type Size = 'tiny' | 'small' | 'medium' | 'large' | 'huge';

/** One unit is about 30 MB as a dump. */
export const sizeUnits: Readonly<Record<Size, number>> = {
  tiny: 0.1,
  small: 1,
  medium: 10,
  large: 67,
  huge: 167,
};
export const sizeFiles: Readonly<Record<Size, number>> = {
  tiny: 300,
  small: 1500,
  medium: 5000,
  large: 20_000,
  huge: 40_000,
};

export interface DatabaseContent {
  readonly server: MariaDbServer;
  readonly database: string;
  /** Account that owns views, triggers, routines and events. */
  readonly owner: string;
  readonly url: string;
  readonly units: number;
  readonly seed: number;
  /** Folder for the load files, for a moment. */
  readonly folder: string;
}

/** Fills a freshly installed WordPress database. */
export async function generateDatabase(content: DatabaseContent): Promise<void> {
  const random = new Random(content.seed);
  const material = { random, prose: new Prose(random), urls: new SiteUrls(content.url) };
  const { server, database } = content;
  await server.query(extraTables('wp_'), database);
  const resize = content.units > 20;
  // Made once and thrown away: no reason to wait for the disk, nor to write every page twice.
  await server.query('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
  if (resize) await server.query(sizes(1 << 30, 1 << 30));
  await loadRows(server, database, tableRows(content.units, material), content.folder);
  await server.query('SET GLOBAL innodb_flush_log_at_trx_commit = DEFAULT');
  // What MariaDB begins with: the benchmarks measure on that.
  if (resize) await server.query(sizes(96 << 20, 128 << 20));
  await server.query(extraObjects('wp_', database, content.owner), database);
}

const sizes = (logFile: number, bufferPool: number): string =>
  `SET GLOBAL innodb_log_file_size = ${logFile}, innodb_buffer_pool_size = ${bufferPool}`;
