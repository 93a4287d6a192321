import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startPhp, type PhpServer } from '../servers/php.js';
import { type Account, allowSwap, createSchema } from '../world/accounts.js';
import { phpString, sqlString } from '../world/php.js';
import { type World } from '../world.js';
import { secretFile, writeArchitecture } from './site-file.js';
import { type RunnerCall } from '../runner.js';

/** What an application's files are made from. */
interface DatabaseValues extends Account {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

/** A kind of application that is not WordPress, in small: it really reads these files, in this order. */
export interface Layout {
  /** Below the folder of the site. */
  readonly documentRoot: string;
  /** PHP that returns `[host, port, name, user, password]`; `$root` is the folder of the site. */
  readonly readSettings: string;
  /** Files with one side's settings: path below the folder of the site → text. */
  readonly settings: (database: DatabaseValues) => Readonly<Record<string, string>>;
  /** A cache of the settings that the application makes, and that wins over them. */
  readonly cache: (database: DatabaseValues) => Readonly<Record<string, string>>;
  /** Code that both sides have. */
  readonly code?: Readonly<Record<string, string>>;
}

export const layouts: Readonly<Record<string, Layout>> = {
  laravel: {
    documentRoot: 'public',
    readSettings: `
      $cache = "$root/bootstrap/cache/config.php";
      if (!is_file($cache)) {
        foreach (file("$root/.env", FILE_IGNORE_NEW_LINES) as $line) {
          [$key, $value] = explode('=', $line, 2);
          $_ENV[$key] = stripcslashes(trim($value, '"'));
        }
      }
      $c = (is_file($cache) ? require $cache : ['database' => require "$root/config/database.php"])['database']['connections']['mysql'];
      return [$c['host'], $c['port'], $c['database'], $c['username'], $c['password']];`,
    settings: (db) => ({
      '.env': `APP_ENV=production\nDB_HOST=${db.host}\nDB_PORT=${db.port}\nDB_DATABASE=${db.name}\nDB_USERNAME=${db.user}\nDB_PASSWORD="${db.password.replace(/[\\"]/g, '\\$&')}"\n`,
    }),
    cache: (db) => ({
      'bootstrap/cache/config.php': `<?php return ['database' => ['connections' => ['mysql' => ${connection(db)}]]];\n`,
    }),
    code: {
      'config/database.php': `<?php return ['connections' => ['mysql' => ['host' => $_ENV['DB_HOST'] ?? '127.0.0.1', 'port' => $_ENV['DB_PORT'] ?? 3306, 'database' => $_ENV['DB_DATABASE'] ?? 'forge', 'username' => $_ENV['DB_USERNAME'] ?? 'forge', 'password' => $_ENV['DB_PASSWORD'] ?? '']]];\n`,
    },
  },
  symfony: {
    documentRoot: 'public',
    // What it has compiled wins: the settings are not read any more.
    readSettings: `
      $compiled = "$root/var/cache/prod/ContainerAbc/getDoctrine_Dbal_DefaultConnectionService.php";
      if (is_file($compiled)) return require $compiled;
      preg_match('/^DATABASE_URL="(.*)"$/m', file_get_contents("$root/.env.local"), $found);
      $url = parse_url($found[1]);
      return [$url['host'], $url['port'], substr($url['path'], 1), rawurldecode($url['user']), rawurldecode($url['pass'])];`,
    settings: (db) => ({
      '.env.local': `APP_ENV=prod\nDATABASE_URL="mysql://${db.user}:${encodeURIComponent(db.password)}@${db.host}:${db.port}/${db.name}?charset=utf8mb4"\n`,
    }),
    cache: (db) => ({
      'var/cache/prod/ContainerAbc/getDoctrine_Dbal_DefaultConnectionService.php': `<?php return array_values(${connection(db)});\n`,
    }),
    code: { '.env': 'APP_ENV=dev\nDATABASE_URL=\n', 'src/Kernel.php': '<?php // code\n' },
  },
  drupal: {
    documentRoot: '.',
    readSettings: `
      $cached = "$root/sites/default/files/php/settings/cached.php";
      if (is_file($cached)) return require $cached;
      require "$root/sites/default/settings.php";
      $c = $databases['default']['default'];
      return [$c['host'], $c['port'], $c['database'], $c['username'], $c['password']];`,
    settings: (db) => ({
      'sites/default/settings.php': `<?php\nif (is_file(__DIR__ . '/settings.local.php')) include __DIR__ . '/settings.local.php';\n`,
      'sites/default/settings.local.php': `<?php\n$databases['default']['default'] = ${connection(db)};\n`,
    }),
    cache: (db) => ({
      'sites/default/files/php/settings/cached.php': `<?php return array_values(${connection(db)});\n`,
    }),
  },
  magento: {
    documentRoot: 'pub',
    readSettings: `
      $cached = "$root/var/cache/mage--0/mage---settings";
      $env = is_file($cached) ? unserialize(file_get_contents($cached)) : require "$root/app/etc/env.php";
      $c = $env['db']['connection']['default'];
      return [explode(':', $c['host'])[0], explode(':', $c['host'])[1], $c['dbname'], $c['username'], $c['password']];`,
    settings: (db) => ({ 'app/etc/env.php': `<?php\nreturn ${magentoEnv(db)};\n` }),
    cache: (db) => {
      const [host, texts] = [
        `${db.host}:${db.port}`,
        (text: string) => `s:${Buffer.byteLength(text)}:"${text}";`,
      ];
      return {
        'var/cache/mage--0/mage---settings': `a:1:{s:2:"db";a:1:{s:10:"connection";a:1:{s:7:"default";a:4:{s:4:"host";${texts(host)}s:6:"dbname";${texts(db.name)}s:8:"username";${texts(db.user)}s:8:"password";${texts(db.password)}}}}}`,
      };
    },
    code: { 'app/etc/config.php': '<?php return ["modules" => []];\n' },
  },
  joomla: {
    documentRoot: '.',
    readSettings: `
      $cached = "$root/cache/com_config/settings.php";
      if (is_file($cached)) return require $cached;
      require "$root/configuration.php";
      $c = new JConfig;
      return [explode(':', $c->host)[0], explode(':', $c->host)[1], $c->db, $c->user, $c->password];`,
    settings: (db) => ({
      'configuration.php': `<?php\nclass JConfig {\n\tpublic $dbtype = 'mysqli';\n\tpublic $host = '${db.host}:${db.port}';\n\tpublic $user = ${phpString(db.user)};\n\tpublic $password = ${phpString(db.password)};\n\tpublic $db = ${phpString(db.name)};\n}\n`,
    }),
    cache: (db) => ({
      'cache/com_config/settings.php': `<?php return array_values(${connection(db)});\n`.replace(
        '<?php die?>\n',
        '',
      ),
    }),
  },
  /** Nobody's framework: settings in YAML with a URL, in a file that no list of names knows. */
  homemade: {
    documentRoot: '.',
    readSettings: `
      $file = is_file("$root/tmp/compiled.json") ? "$root/tmp/compiled.json" : "$root/inc/connection.yml";
      preg_match('~mysql://([^:]*):(.*)@([^:@]*):(\\d+)/([a-z_]*)~', str_replace('\\\\/', '/', file_get_contents($file)), $f);
      return [$f[3], $f[4], $f[5], $f[1], rawurldecode($f[2])];`,
    settings: (db) => ({
      'inc/connection.yml': `url: 'mysql://${db.user}:${partly(db.password)}@${db.host}:${db.port}/${db.name}'\n`,
    }),
    cache: (db) => ({
      'tmp/compiled.json': JSON.stringify({
        url: `mysql://${db.user}:${partly(db.password)}@${db.host}:${db.port}/${db.name}`,
      }).replaceAll('/', '\\/'),
    }),
  },
};

const connection = (db: DatabaseValues): string =>
  `['host' => ${phpString(db.host)}, 'port' => ${db.port}, 'database' => ${phpString(db.name)}, 'username' => ${phpString(db.user)}, 'password' => ${phpString(db.password)}]`;
const magentoEnv = (db: DatabaseValues): string =>
  `['db' => ['connection' => ['default' => ['host' => '${db.host}:${db.port}', 'dbname' => ${phpString(db.name)}, 'username' => ${phpString(db.user)}, 'password' => ${phpString(db.password)}]]]]`;
/** As a person encodes it who knows which characters end the password. */
const partly = (password: string): string =>
  password.replace(/[@:/#?%']/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);

interface FrameworkSide {
  readonly root: string;
  readonly url: string;
  readonly web: PhpServer;
  readonly database: DatabaseValues;
}

export interface FrameworkSite {
  readonly call: RunnerCall;
  readonly production: FrameworkSide;
  readonly staging: FrameworkSide;
  stop(): Promise<void>;
}

export interface FrameworkOptions {
  /** The site file names an account of production that can only read, not the application's own. */
  readonly dumpAccount?: boolean;
  /** Both databases have one name, and the accounts are the same. */
  readonly sameAccounts?: boolean;
}

/** Both sides of one application: production has a cache of its settings, staging its own settings and former code. */
export async function makeFrameworkSite(
  world: World,
  name: string,
  layout: Layout,
  options: FrameworkOptions = {},
): Promise<FrameworkSite> {
  const [production, staging] = await Promise.all([
    makeSide(world, name, layout, 'production', options),
    makeSide(world, name, layout, 'staging', options),
  ]);
  await write(production.root, layout.cache(production.database));
  const side = async (
    one: FrameworkSide,
    which: 'production' | 'staging',
    account: Account = one.database,
  ) => ({
    url: one.url,
    path: one.root,
    database: {
      name: one.database.name,
      user: account.user,
      password: await secretFile(world, `${name}-${which}`, account.password),
    },
    http: { resolve: `${one.web.address}:${String(one.web.port)}` },
  });
  const call = await writeArchitecture(
    world,
    name,
    {
      production: await side(
        production,
        'production',
        options.dumpAccount === true ? await dumpAccount(world, production.database) : undefined,
      ),
      staging: await side(staging, 'staging'),
      content: null,
    },
    'shop-php',
  );
  return {
    call,
    production,
    staging,
    stop: async () => {
      await Promise.all([production.web.stop(), staging.web.stop()]);
    },
  };
}

async function dumpAccount(world: World, { name }: DatabaseValues): Promise<Account> {
  const account = { user: `${name.slice(0, 20)}_dump`, password: 'only/reads1' };
  await world.production.server.query(
    `CREATE USER '${account.user}'@'%' IDENTIFIED BY ${sqlString(account.password)};
     GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON \`${name.replaceAll('_', '\\_')}\`.* TO '${account.user}'@'%'`,
  );
  return account;
}

async function makeSide(
  world: World,
  name: string,
  layout: Layout,
  which: 'production' | 'staging',
  { sameAccounts = false }: FrameworkOptions,
): Promise<FrameworkSide> {
  const isLive = which === 'production';
  const { server } = world[which];
  const root = path.join(path.dirname(world[which].root), name);
  const account =
    isLive || sameAccounts
      ? { user: `${name}_app`, password: `Pr0d/${name}@n:1%'2#` }
      : { user: `${name}_st`, password: `st4ging?${name}@x` };
  const database: DatabaseValues = {
    ...account,
    host: '127.0.0.1',
    port: server.port,
    name: `${name}_${sameAccounts ? 'shop' : which}`,
  };
  await createSchema(server, database.name, account);
  if (!isLive) await allowSwap(server, database.name, account);
  await server.query(
    `CREATE TABLE items (id int PRIMARY KEY AUTO_INCREMENT, name varchar(100)) ENGINE=InnoDB;
     INSERT INTO items (name) VALUES (${sqlString(`${which}'s first row`)}), ('second row')`,
    database.name,
  );
  await write(root, {
    ...layout.code,
    ...layout.settings(database),
    [path.join(layout.documentRoot, 'index.php')]: page(layout, isLive ? 'new code' : 'former code'),
  });
  const web = await startPhp({
    root: path.join(root, layout.documentRoot),
    address: world[which].web.address,
    settings: ['opcache.enable=0'],
  });
  return { root, url: `http://${name}.${isLive ? 'acme' : 'staging'}.test`, web, database };
}

/** Shows all rows; `?write` adds one, as a visitor's order does. */
const page = ({ readSettings, documentRoot }: Layout, version: string): string => `<?php
$root = ${documentRoot === '.' ? '__DIR__' : 'dirname(__DIR__)'};
function settings($root) {${readSettings}
}
[$host, $port, $name, $user, $password] = settings($root);
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$db = new mysqli($host, $user, $password, $name, (int) $port);
if (isset($_GET['write'])) $db->query("INSERT INTO items (name) VALUES ('written through staging')");
echo "${version} in $name: ";
foreach ($db->query('SELECT name FROM items ORDER BY id') as $row) echo $row['name'], '; ';
`;

/** Files below a folder. */
export async function write(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
}

export async function remove(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const name of Object.keys(files)) await rm(path.join(root, name));
}
