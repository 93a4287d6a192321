import { describe, expect, test } from '@jest/globals';
import {
  secretsOfOneSide,
  settingsMatcher,
  type SideSecrets,
} from '../../../src/content/settings/settings-matcher.js';

const STRONG: SideSecrets = {
  password: `Pr0d#'"p\\w$x é/%`,
  user: 'acme_app',
  name: 'acme_production',
  salts: [`wK8'"\\]aSalt of 64 characters`],
};
const WEAK: SideSecrets = { password: 'secret', user: 'app', name: 'shop', salts: [] };

const reason = (secrets: SideSecrets, text: string): string | undefined =>
  settingsMatcher([secrets]).reasonOf(Buffer.from(text));

describe('a file holds settings when it holds', () => {
  const { password } = STRONG;
  const phpSingle = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
  test.each([
    ['plain', `DB_PASSWORD=${password}`],
    ['PHP in single quotes, and var_export', `'password' => ${phpSingle(password)},`],
    ['PHP in double quotes', `"${password.replace(/[\\"$]/g, '\\$&')}"`],
    ['JSON', JSON.stringify({ password })],
    ['JSON as PHP writes it', JSON.stringify({ password }).replaceAll('/', '\\/').replaceAll('é', '\\u00e9')],
    ['JSON in a PHP string', phpSingle(JSON.stringify({ password }))],
    ['YAML in single quotes', `password: '${password.replaceAll("'", "''")}'`],
    ['serialized', `s:8:"password";s:${Buffer.byteLength(password)}:"${password}";`],
    ['a DSN', `mysql://acme_x:${encodeURIComponent(password).replaceAll("'", '%27')}@db/other`],
    ['a DSN with small digits', `mysql://u:pr${'Pr0d%23%27%22p%5cw%24x%20%c3%a9%2f%25'}@db/other`],
    ['a DSN in which somebody encoded what he had to', `mysql://u:Pr0d%23'"p\\w$x é%2f%25@db/x`],
    ['a DSN in YAML of Symfony', `mysql://u:${encodeURIComponent(password).replaceAll('%', '%%')}@db/x`],
    ['the shell', `export PW='${password.replaceAll("'", `'\\''`)}'`],
    ['XML', '<password>Pr0d#&#039;&quot;p\\w$x é/%</password>'],
    ['base64', `password_base64: ${Buffer.from(password).toString('base64')}`],
  ])('the password: %s', (_form, text) => {
    expect(reason(STRONG, text)).toBe('the password of the database');
  });

  test('user and database name together', () => {
    expect(reason(STRONG, `'u' => 'acme_app', 'd' => 'acme_production'`)).toContain('user and the name');
    expect(reason(STRONG, 'mysql://acme_app@10.0.0.1/acme_production?charset=utf8')).toContain('user and');
    expect(reason(STRONG, `grant all to 'acme_app'`)).toBeUndefined();
    expect(reason(STRONG, 'acme_app2 acme_production_old')).toBeUndefined();
    expect(reason({ ...STRONG, user: 'acme_1', name: 'acme_1' }, `'acme_1'`)).toBeUndefined();
    expect(reason({ ...STRONG, user: 'acme_1', name: 'acme_1' }, `'acme_1', 'acme_1'`)).toContain('user');
  });

  test('the name of the database beside the password of any account', () => {
    const beside = (text: string): string | undefined => reason(STRONG, text);
    for (const text of [
      `DB_HOST=10.0.0.5\nDB_DATABASE=acme_production\nDB_USERNAME=web\nDB_PASSWORD=hunter2\n`,
      `'database' => 'acme_production',\n 'username' => 'web',\n 'password' => 'hunter2',`,
      `new PDO('mysql:host=10.0.0.5;dbname=acme_production', 'web', 'hunter2')`,
      `mysqli_connect('10.0.0.5', 'web', 'hunter2', 'acme_production')`,
      `mysql://web:hunter2@10.0.0.5/acme_production`,
      `{"url":"mysql:\\/\\/web:hunter2@10.0.0.5:3306\\/acme_production"}`,
      `mysqli_connect($host, $user, 'hunter2', 'acme_production')`,
      `new PDO("mysql:host=$host;dbname=acme_production", $user, 'hunter2')`,
      `a:2:{s:6:"dbname";s:15:"acme_production";s:8:"password";s:7:"hunter2";}`,
      `define('DB_NAME', 'acme_production');\ndefine('DB_PASSWORD', 'hunter2');`,
      `<dbname><![CDATA[acme_production]]></dbname><password><![CDATA[hunter2]]></password>`,
      `SetEnv DB_NAME acme_production\nSetEnv DB_PASSWORD hunter2`,
      `env[DB_NAME] = acme_production\nenv[DB_PASSWORD] = hunter2`,
      `{"database": {"name": "acme_production", "password": "hunter2"}}`,
      `database:\n  dbname: acme_production\n  password: hunter2\n`,
      `public $db = 'acme_production';\n public $password = 'hunter2';`,
    ])
      expect([text, beside(text)]).toEqual([text, 'the name of the database beside a password']);
    for (const text of [
      `// made for acme_production`,
      `'database' => env('DB_DATABASE', 'acme_production'), 'password' => env('DB_PASSWORD', ''),`,
      `dbname: acme_production\npassword: '%env(DB_PASSWORD)%'`,
      `DB_DATABASE=acme_production\nDB_PASSWORD=\n`,
      `$dbname = 'acme_production'; $password = getenv('DB_PASSWORD');`,
      `mysqldump acme_production > dump.sql`,
    ])
      expect([text, beside(text)]).toEqual([text, undefined]);
    const shared = secretsOfOneSide([STRONG], [{ ...STRONG, user: 'other', password: 'other' }]);
    expect(
      settingsMatcher(shared).reasonOf(Buffer.from('DB_NAME=acme_production\nDB_PASSWORD=x')),
    ).toBeUndefined();
  });

  test("a key of WordPress' logins, but not the words of its sample", () => {
    expect(reason(STRONG, `define('AUTH_KEY', ${phpSingle(STRONG.salts[0] ?? '')});`)).toContain('salt');
    const sample = { ...STRONG, salts: ['put your unique phrase here'] };
    expect(reason(sample, `define('AUTH_KEY', 'put your unique phrase here');`)).toBeUndefined();
  });

  test('everyday words only where they are settings', () => {
    expect(reason(WEAK, `DB_USERNAME=app\nDB_DATABASE=shop\n`)).toContain('user and the name');
    expect(reason(WEAK, 'mysql://app:secret@db/shop')).toBe('the password of the database');
    expect(reason(WEAK, `new mysqli('db', 'app', 'secret', 'shop')`)).toBe('the password of the database');
    expect(reason(WEAK, `<a href="/shop/">shop</a> the app has a secret ingredient.`)).toBeUndefined();
    expect(reason(WEAK, `const app = new Shop('shop'); // "app"`)).toBeUndefined();
  });
});

test('of production’s secrets, only what is not staging’s own as well proves something on staging', () => {
  const same = secretsOfOneSide([STRONG], [STRONG]);
  expect(settingsMatcher(same).reasonOf(Buffer.from(JSON.stringify(STRONG)))).toBeUndefined();
  const otherName = secretsOfOneSide([STRONG], [{ ...STRONG, name: 'acme_staging' }]);
  expect(settingsMatcher(otherName).reasonOf(Buffer.from(JSON.stringify(STRONG)))).toContain('user');
});
