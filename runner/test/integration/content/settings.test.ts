import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type ContentEnds } from '../../../src/content/content-ends.js';
import { applyFileSwap, finishFileSwap } from '../../../src/content/swap/file-swap.js';
import { contentFilters, NEEDED_SETTINGS } from '../../../src/content/rsync/filters.js';
import { stayingLine } from '../../../src/content/settings/hold-back-settings.js';
import { showName } from '../../../src/content/rsync/parse-rsync.js';
import { searchStagingTree } from '../../../src/content/settings/search-staging.js';
import { travellingSettings } from '../../../src/content/swap/staying-files.js';
import {
  secretsOfOneSide,
  settingsMatcher,
  type SideSecrets,
} from '../../../src/content/settings/settings-matcher.js';
import { planSync, stageFiles, writeFilesAtOnce } from '../../../src/content/sync-files.js';
import { busyboxTools } from '../../../../sandbox/servers/busybox.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { makeTrees, type Trees } from './trees.js';

const PRODUCTION: SideSecrets = {
  password: `Pr0d#app'"pw$x \\é`,
  user: 'acme_app',
  name: 'acme_production',
  salts: [`production AUTH_KEY '"\\`],
};
const STAGING: SideSecrets = { password: 'st4ging;#pw"', user: 'acme_st', name: 'acme_staging', salts: [] };

let trees: Trees;
beforeEach(() => {
  trees = makeTrees();
});
afterEach(() => {
  trees.remove();
});

function ends(runId: string, change: Partial<ContentEnds> = {}): ContentEnds {
  return trees.ends(runId, {
    settings: {
      host: createLocalHost('production', 'production'),
      production: settingsMatcher([PRODUCTION]),
      foreign: settingsMatcher(secretsOfOneSide([PRODUCTION], [STAGING])),
      needed: [],
    },
    ...change,
  });
}

async function sync(runId: string, change: Partial<ContentEnds> = {}): Promise<void> {
  const own = ends(runId, change);
  await stageFiles(own, trees.watch, 100);
  await applyFileSwap(own.staging, own.folders);
  await finishFileSwap(own.staging, own.folders, 1);
}

const php = (code: string): string => execFileSync('php', ['-r', code], { encoding: 'latin1' });
const files = (side: 'p' | 's'): string[] =>
  trees.sh(`cd ${side}; find . ! -type d | LC_ALL=C sort`).split('\n').filter(Boolean);

/** Settings as the programs themselves write them, under names that say nothing. */
function writeSettings(): void {
  const { password, user, name, salts } = PRODUCTION;
  const all = `['user' => base64_decode('${Buffer.from(user).toString('base64')}'), 'name' => base64_decode('${Buffer.from(name).toString('base64')}'), 'password' => base64_decode('${Buffer.from(password).toString('base64')}')]`;
  const put = (path: string, text: string | Buffer): void => {
    mkdirSync(join(trees.production, path, '..'), { recursive: true });
    writeFileSync(join(trees.production, path), text, typeof text === 'string' ? 'latin1' : null);
  };
  put('a/exported.php', php(`echo '<?php return ', var_export(${all}, true), ';';`));
  put('a/serialized', php(`echo serialize(${all});`));
  put('a/as.json', php(`echo json_encode(${all}, JSON_PRETTY_PRINT);`));
  put('a/as-utf8.json', php(`echo json_encode(${all}, JSON_UNESCAPED_UNICODE);`));
  put(
    'b/dsn.yaml',
    php(`$a = ${all}; echo 'url: mysql://', $a['user'], ':', rawurlencode($a['password']), '@db/x';`),
  );
  put('b/form', php(`echo http_build_query(${all});`));
  put('b/pair.inc', `$db = '${name}'; // for\n${'x'.repeat(5000)}\n$u = "${user}";\n`);
  put(
    'c/salts.php',
    php(
      `echo '<?php define("K", ', var_export(base64_decode('${Buffer.from(salts[0] ?? '').toString('base64')}'), true), ');';`,
    ),
  );
  put(
    'd/binary',
    Buffer.concat([Buffer.alloc(4096, 0), Buffer.from(`\n${password}\n`), Buffer.alloc(64, 7)]),
  );
  put('d/new\nline and \\#101 ü', Buffer.from(password));
}

/** Code that names one of them only, or a part of one. */
function writeCode(): void {
  trees.sh(`mkdir -p p/code; echo "<?php // ${PRODUCTION.name}" > p/code/one.php
    echo "acme_app2 acme_production2" > p/code/part.php; echo x > p/index.php; : > p/code/empty
    head -c 2000000 /dev/zero > p/code/large; echo 'Pr0d#app' > p/code/half.php`);
  symlinkSync('nowhere', join(trees.production, 'code/link'));
}

describe.each(['auto', 'sh', 'busybox'] as const)('a sync (%s)', (tools) => {
  const path = process.env['PATH'];
  afterEach(() => {
    process.env['PATH'] = path;
  });

  test('sends code and leaves settings where they are, whatever they are called', async () => {
    writeSettings();
    writeCode();
    if (tools === 'busybox') process.env['PATH'] = `${(await busyboxTools()).folder}:${path ?? ''}`;
    await sync('r1', { interpreter: tools === 'auto' ? 'auto' : 'sh' });
    expect(files('s')).toEqual(
      [
        'code/empty',
        'code/half.php',
        'code/large',
        'code/link',
        'code/one.php',
        'code/part.php',
        'index.php',
      ].map((name) => `./${name}`),
    );
    const reported = trees.findings.filter(({ code }) => code === 'SETTINGS_STAY');
    expect(reported.map(({ severity }) => severity)).toEqual(['warning']);
    expect(reported[0]?.message).toContain('a/exported.php (holds the password of the database)');
    expect(JSON.stringify(trees.findings)).not.toContain('Pr0d');
  });
});

test("keeps staging's own settings for ever, also when production drops the file", async () => {
  trees.sh('echo code > p/index.php; mkdir p/inc s/inc');
  writeFileSync(join(trees.production, 'inc/db.php'), `<?php $p = 'acme_app acme_production';\n`);
  writeFileSync(join(trees.live, 'inc/db.php'), `<?php $p = 'acme_st acme_staging';\n`);
  await sync('r1');
  expect(trees.findings.filter(({ code }) => code === 'SETTINGS_STAY')).toMatchObject([{ severity: 'info' }]);
  trees.sh('echo more >> p/inc/db.php');
  await sync('r2');
  trees.sh('rm -r p/inc');
  await sync('r3');
  expect(readFileSync(join(trees.live, 'inc/db.php'), 'utf8')).toContain('acme_staging');
});

test('is planned, with the reason, and reported in full once', async () => {
  writeSettings();
  writeCode();
  const plan = async (runId: string): Promise<string[]> => {
    const { files: staying, onStaging } = await planSync(ends(runId), trees.watch);
    expect(onStaging).toEqual([]);
    return staying.map(stayingLine);
  };
  const first = await plan('r1');
  expect(first).toContain('a/exported.php (holds the password of the database)');
  expect(first).toHaveLength(10);
  expect(files('s')).toEqual([]);
  await sync('r1');
  expect(await plan('r2')).toEqual(first);
  trees.findings.length = 0;
  trees.sh('echo more > p/index.php');
  await sync('r2');
  const reported = () => trees.findings.filter(({ code }) => code === 'SETTINGS_STAY');
  expect(reported()).toMatchObject([
    { severity: 'info', message: 'As before, 10 files stay on production as its settings.' },
  ]);
  trees.findings.length = 0;
  trees.sh('cp p/a/exported.php p/another.php');
  await sync('r3');
  expect(reported()).toMatchObject([
    { severity: 'warning', message: expect.stringMatching(/^another\.php \(holds/) as unknown },
  ]);
});

describe("a framework's settings, known by their names", () => {
  const FROM_ENVIRONMENT = "<?php return ['password' => env('DB_PASSWORD')];\n";
  const content = { exclude: [], keepOnStaging: [], mediaMode: 'excluded', media: [] } as const;
  async function phpSync(runId: string): Promise<void> {
    const { settings, staging, folders, signal } = ends(runId);
    if (settings === undefined) throw new Error('no settings');
    const travelling = await travellingSettings(staging, folders, settingsMatcher([STAGING]), signal);
    const needed = NEEDED_SETTINGS.filter((path) => !travelling.includes(path));
    await sync(runId, {
      filters: contentFilters({ type: 'php', content }, travelling),
      settings: { ...settings, needed },
    });
  }
  const put = (side: 'p' | 's', path: string, text: string): void => {
    trees.sh(`mkdir -p ${side}/${path.replace(/[^/]*$/, '')}`);
    writeFileSync(join(side === 'p' ? trees.production : trees.live, path), text);
  };
  const live = (): string => readFileSync(join(trees.live, 'config/database.php'), 'utf8');

  test('travel as code where they read the environment, and follow production, until staging writes its own', async () => {
    put('p', 'config/database.php', FROM_ENVIRONMENT);
    put('p', 'bootstrap/cache/config.php', '<?php return [];');
    put('p', 'index.php', 'code');
    await phpSync('r1');
    expect(files('s')).toEqual(['./config/database.php', './index.php']);
    put('p', 'config/database.php', `${FROM_ENVIRONMENT}// newer\n`);
    await phpSync('r2');
    expect(live()).toContain('newer');
    put('s', 'config/database.php', `<?php return ['acme_st', 'acme_staging'];`);
    put('p', 'config/database.php', `${FROM_ENVIRONMENT}// newest\n`);
    await phpSync('r3');
    expect(live()).toContain('acme_staging');
  });

  test("stay where staging has its own, or where they hold production's secrets", async () => {
    put('p', 'config/database.php', FROM_ENVIRONMENT);
    put('p', 'application/config/database.php', `<?php return ['acme_app', 'acme_production'];`);
    put('s', 'config/database.php', '<?php // made by hand\n');
    put('p', 'index.php', 'code');
    await phpSync('r1');
    expect(live()).toContain('by hand');
    expect(files('s')).toEqual(['./config/database.php', './index.php']);
    expect(trees.findings.map(({ message }) => message)).toContainEqual(
      expect.stringContaining(
        'application/config/database.php (holds the user and the name of the database)',
      ),
    );
  });

  test('are reported where staging has none of a name that never travels', async () => {
    put('p', 'index.php', 'code');
    put('p', 'sites/default/settings.php', "<?php $pw = getenv('PW');");
    await phpSync('r1');
    expect(existsSync(join(trees.live, 'sites/default/settings.php'))).toBe(false);
    expect(trees.findings).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        code: 'SETTINGS_STAY',
        message:
          'sites/default/settings.php (settings by its name) stay on production as its settings; staging has no file of its own there.',
      }),
    );
  });
});

test('takes back what an earlier sync brought as code, once it holds settings', async () => {
  trees.sh('mkdir p/inc; echo "<?php // none yet" > p/inc/db.php; echo code > p/index.php');
  await sync('r1');
  writeFileSync(join(trees.production, 'inc/db.php'), `<?php $p = 'acme_app acme_production';\n`);
  await sync('r2');
  expect(readFileSync(join(trees.live, 'inc/db.php'), 'utf8')).toContain('none yet');
  trees.sh('rm -r p/inc');
  await sync('r3');
  expect(existsSync(join(trees.live, 'inc/db.php'))).toBe(true);
});

test('stops when staging was set up by hand as a copy of production, before it changes anything', async () => {
  writeSettings();
  trees.sh('cp -a p/. s/; echo changed > p/index.php');
  await expect(stageFiles(ends('r1'), trees.watch, 100)).rejects.toMatchObject({
    code: 'STAGING_HAS_PRODUCTION_SETTINGS',
    details: expect.arrayContaining(['a/exported.php: the password of the database']) as unknown,
  });
  expect(existsSync(join(trees.live, 'index.php'))).toBe(false);
});

test('does the same where files are written at once', async () => {
  writeSettings();
  writeCode();
  const own = ends('r1');
  await writeFilesAtOnce(own, trees.watch, { maxDeletePercent: 100, keepGenerations: 1 });
  expect(files('s')).toContain('./index.php');
  expect(files('s').filter((name) => /^\.\/[abd]\//.test(name))).toEqual([]);
});

test("keeps staging's own file where production has a link to settings that its releases share", async () => {
  trees.sh(`mkdir -p shared p/inc s/inc p/code; echo code > p/index.php; echo '<?php // shared' > shared/code.php
    ln -s ../../shared/db.php p/inc/db.php; ln -s ../../shared/code.php p/code/linked.php; ln -s ../shared p/folder`);
  writeFileSync(join(trees.root, 'shared/db.php'), `<?php $p = 'acme_app acme_production';\n`);
  writeFileSync(join(trees.live, 'inc/db.php'), `<?php $p = 'acme_st acme_staging';\n`);
  await sync('r1');
  expect(readFileSync(join(trees.live, 'inc/db.php'), 'utf8')).toContain('acme_staging');
  expect(files('s')).toEqual(['./code/linked.php', './folder', './inc/db.php', './index.php']);
});

test.each(['auto', 'sh'] as const)(
  "stops before a link of production takes the place of a folder with staging's own files (%s)",
  async (interpreter) => {
    trees.sh(`mkdir -p shared s/config/deep s/empty; echo code > p/index.php; ln -s ../shared p/config; ln -s ../shared p/empty
      echo own > s/config/deep/own.php`);
    await expect(stageFiles(ends('r1', { interpreter }), trees.watch, 100)).rejects.toMatchObject({
      code: 'CONTENT_CONFLICT',
      details: ['config/deep/own.php'],
    });
    trees.sh('rm -r s/config');
    await sync('r2', { interpreter });
    expect(files('s')).toEqual(['./config', './empty', './index.php']);
  },
);

test.each(['staged', 'immediate'] as const)(
  'notices what got secrets while it was copied (%s)',
  async (apply) => {
    trees.sh('mkdir p/inc s/inc; echo "<?php // none" > p/inc/db.php; echo code > p/index.php');
    const own = ends('r1');
    const route: ContentEnds['route'] = {
      ...own.route,
      run: (command, options) => {
        if (command.argv.includes('--files-from=-'))
          writeFileSync(join(trees.production, 'inc/db.php'), `<?php $p = 'acme_app acme_production';\n`);
        return own.route.run(command, options);
      },
    };
    const settings = { maxDeletePercent: 100, keepGenerations: 1 };
    await expect(
      apply === 'staged'
        ? stageFiles({ ...own, route }, trees.watch, 100)
        : writeFilesAtOnce({ ...own, route }, trees.watch, settings),
    ).rejects.toMatchObject({
      code: 'SETTINGS_APPEARED',
      details: ['inc/db.php holds the user and the name of the database'],
    });
    expect(trees.sh('grep -rl acme_production s work || :')).toBe('');
    await sync('r2');
    expect(files('s')).toEqual(['./index.php']);
  },
);

describe.each(['mawk', 'busybox'] as const)("staging's own tree (%s)", (tools) => {
  const path = process.env['PATH'];
  afterEach(() => {
    process.env['PATH'] = path;
  });

  test("is searched for production's secrets, also in what no sync touches, without sending them", async () => {
    writeSettings();
    trees.sh(`mkdir -p s/var/cache s/shared s/media s/.git s/logs outside; cp -a p/. s/var/cache/; ln -s ../outside s/linked
      cp p/a/exported.php outside/linked.php; ln -s ../../outside/linked.php s/shared/link.php; ln -s .. s/shared/loop
      cp p/a/as.json s/media/; cp p/a/as.json s/.git/; cp p/a/as.json s/logs/app.log
      printf '%s' "new mysqli('h', 'acme_app', 'whatever', 'acme_production')" > s/var/call.php
      printf 'SetEnv DB_NAME acme_production\\nSetEnv DB_PASSWORD other' > s/.htaccess
      printf '%s' '{"url":"mysql:\\/\\/web:hunter2@h\\/acme_production"}' > s/var/url.json
      printf 'DB_USERNAME=acme_st\\nDB_DATABASE=acme_staging\\nDB_PASSWORD=mine' > s/.env`);
    const stdins: string[] = [];
    const host = createLocalHost('staging', 'staging');
    const staging: typeof host = {
      ...host,
      run: async (command, options) => {
        let stdin = options?.stdin;
        if (stdin instanceof Readable) stdin = Buffer.concat(await stdin.toArray());
        stdins.push(JSON.stringify(command.argv), String(stdin ?? ''));
        return host.run(command, stdin === undefined ? options : { ...options, stdin });
      },
    };
    if (tools === 'busybox') process.env['PATH'] = `${(await busyboxTools()).folder}:${path ?? ''}`;
    const { foreign, closed } = await searchStagingTree({
      staging,
      root: trees.live,
      without: ['media'],
      foreign: settingsMatcher(secretsOfOneSide([PRODUCTION], [STAGING])),
      signal: new AbortController().signal,
      timeoutSeconds: 60,
    });
    expect(closed).toEqual([]);
    expect(foreign.map(({ path }) => showName(path)).sort()).toEqual(
      [
        '.htaccess',
        'linked/linked.php',
        'shared/link.php',
        ...['a/as-utf8.json', 'a/as.json', 'a/exported.php', 'a/serialized'].map(
          (name) => `var/cache/${name}`,
        ),
        ...['b/dsn.yaml', 'b/form', 'b/pair.inc'].map((name) => `var/cache/${name}`),
        'var/call.php',
        'var/url.json',
      ].sort(),
    );
    const hex = Buffer.from('Pr0d').toString('hex');
    expect(stdins.join('')).not.toMatch(new RegExp(`Pr0d|${hex}|AUTH_KEY`));
  });
});

test('hands the secrets to the searching process by its stdin alone', async () => {
  writeSettings();
  const seen: string[] = [];
  const host = createLocalHost('production', 'production');
  const settings = { ...ends('r1').settings, host } as NonNullable<ContentEnds['settings']>;
  const watching: typeof host = {
    ...host,
    run: async (command, options) => {
      seen.push(JSON.stringify([command.argv, command.environment]));
      return host.run(command, options);
    },
  };
  await stageFiles(ends('r1', { settings: { ...settings, host: watching } }), trees.watch, 100);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.join('')).not.toMatch(/Pr0d|acme_app|acme_production/);
});
