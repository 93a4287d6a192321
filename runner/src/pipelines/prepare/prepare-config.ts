import { shellScript } from '../../commands/command.js';
import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type DatabaseAccess } from '../../database/connection/access.js';
import { type Secret, UnderstudyError } from '../../errors/index.js';
import { databaseAccessOf } from '../../wordpress/settings/database-access-of.js';
import { configText, type NewConfig } from '../../wordpress/prepare/config-text.js';
import { readWpConfig } from '../../wordpress/settings/read-wp-config.js';
import { siteLayout } from '../../wordpress/site/site-layout.js';
import { type WordPressSettings } from '../../wordpress/settings/wordpress-settings.js';
import { newPassword } from './prepare-database.js';
import { type Part, partNamed, type PrepareContext, type PreparedDatabase, putNew } from './prepare-types.js';

/** A folder of the account's own group is read by a web server as everybody else. Prints `own` or `other`. $1 folder. */
const WHOSE_GROUP = `[ "$(stat -c %g -- "$1" 2>/dev/null)" = "$(id -g)" ] && echo own || echo other`;

/** wp-config.php: staging's own, or one with the settings of the site file and salts of its own. */
export async function prepareConfig(
  context: PrepareContext,
): Promise<PreparedDatabase & { readonly part: Part }> {
  const { site, staging, apply } = context;
  const part = partNamed('wp-config.php');
  const there = await ownConfig(context);
  if (there !== undefined) {
    const access = await databaseAccessOf(site.staging, there, 'staging');
    return { access, part: part('there', there.configFile) };
  }
  const access = await accessOf(context);
  const file = `${site.staging.path}/wp-config.php`;
  const problem = whyNotOurs(context);
  if (problem !== undefined)
    return { access: undefined, part: part('open', problem.sentence, problem.lines) };
  const sentence = `${file} with the database ${access.name}, new salts and WP_ENVIRONMENT_TYPE staging`;
  if (!apply) return { access, part: part('would', sentence) };
  const { stdout } = await staging.run(shellScript('read', WHOSE_GROUP, [site.staging.path]), {
    label: 'look at the group of the folder',
  });
  const mode = stdout.toString().trim() === 'own' ? '644' : '640';
  await putNew(context, file, mode, configText(newConfig(context, access)));
  return { access, part: part('made', sentence) };
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
    { label: "look for the socket of staging's database server" },
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
