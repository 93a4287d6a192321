import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type RunnerCall } from '../runner.js';
import { type MariaDbServer } from '../servers/mariadb.js';
import { type World } from '../world.js';
import { allowSwap, createSchema, type Account } from '../world/accounts.js';
import { phpString } from '../world/php.js';
import { writeArchitecture, type Change } from './site-file.js';

const run = promisify(execFile);

/** What staging's wp-config.php says about its database. */
export interface DatabaseWords {
  readonly server: MariaDbServer;
  readonly name: string;
  readonly account: Account;
  readonly charset?: string;
}

/** Lets a side's wp-config.php name another database; returns what puts the file back. */
export async function nameDatabase(root: string, words: DatabaseWords): Promise<() => Promise<void>> {
  const file = path.join(root, 'wp-config.php');
  const before = await readFile(file, 'utf8');
  const settings = {
    DB_NAME: words.name,
    DB_USER: words.account.user,
    DB_PASSWORD: words.account.password,
    DB_HOST: `127.0.0.1:${words.server.port}`,
    ...(words.charset === undefined ? {} : { DB_CHARSET: words.charset }),
  };
  let text = before;
  for (const [name, value] of Object.entries(settings)) {
    text = text.replace(
      new RegExp(`define\\('${name}', .*\\);`),
      () => `define('${name}', ${phpString(value)});`,
    );
  }
  await writeFile(file, text);
  return () => writeFile(file, before);
}

const STAGING_SCHEMA = 'acme_second';
const STAGING_ACCOUNT: Account = { user: 'acme_second', password: 's3cond-schema' };

/** Copies staging's database to production's server, and lets staging's wp-config.php name it. */
export async function shareServer(world: World): Promise<() => Promise<void>> {
  const { production, staging } = world;
  await createSchema(production.server, STAGING_SCHEMA, STAGING_ACCOUNT);
  await allowSwap(production.server, STAGING_SCHEMA, STAGING_ACCOUNT);
  const { stdout } = await run(
    'mariadb-dump',
    ['--no-defaults', `--socket=${staging.server.socket}`, '--hex-blob', '--skip-triggers', staging.database],
    { maxBuffer: 512_000_000 },
  );
  const owned = stdout.replaceAll(`\`${staging.account.user}\`@`, `\`${STAGING_ACCOUNT.user}\`@`);
  await production.server.query(owned, STAGING_SCHEMA);
  return nameDatabase(staging.root, {
    server: production.server,
    name: STAGING_SCHEMA,
    account: STAGING_ACCOUNT,
  });
}

/** The runner's own machine holds both sides. Its home folder is `<workspace>/home`. */
export const oneServer = (world: World, name: string, change: Change = {}): Promise<RunnerCall> =>
  writeArchitecture(world, name, {
    production: { ssh: 'local', database: null },
    ...change,
    staging: {
      ssh: 'local',
      workDir: '~/.understudy/acme-staging',
      ...(change['staging'] as Change | undefined),
    },
  });
