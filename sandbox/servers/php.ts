import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { accepts, freePort, startServer, temporaryFolder, waitUntilReady } from './server-process.js';

export interface PhpServer {
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface PhpOptions {
  /** Document root. Paths that are no file go to its index.php, as WordPress' permalinks need it. */
  readonly root: string;
  readonly address?: string;
  readonly port?: number;
  readonly environment?: Record<string, string>;
  /** Lines for PHP's settings: `display_errors=0`. */
  readonly settings?: readonly string[];
}

/**
 * WordPress' own code is compiled once instead of for every page, which would take most of the time of a sync; a sync
 * empties this cache, so what was compiled lies in a file, too. Of what tests change, PHP keeps nothing, because it takes
 * two files that were written in the same second for one.
 */
const CACHE = [
  'opcache.enable=1',
  'opcache.revalidate_freq=0',
  'opcache.optimization_level=0',
  'opcache.file_cache_consistency_checks=0',
];
const NOT_CACHED = ['/**/wp-content/', '/**/app/', '/**/wp-config.php', '/**/.maintenance'];

/** PHP's built-in web server on loopback, with four workers: WordPress asks itself over HTTP. */
export async function startPhp(options: PhpOptions): Promise<PhpServer> {
  const address = options.address ?? '127.0.0.1';
  const port = options.port ?? (await freePort(address));
  const folder = await temporaryFolder('php');
  const logFile = path.join(folder, 'php.log');
  const notCached = path.join(folder, 'not-cached');
  await writeFile(notCached, NOT_CACHED.map((pattern) => `${pattern}\n`).join(''));
  const compiled = path.join(folder, 'compiled');
  await mkdir(compiled);
  const cache = [...CACHE, `opcache.blacklist_filename=${notCached}`, `opcache.file_cache=${compiled}`];
  const settings = [...cache, ...(options.settings ?? [])].flatMap((line) => ['-d', line]);
  const server = startServer({
    argv: ['php', ...settings, '-S', `${address}:${port}`, '-t', options.root],
    environment: { PHP_CLI_SERVER_WORKERS: '4', ...options.environment },
    logFile,
    remove: folder,
    workingFolder: options.root,
  });
  await waitUntilReady(server, 'PHP', logFile, () => accepts(address, port));
  return { address, port, stop: () => server.stop() };
}
