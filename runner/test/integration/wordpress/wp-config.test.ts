import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ReadCommand } from '../../../src/commands/command.js';
import { type SideSettings } from '../../../src/config/site.js';
import { type CommandResult, type ReadingHost } from '../../../src/hosts/host.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { type LastReading } from '../../../src/wordpress/settings/last-reading.js';
import { readWpConfig } from '../../../src/wordpress/settings/read-wp-config.js';
import { type WordPressSettings } from '../../../src/wordpress/settings/wordpress-settings.js';

const PASSWORD = `geh'eim "$x" ünïcode \\ #€`;
const phpText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const USUAL = `define('DB_NAME', 'acme'); define('DB_USER', 'acme_user');
define('DB_PASSWORD', ${phpText(PASSWORD)}); define('DB_HOST', '10.0.0.5:3307'); define('DB_CHARSET', 'utf8mb4');`;
const END = `$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'understudy-wp-config-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let counter = 0;
/** A WordPress root with these files; `wp-settings.php` would betray that it was loaded. */
async function site(files: Readonly<Record<string, string | undefined>>): Promise<SideSettings> {
  const root = path.join(folder, `site-${String((counter += 1))}`, 'html');
  const all = {
    'wp-load.php': '<?php',
    'wp-settings.php': "<?php touch(__DIR__ . '/LOADED'); define('DB_NAME', 'loaded');",
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    if (text === undefined) continue;
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
  return sideAt(root);
}
function sideAt(root: string, more: Partial<SideSettings> = {}): SideSettings {
  const address = { kind: 'local' } as const;
  const url = 'https://www.acme.com';
  return { url, address, path: root, workDir: '~/x', database: { address }, http: { headers: {} }, ...more };
}
const host = createLocalHost('production', 'production application');
const read = (side: SideSettings): Promise<WordPressSettings> => readWpConfig(host, side);
const config = (body: string): Record<string, string> => ({ 'wp-config.php': `<?php\n${body}` });

/** A host that tells what ran on it, and may lack PHP. */
function recordingHost(withoutPhp = false): {
  host: ReadingHost;
  ran: ReadCommand[];
  results: CommandResult[];
} {
  const ran: ReadCommand[] = [];
  const results: CommandResult[] = [];
  const run: ReadingHost['run'] = async (command, options) => {
    ran.push(command);
    const seen = withoutPhp && command.argv[2]?.includes('exit 97');
    const result = seen
      ? { code: 97, stdout: Buffer.alloc(0), stderr: '', seconds: 0 }
      : await host.run(command, options);
    results.push(result);
    return result;
  };
  return { host: { ...host, run }, ran, results };
}

describe('as its text says, or as PHP says', () => {
  test('the usual file: every value, WordPress not loaded', async () => {
    const side = await site(config(`${USUAL}\ndefine('WP_CACHE_KEY_SALT', 'acme:');\n${END}`));
    const settings = await read(side);
    expect(settings).toMatchObject({
      configFile: `${side.path}/wp-config.php`,
      source: 'text',
      database: {
        name: 'acme',
        user: 'acme_user',
        charset: 'utf8mb4',
        server: { kind: 'tcp', host: '10.0.0.5', port: 3307 },
      },
      prefix: 'wp_',
      multisite: false,
      cacheKeySalt: 'acme:',
      wordpressFolder: `${side.path}/`,
      unknown: [],
    });
    expect(settings.database.password?.reveal()).toBe(PASSWORD);
  });

  test('the password stands in no argument, and the settings print without it', async () => {
    const side = await site(config(`${USUAL}\n${END}`));
    const { host: recording, ran } = recordingHost();
    const settings = await readWpConfig(recording, side);
    expect(JSON.stringify(ran)).not.toContain('eim');
    expect(JSON.stringify(settings)).not.toContain('eim');
    expect(ran.every((command) => command.effect === 'read')).toBe(true);
  });

  const values: readonly (readonly [string, Record<string, string>, object])[] = [
    [
      'computed by PHP',
      config(`define('DB_NAME', strtolower('AC') . implode('', ['m', 'e']));\n${END}`),
      { database: { name: 'acme' } },
    ],
    [
      'includes of other files, relative and absolute',
      {
        'wp-config.php': `<?php require 'inc/a.php'; require __DIR__ . '/inc/b.php'; ${END}`,
        'inc/a.php': "<?php define('DB_NAME', basename(__DIR__));",
        'inc/b.php': "<?php define('DB_USER', basename(__FILE__)); include 'a-none.php';",
      },
      { database: { name: 'inc', user: 'b.php' } },
    ],
    [
      'wp-settings.php required by an included file',
      { 'wp-config.php': "<?php require __DIR__ . '/real.php';", 'real.php': `<?php ${USUAL} ${END}` },
      { database: { name: 'acme' }, unknown: [] },
    ],
    [
      'settings after which the file goes on',
      config(`${USUAL}\n${END}\nthrow new Exception('late');`),
      { database: { name: 'acme' }, unknown: [] },
    ],
    [
      'output, notices and warnings',
      config(
        `echo "noise"; ob_start(); echo "\\xff"; echo $undefined; trigger_error('x', E_USER_WARNING);\n${USUAL}\n${END}`,
      ),
      { database: { name: 'acme' }, unknown: [] },
    ],
    [
      'a byte order mark and text in front',
      { 'wp-config.php': `\ufeff  hello <?php ${USUAL} ${END}` },
      { database: { name: 'acme' } },
    ],
    [
      'a fatal error after the values',
      config(`${USUAL}\n$table_prefix = 'x_';\nno_such_function();`),
      { database: { name: 'acme' }, prefix: 'x_' },
    ],
    [
      'an early exit',
      config(`${USUAL}\n$table_prefix = 'x_';\nexit('Down');`),
      { database: { name: 'acme' }, unknown: ['wp-config.php ended before it came to wp-settings.php.'] },
    ],
    [
      'the host of the URL decides',
      config(
        `define('DB_NAME', $_SERVER['HTTP_HOST'] === 'www.acme.com' && $_SERVER['HTTPS'] === 'on' ? 'right' : 'wrong');\n${END}`,
      ),
      { database: { name: 'right' } },
    ],
    [
      'a network of sites',
      config(
        `${USUAL}\ndefine('MULTISITE', true); define('SUBDOMAIN_INSTALL', '1'); define('DOMAIN_CURRENT_SITE', 'acme.com'); define('PATH_CURRENT_SITE', '/');\n${END}`,
      ),
      { multisite: true, subdomains: true, networkDomain: 'acme.com' },
    ],
    [
      'other constants',
      config(
        `${USUAL}\ndefine('WP_ENVIRONMENT_TYPE', 'staging'); define('WP_HOME', 'https://h'); define('WP_SITEURL', 'https://h/wp'); define('WP_CONTENT_DIR', '/c'); define('UPLOADS', 'u'); define('CUSTOM_USER_TABLE', 'users');\n${END}`,
      ),
      {
        environmentType: 'staging',
        home: 'https://h',
        siteUrl: 'https://h/wp',
        contentDir: '/c',
        uploads: 'u',
      },
    ],
    [
      'variables of the .htaccess',
      {
        ...config(`define('DB_NAME', getenv('UNDERSTUDY_TEST_NAME'));\n${END}`),
        '.htaccess': 'RewriteEngine on\nSetEnv UNDERSTUDY_TEST_NAME "from apache"\n',
      },
      { database: { name: 'from apache' }, unknown: [] },
    ],
    [
      'a variable that is set nowhere',
      config(
        `define('DB_NAME', getenv('UNDERSTUDY_TEST_UNSET'));\ndefine('DB_PASSWORD', getenv('UNDERSTUDY_TEST_UNSET'));\n${END}`,
      ),
      {
        database: { charset: '', collate: '' },
        unknown: [
          'The environment variable UNDERSTUDY_TEST_UNSET, which wp-config.php asks for, is not set for the command line.',
        ],
      },
    ],
  ];
  test.each(values)('%s', async (_, files, expected) => {
    expect(await read(await site(files))).toMatchObject(expected);
  });

  test('WordPress in a folder of its own', async () => {
    const side = await site({
      ...config(`${USUAL}\n${END}`),
      'wp-load.php': undefined,
      'wp/wp-load.php': '',
    });
    expect(await read(side)).toMatchObject({
      database: { name: 'acme' },
      wordpressFolder: `${side.path}/wp/`,
    });
  });

  test('an account that may not read it is told so', async () => {
    const side = await site(config(USUAL));
    const refusing: ReadingHost = {
      ...host,
      run: async () => ({ code: 77, stdout: Buffer.alloc(0), stderr: 'not readable', seconds: 0 }),
    };
    await expect(readWpConfig(refusing, side)).rejects.toMatchObject({
      code: 'WP_CONFIG_UNREADABLE',
      message: `The account may not read wp-config.php of ${side.path}.`,
    });
  });

  test('nothing of it loads WordPress or writes a file', async () => {
    const side = await site(
      config(
        `file_put_contents(__DIR__ . '/WRITTEN', 'x'); touch(__DIR__ . '/TOUCHED'); @unlink(__DIR__ . '/wp-load.php'); mkdir(__DIR__ . '/MADE');\n${USUAL}\n${END}`,
      ),
    );
    expect((await read(side)).database.name).toBe('acme');
    const left = (await host.run({ effect: 'read', argv: ['ls', side.path] })).stdout.toString();
    expect(left.split('\n')).toEqual(['wp-config.php', 'wp-load.php', 'wp-settings.php', '']);
  });

  test('a syntax error is told without a piece of the password', async () => {
    const settings = await read(await site(config("define('DB_PASSWORD', 'top'secretword');")));
    expect(settings.unknown.join()).toContain('ended with an error in line 2');
    expect(settings.unknown.join()).not.toContain('secretword');
  });

  test('one folder above the root, unless another WordPress lies there', async () => {
    const above = await site({});
    await writeFile(path.join(above.path, '../wp-config.php'), `<?php ${USUAL} ${END}`);
    expect(await read(above)).toMatchObject({
      configFile: path.join(above.path, '../wp-config.php'),
      wordpressFolder: `${above.path}/`,
    });
    await writeFile(path.join(above.path, '../wp-settings.php'), '');
    await expect(read(above)).rejects.toMatchObject({ code: 'WP_CONFIG_UNREADABLE' });
  });

  test('a document root that is a symbolic link', async () => {
    const real = await site(config(`${USUAL} define('WP_CONTENT_DIR', __DIR__ . '/wp-content'); ${END}`));
    const link = path.join(folder, 'link');
    await symlink(real.path, link);
    expect(await read(sideAt(link))).toMatchObject({
      contentDir: `${real.path}/wp-content`,
      wordpressFolder: `${real.path}/`,
    });
  });

  test('names the missing file', async () => {
    const empty = await site({});
    await expect(read(empty)).rejects.toMatchObject({
      code: 'WP_CONFIG_UNREADABLE',
      message: `There is no wp-config.php in ${empty.path}, in the folder of it that a web server serves, or one folder above.`,
      exitCode: 3,
    });
  });

  test('Debian’s package: the file in /etc/wordpress is found by the host of the URL', async () => {
    const source = await host.run({ effect: 'read', argv: ['cat', '/usr/share/wordpress/wp-config.php'] });
    const etc = path.join(folder, 'etc-wordpress');
    await mkdir(etc, { recursive: true });
    await writeFile(
      path.join(etc, 'config-www.acme.com.php'),
      `<?php ${USUAL} define('WP_CONTENT_DIR', '/srv/content');`,
    );
    const side = await site({
      'wp-config.php': source.stdout.toString().replaceAll('/etc/wordpress/', `${etc}/`),
    });
    expect(await read(side)).toMatchObject({
      database: { name: 'acme' },
      prefix: 'wp_',
      contentDir: '/srv/content',
      wordpressFolder: `${side.path}/`,
    });
  });
});

describe('in a container', () => {
  const before = process.env['PATH'];
  afterAll(() => {
    process.env['PATH'] = before;
  });
  test('docker exec runs the same program at the path inside', async () => {
    const inside = await site(config(`${USUAL}\n${END}`));
    const bin = path.join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    await writeFile(
      path.join(bin, 'docker'),
      '#!/bin/sh\n[ "$1 $2 $3" = "exec -i acme-php" ] || exit 9\nshift 3\nexec "$@"\n',
    );
    await chmod(path.join(bin, 'docker'), 0o755);
    process.env['PATH'] = `${bin}:${before ?? ''}`;
    const side = sideAt('/not/on/this/machine', { container: 'acme-php', containerPath: inside.path });
    const settings = await read(side);
    expect(settings.database.name).toBe('acme');
    expect(settings.configFile).toBe(`${inside.path}/wp-config.php`);
  });
});

describe('read as text, without PHP', () => {
  test('constants are known, and what is not is named', async () => {
    const side = await site(config(`${USUAL}\ninclude 'other.php';\ndefine('WP_HOME', home());\n${END}`));
    const { host: recording, ran } = recordingHost(true);
    const settings = await readWpConfig(recording, side);
    expect(settings).toMatchObject({
      source: 'text',
      database: { name: 'acme', user: 'acme_user', server: { host: '10.0.0.5', port: 3307 } },
      prefix: 'wp_',
      unknown: [
        'WP_HOME depends on something that only PHP can evaluate.',
        'wp-config.php calls home(), which only PHP can evaluate.',
        'There is no PHP on the host to ask.',
      ],
    });
    expect(settings.database.password?.reveal()).toBe(PASSWORD);
    expect(JSON.stringify(ran)).not.toContain('eim');
  });
});

describe('what the last reading took', () => {
  const PARTS = {
    'wp-config.php': `<?php\nrequire __DIR__ . '/db.php'; define('DB_PASSWORD', getenv('ACME_NOBODY_SETS') ?: 'x');\n${END}`,
    'db.php': "<?php define('DB_NAME', 'acme'); define('DB_USER', 'u'); define('DB_HOST', '10.0.0.5:3307');",
  };
  /** The questions that were asked before an answer came, and all of them. */
  async function readWith(side: SideSettings, last: LastReading | undefined) {
    const notes: LastReading[] = [];
    const counts = { atOnce: 0, all: 0 };
    const run: ReadingHost['run'] = async (command, options) => {
      counts.all += 1;
      await new Promise(setImmediate);
      counts.atOnce ||= counts.all;
      return host.run(command, options);
    };
    const memory = { last, note: (reading: LastReading) => notes.push(reading) };
    const settings = await readWpConfig({ ...host, run }, side, memory);
    return { settings, note: notes[0], ...counts };
  }

  test('is asked at once the next time, and nothing else then', async () => {
    const side = await site(PARTS);
    const first = await readWith(side, undefined);
    expect(first).toMatchObject({ atOnce: 1, all: 3, note: { server: { port: 3307 } } });
    expect(JSON.stringify(first.note)).not.toContain(`'x'`);
    const next = await readWith(side, first.note);
    expect(next).toMatchObject({ atOnce: 3, all: 3, note: first.note });
    expect(next.settings).toEqual(first.settings);
  });

  test('counts for nothing where the settings are other ones now', async () => {
    const before = await readWith(await site(PARTS), undefined);
    const moved = await site({
      ...PARTS,
      'wp-config.php': PARTS['wp-config.php'].replace('/db.php', '/other.php'),
      'other.php': PARTS['db.php'].replace('acme', 'other'),
    });
    const { settings } = await readWith(moved, before.note);
    expect(settings).toEqual(await read(moved));
    expect(settings.database.name).toBe('other');
    const plain = await site(config(USUAL + END));
    expect((await readWith(plain, before.note)).settings).toEqual(await read(plain));
  });
});
