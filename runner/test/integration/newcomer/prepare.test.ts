import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runUnderstudy } from '../../../../sandbox/runner.js';

/** Both sides on the machine of the runner, without any server: what `prepare` does with files. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'understudy-prepare-'));
  for (const name of ['production', 'sites']) mkdirSync(path.join(folder, name));
  for (const name of ['wp-settings.php', 'wp-load.php'])
    writeFileSync(path.join(folder, 'production', name), '');
  writeFileSync(path.join(folder, 'production/wp-config.php'), PRODUCTION);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PRODUCTION = `<?php
define('DB_NAME', 'acme'); define('DB_USER', 'acme'); define('DB_PASSWORD', 'pr0duction-of-acme');
define('DB_HOST', '127.0.0.1:9'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_CONTENT_DIR', __DIR__ . '/app');
$table_prefix = 'ac_';
require_once __DIR__ . '/wp-settings.php';
`;

async function prepare(stagingPath: string, ...words: string[]): Promise<string> {
  const side = (name: string, root: string, url: string, more = ''): string =>
    `${name}: { url: ${url}, ssh: local, path: ${root}, workDir: ${folder}/work-${name}${more} }`;
  writeFileSync(
    path.join(folder, 'sites/acme.yaml'),
    [
      'type: wordpress',
      side('production', `${folder}/production`, 'https://www.acme.test'),
      side(
        'staging',
        stagingPath,
        'https://staging.acme.test',
        ', database: { host: 127.0.0.1, port: 9, name: acme_copy, user: acme_copy, password: { env: ACME_DB } }',
      ),
      '',
    ].join('\n'),
  );
  const call = {
    sites: path.join(folder, 'sites'),
    workspace: path.join(folder, 'workspace'),
    environment: { ACME_DB: `it's a "\\ password` },
  };
  const { code, stdout, stderr } = await runUnderstudy(call, 'prepare', 'acme', ...words);
  return `exit ${String(code)}\n${stdout}${stderr}`;
}

test('shows, makes, and changes nothing that exists', async () => {
  const root = path.join(folder, 'staging/html');
  const shown = await prepare(root);
  expect(shown).toContain('Nothing was changed');
  expect(existsSync(path.join(folder, 'staging'))).toBe(false);
  const made = await prepare(root, '--apply');
  expect(made).toContain('exit 3');
  expect(made).toContain('127.0.0.1:9 does not answer');
  expect(made).not.toContain('a "\\ password');
  const config = path.join(root, 'wp-config.php');
  // PHP itself says what it reads.
  writeFileSync(path.join(root, 'wp-settings.php'), '');
  const reported = execFileSync('php', [
    '-r',
    `require $argv[1]; echo json_encode([DB_NAME, DB_PASSWORD, DB_HOST, WP_ENVIRONMENT_TYPE, WP_CONTENT_DIR, $table_prefix, strlen(AUTH_KEY), AUTH_KEY === AUTH_SALT]);`,
    config,
  ]);
  expect(JSON.parse(reported.toString())).toEqual([
    'acme_copy',
    `it's a "\\ password`,
    '127.0.0.1:9',
    'staging',
    path.join(root, 'app'),
    'ac_',
    64,
    false,
  ]);
  expect(statSync(config).mode & 0o002).toBe(0);
  expect(readFileSync(path.join(root, '.htaccess'), 'utf8')).toContain('RewriteRule . /index.php [L]');
  const before = readFileSync(config);
  writeFileSync(path.join(root, '.htaccess'), '# mine\n');
  await prepare(root, '--apply');
  expect(readFileSync(config)).toEqual(before);
  expect(readFileSync(path.join(root, '.htaccess'), 'utf8')).toBe('# mine\n');
}, 60_000);

test("writes nothing into production's folder, whatever it is called", async () => {
  symlinkSync(path.join(folder, 'production'), path.join(folder, 'link'));
  const said = await prepare(path.join(folder, 'link'), '--apply');
  expect(said).toContain('STAGING_IS_PRODUCTION');
  expect(existsSync(path.join(folder, 'production/.htaccess'))).toBe(false);
}, 60_000);
