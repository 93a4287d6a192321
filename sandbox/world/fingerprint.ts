import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type WordPressSide } from '../world.js';

const run = promisify(execFile);

/** Changes by itself: an event counts the seconds there. */
const unstable = ['wp_acme_counters'];

/** Everything below a folder: type, mode, size, time of change and content's digest of every file. */
export async function filesFingerprint(folder: string): Promise<string> {
  const script =
    'cd "$1" || exit 1; find . -printf "%y %m %s %T@ %p -> %l\\n" | LC_ALL=C sort; ' +
    'find . -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha1sum';
  const { stdout } = await run('sh', ['-c', script, 'sh', folder], { maxBuffer: 256_000_000 });
  return stdout;
}

/** Schemas, accounts' rights, objects and the checksum of every table, row by row. */
export async function databaseFingerprint(side: Pick<WordPressSide, 'server' | 'database'>): Promise<string> {
  const { server, database } = side;
  const names = await server.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY 1",
    database,
  );
  const tables = names.split('\n').filter((name) => name !== '' && !unstable.includes(name));
  const quoted = tables.map((name) => `\`${name.replaceAll('`', '``')}\``);
  return [
    await server.query('SHOW DATABASES'),
    await server.query('SELECT user, host, authentication_string FROM mysql.user ORDER BY 1, 2'),
    await server.query('SELECT * FROM mysql.db ORDER BY 1, 2, 3'),
    await server.query(
      `SELECT 'view', table_name FROM information_schema.views WHERE table_schema = DATABASE()
       UNION SELECT 'trigger', trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()
       UNION SELECT 'routine', routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()
       UNION SELECT 'event', CONCAT(event_name, ' ', status) FROM information_schema.events WHERE event_schema = DATABASE()
       ORDER BY 1, 2`,
      database,
    ),
    await server.query(`CHECKSUM TABLE ${quoted.join(', ')}`, database),
  ].join('---\n');
}
