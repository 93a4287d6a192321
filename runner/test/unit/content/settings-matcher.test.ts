import { describe, expect, it } from '@jest/globals';
import { foreignSecrets, settingsMatcher, type SideSecrets } from '../../../src/content/settings-matcher.js';

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
  it.each([
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
    ['the shell', `export PW='${password.replaceAll("'", `'\\''`)}'`],
    ['XML', '<password>Pr0d#&#039;&quot;p\\w$x é/%</password>'],
    ['base64', `password_base64: ${Buffer.from(password).toString('base64')}`],
  ])('the password: %s', (_form, text) => {
    expect(reason(STRONG, text)).toBe('the password of the database');
  });

  it('user and database name together', () => {
    expect(reason(STRONG, `'u' => 'acme_app', 'd' => 'acme_production'`)).toContain('user and the name');
    expect(reason(STRONG, 'mysql://acme_app@10.0.0.1/acme_production?charset=utf8')).toContain('user and');
    expect(reason(STRONG, `grant all to 'acme_app'`)).toBeUndefined();
    expect(reason(STRONG, 'acme_app2 acme_production_old')).toBeUndefined();
    expect(reason({ ...STRONG, user: 'acme_1', name: 'acme_1' }, `'acme_1'`)).toBeUndefined();
    expect(reason({ ...STRONG, user: 'acme_1', name: 'acme_1' }, `'acme_1', 'acme_1'`)).toContain('user');
  });

  it("a key of WordPress' logins, but not the words of its sample", () => {
    expect(reason(STRONG, `define('AUTH_KEY', ${phpSingle(STRONG.salts[0] ?? '')});`)).toContain('salt');
    const sample = { ...STRONG, salts: ['put your unique phrase here'] };
    expect(reason(sample, `define('AUTH_KEY', 'put your unique phrase here');`)).toBeUndefined();
  });

  it('everyday words only where they are settings', () => {
    expect(reason(WEAK, `DB_USERNAME=app\nDB_DATABASE=shop\n`)).toContain('user and the name');
    expect(reason(WEAK, 'mysql://app:secret@db/shop')).toBe('the password of the database');
    expect(reason(WEAK, `new mysqli('db', 'app', 'secret', 'shop')`)).toBe('the password of the database');
    expect(reason(WEAK, `<a href="/shop/">shop</a> the app has a secret ingredient.`)).toBeUndefined();
    expect(reason(WEAK, `const app = new Shop('shop'); // "app"`)).toBeUndefined();
  });
});

it('of production’s secrets, only what is not staging’s own as well proves something on staging', () => {
  const same = foreignSecrets([STRONG], [STRONG]);
  expect(settingsMatcher(same).reasonOf(Buffer.from(JSON.stringify(STRONG)))).toBeUndefined();
  const otherName = foreignSecrets([STRONG], [{ ...STRONG, name: 'acme_staging' }]);
  expect(settingsMatcher(otherName).reasonOf(Buffer.from(JSON.stringify(STRONG)))).toContain('user');
});
