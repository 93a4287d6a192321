import { compact } from '../../config/mapping.js';
import { readFile } from 'node:fs/promises';
import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type DatabaseSettings, type SideName, type SideSettings } from '../../config/site.js';
import { type DatabaseAccess } from '../../database/connection/access.js';
import { Secret, UnderstudyError } from '../../errors/index.js';
import { type WordPressSettings } from './wordpress-settings.js';

/**
 * How to reach a side's database: what the site file says, and for the rest what wp-config.php says.
 * @param wordpress undefined for sites that are not WordPress
 * @throws WP_CONFIG_INCOMPLETE naming what neither of them says, SECRET_UNAVAILABLE
 */
export async function databaseAccessOf(
  side: SideSettings,
  wordpress: WordPressSettings | undefined,
  sideName: SideName = 'production',
): Promise<DatabaseAccess> {
  const { database } = side;
  const name = database.name ?? wordpress?.database.name;
  const user = database.user ?? wordpress?.database.user;
  const password = database.password ? await resolveSecret(database.password) : wordpress?.database.password;
  const server = database.server ?? wordpress?.database.server ?? (wordpress ? undefined : LOCAL_SERVER);
  const prefix = database.prefix ?? (wordpress ? wordpress.prefix : '');
  const missing = Object.entries({ name, user, password, host: server, prefix })
    .filter(([, value]) => value === undefined)
    .map(([key]) => key);
  if (name === undefined || user === undefined || server === undefined || prefix === undefined || !password)
    throw incomplete(sideName, missing, wordpress);
  refuseOddName(name, wordpress);
  return compact<DatabaseAccess>({
    server,
    name,
    user,
    password: password instanceof Secret ? password : new Secret(''),
    charset: charsetOf(database, wordpress),
    prefix,
    multisite: wordpress?.multisite ?? false,
    container: database.container,
    ca: database.ca === undefined ? undefined : await readAuthority(database.ca),
  });
}

async function readAuthority(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UnderstudyError('CONFIG_INVALID', `database.ca (${file}) cannot be read.`, { cause });
  });
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new UnderstudyError('CONFIG_INVALID', `database.ca (${file}) holds no certificate in PEM form.`);
  return text;
}

const LOCAL_SERVER = { kind: 'tcp', host: '127.0.0.1', port: 3306 } as const;

/**
 * What WordPress really speaks: wpdb::determine_charset() turns `utf8` into `utf8mb4`; without DB_CHARSET
 * utf8mb4 loses nothing.
 */
function charsetOf(database: DatabaseSettings, wordpress: WordPressSettings | undefined): string {
  if (database.charset !== undefined) return database.charset;
  const written = wordpress?.database.charset ?? '';
  return written === '' || written.toLowerCase() === 'utf8' ? 'utf8mb4' : written.toLowerCase();
}

/** Names travel into programs: what a site file may not say, wp-config.php may not say either. */
function refuseOddName(name: string, wordpress: WordPressSettings | undefined): void {
  if (!name.startsWith('-') && !/[\u0000-\u001F\u007F/\\]/.test(name)) return;
  throw new UnderstudyError(
    'WP_CONFIG_INCOMPLETE',
    `The database name in ${wordpress?.configFile ?? 'the site file'} cannot be used: it begins with a hyphen or holds a control character or slash.`,
  );
}

function incomplete(
  side: SideName,
  missing: readonly string[],
  wordpress: WordPressSettings | undefined,
): UnderstudyError {
  return new UnderstudyError(
    'WP_CONFIG_INCOMPLETE',
    `${wordpress ? wordpress.configFile : 'The site file'} of ${side} does not define the database's ${missing.join(', ')}.`,
    {
      details: wordpress?.unknown ?? [],
      next: `Write ${missing.map((key) => `${side}.database.${key}`).join(', ')} into the site file.`,
    },
  );
}
