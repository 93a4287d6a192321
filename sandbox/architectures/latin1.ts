import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type World, type WordPressSide } from '../world.js';
import { allowSwap, createSchema, type Account } from '../world/accounts.js';
import { nameDatabase } from './one-server.js';

const run = promisify(execFile);

const TABLES = [
  ...['wp_options', 'wp_posts', 'wp_postmeta', 'wp_users', 'wp_usermeta', 'wp_comments', 'wp_commentmeta'],
  ...['wp_terms', 'wp_termmeta', 'wp_term_taxonomy', 'wp_term_relationships', 'wp_links'],
];

/**
 * Gives a side the database of a site that is older than WordPress 4.2 and never was converted: latin1 columns that
 * hold UTF-8 bytes, and DB_CHARSET latin1, so that PHP gets them back as it wrote them.
 */
async function makeLatin1(side: WordPressSide, name: string, account: Account): Promise<void> {
  const { server } = side;
  await createSchema(server, name, account);
  await server.query(`ALTER DATABASE \`${name}\` CHARACTER SET latin1`);
  await allowSwap(server, name, account);
  const { stdout } = await run(
    'mariadb-dump',
    [
      ...['--no-defaults', `--socket=${server.socket}`, '--skip-triggers', '--skip-set-charset'],
      ...['--default-character-set=utf8mb4', side.database, ...TABLES],
    ],
    { maxBuffer: 512_000_000 },
  );
  const tables = stdout
    .replaceAll(/ CHARACTER SET \w+(?= )/g, '')
    .replaceAll(/ COLLATE[= ]\w+/g, '')
    .replaceAll(/CHARSET=utf8\w*/g, 'CHARSET=latin1');
  // The bytes of the dump are UTF-8; the server takes each of them for one latin1 character.
  await server.query(`SET NAMES latin1;\n${tables}`, name);
  await nameDatabase(side.root, { server, name, account, charset: 'latin1' });
}

export async function makeWorldLatin1(world: World): Promise<{ production: string; staging: string }> {
  await makeLatin1(world.production, 'old_production', { user: 'old_app', password: 'old-production' });
  await makeLatin1(world.staging, 'old_staging', { user: 'old_staging', password: 'old-staging' });
  return { production: 'old_production', staging: 'old_staging' };
}
