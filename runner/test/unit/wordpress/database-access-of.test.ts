import { beforeAll, expect, test } from '@jest/globals';
import { type DatabaseSettings, type SideSettings } from '../../../src/config/site.js';
import { Secret } from '../../../src/errors/index.js';
import { databaseAccessOf } from '../../../src/wordpress/settings/database-access-of.js';
import { settingsFromConstants } from '../../../src/wordpress/settings/settings-from-constants.js';
import { type WordPressSettings } from '../../../src/wordpress/settings/wordpress-settings.js';

const address = { kind: 'local' } as const;
const side = (database: Partial<DatabaseSettings> = {}): SideSettings => ({
  url: 'https://a.example',
  address,
  path: '/srv/a',
  workDir: '~/x',
  database: { address, ...database },
  http: { headers: {} },
});
const wordpress = (
  constants: Readonly<Record<string, string | boolean>>,
  more: object = {},
): WordPressSettings =>
  settingsFromConstants({
    configFile: '/srv/a/wp-config.php',
    source: 'php',
    constants: new Map(Object.entries(constants)),
    prefix: 'wp_',
    unknown: [],
    sockets: [],
    included: [],
    ...more,
  });
const USUAL = {
  DB_NAME: 'acme',
  DB_USER: 'u',
  DB_PASSWORD: 'secret-word',
  DB_HOST: 'db:3307',
  DB_CHARSET: 'utf8',
};

beforeAll(() => {
  process.env['P'] = 'own-password';
});

test('wp-config.php tells everything', async () => {
  const access = await databaseAccessOf(side(), wordpress(USUAL));
  expect(access).toMatchObject({
    server: { kind: 'tcp', host: 'db', port: 3307 },
    name: 'acme',
    user: 'u',
    prefix: 'wp_',
    multisite: false,
  });
  expect(access.password.reveal()).toBe('secret-word');
});
test('the site file wins', async () => {
  const own = {
    server: { kind: 'socket', path: '/s' },
    name: 'other',
    user: 'reader',
    prefix: 'x_',
    charset: 'latin1',
    container: 'db',
    password: { source: 'env', env: 'P' },
  } as const;
  const access = await databaseAccessOf(side(own), wordpress(USUAL));
  expect(access).toMatchObject({
    server: own.server,
    name: 'other',
    user: 'reader',
    prefix: 'x_',
    charset: 'latin1',
    container: 'db',
  });
  expect(access.password.reveal()).toBe('own-password');
});
test.each([
  ['utf8', 'utf8mb4'],
  ['UTF8', 'utf8mb4'],
  ['', 'utf8mb4'],
  ['latin1', 'latin1'],
  ['utf8mb3', 'utf8mb3'],
])('DB_CHARSET %j is spoken as %s', async (written, spoken) => {
  expect((await databaseAccessOf(side(), wordpress({ ...USUAL, DB_CHARSET: written }))).charset).toBe(spoken);
});
test('what is missing is named, with what wp-config.php could not tell', async () => {
  const settings = wordpress(
    { DB_NAME: 'acme', DB_PASSWORD: '' },
    { prefix: undefined, unknown: ['The environment variable X is not set.'] },
  );
  await expect(databaseAccessOf(side(), settings, 'staging')).rejects.toMatchObject({
    code: 'WP_CONFIG_INCOMPLETE',
    message: "/srv/a/wp-config.php of staging does not define the database's user, host, prefix.",
    details: ['The environment variable X is not set.'],
    next: 'Write staging.database.user, staging.database.host, staging.database.prefix into the site file.',
  });
});
test('a site that is not WordPress: the site file alone', async () => {
  const own = { name: 'portal', user: 'p', password: { source: 'env', env: 'P' } } as const;
  expect(await databaseAccessOf(side(own), undefined)).toMatchObject({
    server: { kind: 'tcp', host: '127.0.0.1', port: 3306 },
    prefix: '',
    charset: 'utf8mb4',
  });
});
test('a database name that a program would take for an option', async () => {
  await expect(
    databaseAccessOf(side(), wordpress({ ...USUAL, DB_NAME: '--all-databases' })),
  ).rejects.toMatchObject({ code: 'WP_CONFIG_INCOMPLETE' });
});
test('a name that only the container knows becomes an address', () => {
  expect(wordpress(USUAL, { address: '172.18.0.3' }).database.server).toEqual({
    kind: 'tcp',
    host: '172.18.0.3',
    port: 3307,
  });
  expect(
    wordpress({ ...USUAL, DB_HOST: '10.0.0.1' }, { address: '172.18.0.3' }).database.server,
  ).toMatchObject({ host: '10.0.0.1' });
});
test('passwords print masked', () => {
  expect(JSON.stringify(wordpress(USUAL))).not.toContain('secret-word');
  expect(wordpress(USUAL).database.password).toBeInstanceOf(Secret);
});
