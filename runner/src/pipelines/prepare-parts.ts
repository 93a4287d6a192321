import { shellScript } from '../commands/command.js';
import { resolveSecret } from '../config/resolve-secret.js';
import { type DatabaseAccess } from '../database/access.js';
import { type Secret, UnderstudyError } from '../errors/index.js';
import { writeHostFile } from '../hosts/host-files.js';
import { siteLayout } from '../wordpress/site-layout.js';
import { databaseAccessOf } from '../wordpress/database-access-of.js';
import { configText, htaccessText, type NewConfig, nginxLines } from '../wordpress/prepare/config-text.js';
import { readWpConfig } from '../wordpress/read-wp-config.js';
import { type WordPressSettings } from '../wordpress/wordpress-settings.js';
import { databaseStatements, lookAtDatabase, makeDatabase, newPassword } from './prepare-database.js';
import { type Part, type PrepareContext } from './prepare-types.js';

/** How the site will reach its database; undefined: not known before there is a wp-config.php. */
export interface PreparedDatabase {
  readonly access: DatabaseAccess | undefined;
}

/**
 * Puts a file where none is. $1 file, $2 mode; stdin its text. It gets the group of its folder: on most servers the web
 * server's. Never over another one: the last step is a hard link, which fails there. Exit 17: there is one.
 */
const PUT_NEW = `[ ! -e "$1" ] && [ ! -L "$1" ] || exit 17
umask 077; t=$1.understudy.$$; trap 'rm -f -- "$t"' EXIT
cat > "$t" && chgrp "$(stat -c %g -- "\${1%/*}")" "$t" 2>/dev/null; chmod "$2" "$t" && ln -- "$t" "$1"`;

const putNew = async (
  { staging }: PrepareContext,
  file: string,
  mode: string,
  text: string,
): Promise<void> => {
  await staging.run(shellScript('write', PUT_NEW, [file, mode]), { stdin: text, describe: `write ${file}` });
};

/** A folder of the account's own group is read by a web server as everybody else. Prints `own` or `other`. $1 folder. */
const WHOSE_GROUP = `[ "$(stat -c %g -- "$1" 2>/dev/null)" = "$(id -g)" ] && echo own || echo other`;

/** wp-config.php: staging's own, or one with the settings of the site file and salts of its own. */
export async function prepareConfig(
  context: PrepareContext,
): Promise<PreparedDatabase & { readonly part: Part }> {
  const { site, staging, apply } = context;
  const name = 'wp-config.php';
  const there = await ownConfig(context);
  if (there !== undefined) {
    const access = await databaseAccessOf(site.staging, there, { name: 'staging' });
    return { access, part: { name, state: 'there', sentence: there.configFile, lines: [] } };
  }
  const access = await accessOf(context);
  const file = `${site.staging.path}/wp-config.php`;
  const problem = whyNotOurs(context);
  if (problem !== undefined)
    return {
      access: undefined,
      part: { name, state: 'open', sentence: problem.sentence, lines: problem.lines },
    };
  const sentence = `${file} with the database ${access.name}, new salts and WP_ENVIRONMENT_TYPE staging`;
  if (!apply) return { access, part: { name, state: 'would', sentence, lines: [] } };
  const { stdout } = await staging.run(shellScript('read', WHOSE_GROUP, [site.staging.path]), {
    describe: 'look at the group of the folder',
  });
  const mode = stdout.toString().trim() === 'own' ? '644' : '640';
  await putNew(context, file, mode, configText(newConfig(context, access)));
  return { access, part: { name, state: 'made', sentence, lines: [] } };
}

async function ownConfig({ site, staging }: PrepareContext): Promise<WordPressSettings | undefined> {
  try {
    return await readWpConfig(staging, site.staging);
  } catch (error) {
    const missing =
      error instanceof UnderstudyError &&
      error.code === 'WP_CONFIG_UNREADABLE' &&
      error.message.startsWith('There is no');
    if (missing) return undefined;
    throw error;
  }
}

/** What cannot be written for somebody, and what they write instead. */
function whyNotOurs({ site, production }: PrepareContext): Pick<Part, 'sentence' | 'lines'> | undefined {
  const bedrock = production.included.find((path) => path.endsWith('/config/application.php'));
  if (bedrock !== undefined)
    return {
      sentence: `production is a Bedrock project (${bedrock}): deploy it on staging as on production, then write its .env there`,
      lines: ['WP_ENV=staging', `WP_HOME=${site.staging.url}`, 'DB_NAME=…', 'DB_USER=…', 'DB_PASSWORD=…'],
    };
  if (site.staging.container !== undefined)
    return {
      sentence: `PHP runs in the container ${site.staging.container}: write wp-config.php there, with DB_HOST as that container sees the server, and`,
      lines: [
        "define( 'WP_ENVIRONMENT_TYPE', 'staging' );",
        `$table_prefix = '${production.prefix ?? 'wp_'}';`,
      ],
    };
  return undefined;
}

/** The settings of the site file where it has them; else names made from the site's. */
async function accessOf({ site, staging, production }: PrepareContext): Promise<DatabaseAccess> {
  const { database } = site.staging;
  const own = `${site.name.replaceAll('-', '_').slice(0, 24)}_staging`;
  const password: Secret =
    database.password === undefined ? newPassword() : await resolveSecret(database.password);
  const { stdout } = await staging.run(
    shellScript(
      'read',
      'for s in /run/mysqld/mysqld.sock /var/run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /tmp/mysql.sock; do [ ! -S "$s" ] || { echo "$s"; break; }; done',
    ),
    { describe: "look for the socket of staging's database server" },
  );
  const socket = stdout.toString().trim();
  return {
    server:
      database.server ??
      (socket === '' ? { kind: 'tcp', host: '127.0.0.1', port: 3306 } : { kind: 'socket', path: socket }),
    name: database.name ?? own,
    user: database.user ?? own,
    password,
    charset: database.charset ?? 'utf8mb4',
    prefix: database.prefix ?? production.prefix ?? 'wp_',
    multisite: production.multisite,
    ...(database.container === undefined ? {} : { container: database.container }),
  };
}

function newConfig({ site, production }: PrepareContext, access: DatabaseAccess): NewConfig {
  const layout = siteLayout(site.production, production);
  const url = new URL(site.staging.url);
  const usual = layout.core === '' ? 'wp-content' : `${layout.core}/wp-content`;
  const moved = Object.entries({
    WP_CONTENT_DIR: [layout.content, usual],
    WP_PLUGIN_DIR: [layout.plugins, `${layout.content}/plugins`],
    WPMU_PLUGIN_DIR: [layout.mustUse, `${layout.content}/mu-plugins`],
  }).flatMap(([constant, [path = '', usually]]) => (path === usually ? [] : [[constant, path] as const]));
  return {
    database: {
      ...access,
      // PHP finds its own socket by the name localhost.
      server:
        site.staging.database.server === undefined && access.server.kind === 'socket'
          ? undefined
          : access.server,
      charset: production.database.charset === '' ? 'utf8mb4' : production.database.charset,
      collate: production.database.collate,
    },
    prefix: access.prefix,
    https: url.protocol === 'https:',
    core: layout.core,
    folders: Object.fromEntries(moved),
    ...(production.multisite
      ? {
          network: {
            domain: url.host,
            path: url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`,
            subdomains: production.subdomains,
          },
        }
      : {}),
  };
}

/** Database, account and rights. */
export async function prepareDatabase(
  { site, staging, workDir, apply }: PrepareContext,
  prepared: PreparedDatabase | undefined,
): Promise<Part> {
  const name = 'database';
  const access = prepared?.access;
  if (access === undefined)
    return { name, state: 'open', sentence: 'known when there is a wp-config.php', lines: [] };
  const file = `${workDir}/prepare/database.sql`;
  const found = await lookAtDatabase(staging, access);
  if (found.state === 'ready') {
    await forget(staging, file);
    return { name, state: 'there', sentence: found.sentence, lines: [] };
  }
  if (!apply)
    return {
      name,
      state: 'would',
      sentence: `${found.sentence}; with rights on the server, or by an administrator:`,
      lines: databaseStatements(access, '…'),
    };
  const problem =
    site.staging.database.address === site.staging.address || sameMachine(site)
      ? await makeDatabase(staging, access)
      : 'the server is on another machine';
  if (problem === undefined) {
    const now = await lookAtDatabase(staging, access);
    if (now.state === 'ready') return { name, state: 'made', sentence: now.sentence, lines: [] };
    return { name, state: 'open', sentence: now.sentence, lines: databaseStatements(access, '…') };
  }
  // The password is in wp-config.php and in this file, which goes when the account can log in.
  await writeHostFile(staging, file, `${databaseStatements(access, access.password.reveal()).join('\n')}\n`);
  return {
    name,
    state: 'open',
    sentence: `${found.sentence}; ${problem}. As an administrator of the server, on staging:`,
    lines: [`mariadb < ${file}`, ...databaseStatements(access, '…').map((line) => `-- ${line}`)],
  };
}

const sameMachine = ({ staging }: PrepareContext['site']): boolean =>
  JSON.stringify(staging.database.address) === JSON.stringify(staging.address);

const forget = async (staging: PrepareContext['staging'], file: string): Promise<void> => {
  await staging.run(shellScript('write', 'rm -f -- "$1"; rmdir -- "${1%/*}" 2>/dev/null || :', [file]), {
    describe: `remove ${file}`,
  });
};

/** What the machine's nginx says of the site. $1 host name. Prints `permalinks`, `nginx` or nothing. */
const LOOK_AT_NGINX = `for d in /etc/nginx/sites-enabled /etc/nginx/conf.d /etc/nginx/nginx.conf; do
  [ -e "$d" ] || continue
  grep -rlF -e "$1" "$d" 2>/dev/null
done | while IFS= read -r file; do
  if grep -q 'try_files.*index\\.php' "$file"; then echo permalinks; else echo nginx; fi
done | sort -r | head -n 1`;

/** Without them WordPress' pages are 404, all but the home page. */
export async function prepareRules(context: PrepareContext): Promise<Part> {
  const { site, staging, production, apply } = context;
  const name = 'permalinks';
  const url = new URL(site.staging.url);
  const base = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  const { stdout } = await staging.run(shellScript('read', LOOK_AT_NGINX, [url.hostname]), {
    okCodes: 'any',
    describe: "look at staging's nginx",
  });
  const said = stdout.toString().trim();
  if (said === 'permalinks')
    return { name, state: 'there', sentence: 'nginx hands unknown paths to index.php', lines: [] };
  if (said === 'nginx')
    return {
      name,
      state: 'open',
      sentence: `nginx needs in the server block of ${url.hostname}:`,
      lines: nginxLines(base),
    };
  const file = `${site.staging.path}/.htaccess`;
  const { code } = await staging.run(shellScript('read', '[ -e "$1" ]', [file]), {
    okCodes: [0, 1],
    describe: `look for ${file}`,
  });
  if (code === 0)
    return {
      name,
      state: 'there',
      sentence: `${file} (Apache); nginx: ${nginxLines(base).join(' ')}`,
      lines: [],
    };
  const network = production.multisite
    ? { domain: url.host, path: base, subdomains: production.subdomains }
    : undefined;
  if (apply) await putNew(context, file, '644', htaccessText(base, network));
  return {
    name,
    state: apply ? 'made' : 'would',
    sentence: `${file} with WordPress' rules for Apache; nginx needs: ${nginxLines(base).join(' ')}`,
    lines: [],
  };
}
