import { expect, test } from '@jest/globals';
import { COARSE, SECRET_PATTERNS, secretName } from '../../../src/maintenance/publish/secret-patterns.js';

const base64 = 'MIIEowIBAAKCAQEAx0123456789abcdefghijklmnopqrstuvwxyz+/ABCDEFGHIJ';
const random = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';
const found = (text: string, path = 'a.php'): string[] =>
  SECRET_PATTERNS.filter(({ finds }) => finds(text, path)).map(({ name }) => name);

// Put together here: this file is published too.
test.each([
  [`-----BEGIN RSA ${'PRIVATE'} KEY-----\n${base64}\n`, 'a private key'],
  [`-----BEGIN ${'OPENSSH'} PRIVATE KEY-----\r\n${base64}\r\n`, 'a private key'],
  [`-----BEGIN EC ${'PRIVATE'} KEY-----\nProc-Type: 4,ENCRYPTED\n\n${base64}`, 'a private key'],
  ["define( 'DB_PASSWORD', 'correct horse' );", 'a database password'],
  ['define("DB_PASSWORD", "it\'s");', 'a database password'],
  [`$key = 'AKIA${'QWERTYUIOPASDFGH'}';`, 'an AWS access key'],
  [`ghp_${random}`, 'a GitHub token'],
  [`glpat-${random.slice(0, 20)}`, 'a GitLab token'],
  [`xoxb-${'1234567890'}-${random}`, 'a Slack token'],
  [`sk_live_${random}`, 'a live Stripe key'],
  [`npm_${random}`, 'an npm token'],
])('finds %#: %2$s', (text, name) => {
  expect(found(text)).toEqual([name]);
  expect(new RegExp(COARSE, 'm').test(text)).toBe(true);
});

test.each([
  ["if (strpos($key, '-----BEGIN RSA PRIVATE KEY-----') !== false) {"],
  [`-----BEGIN CERTIFICATE-----\n${base64}\n`],
  ["define( 'DB_PASSWORD', 'password_here' );"],
  ["define( 'DB_PASSWORD', '' );"],
  ["define( 'DB_PASSWORD', getenv('DB_PASSWORD') );"],
  ["// define( 'DB_PASSWORD', 'as in the manual' );"],
  [" * define( 'DB_PASSWORD', 'as in the manual' );"],
  ["'aws' => 'AKIAIOSFODNN7EXAMPLE'"],
  ['sk_test_abcdefghijklmnopqrstuvwx'],
  ['-- MySQL dump is what this sentence is about'],
])('lets pass %j', (text) => {
  expect(found(text)).toEqual([]);
});

test.each([
  ['wp-config.php', 'configuration of WordPress'],
  ['wp-config.php.bak', 'configuration of WordPress'],
  ['wp-config-sample.php', undefined],
  ['wp-content/plugins/backup/includes/wp-config-editor.php', undefined],
  ['wp-content/plugins/a/.env', 'an environment file'],
  ['wp-content/plugins/a/.env.example', undefined],
  ['a/id_ed25519', 'an SSH key'],
  ['a/id_ed25519.pub', undefined],
  ['a/dump.sql.gz', 'a database dump'],
  ['a/schema.sql', undefined],
  ['a/cacert.pem', undefined],
])('name %s', (path, kind) => {
  expect(secretName(path)).toBe(kind);
});
