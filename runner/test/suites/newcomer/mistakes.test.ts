import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createNewcomerWorld, type NewcomerWorld } from '../../../../sandbox/newcomer/newcomer-world.js';
import {
  agentOf,
  expectExit,
  initWords,
  prepareStaging,
  siteFileOf,
} from '../../../../sandbox/newcomer/play.js';
import { runUnderstudy } from '../../../../sandbox/runner.js';

/** What somebody does wrong on the machines in the first hour, and what `doctor` says. The half in the file: unit/mistakes. */
let world: NewcomerWorld;
let siteFile: string;
let good: string;
beforeAll(async () => {
  world = await createNewcomerWorld();
  siteFile = siteFileOf(world);
  await expectExit(world, 0, ...initWords(world, true));
  await prepareStaging(world);
  good = readFileSync(siteFile, 'utf8');
}, 300_000);
afterAll(() => world.stop());

async function doctor(environment: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await runUnderstudy(
    agentOf(world, environment),
    '--verbose',
    'doctor',
    'acme',
  );
  return `exit ${String(code)}\n${stdout}${stderr}`;
}

interface Mistake {
  readonly what: string;
  /** Changes the site file. */
  readonly file?: (text: string) => string;
  /** Changes a machine; returns what sets it back. */
  readonly machine?: () => Promise<() => unknown> | (() => unknown);
  readonly environment?: Record<string, string>;
  /** All of them are read, in whatever order. */
  readonly reads: readonly string[];
}

const replaceIn = (side: 'production' | 'staging', from: string | RegExp, to: string) => (text: string) => {
  const at = text.indexOf('\nstaging:');
  const [production, staging] = [text.slice(0, at), text.slice(at)];
  const changed = (side === 'production' ? production : staging).replace(from, to);
  if (changed === (side === 'production' ? production : staging))
    throw new Error(`nothing to change in ${side}`);
  return side === 'production' ? changed + staging : production + changed;
};
/** Moves a file of this machine away. */
const away = (file: string): (() => void) => {
  renameSync(file, `${file}.away`);
  return () => renameSync(`${file}.away`, file);
};
const edit = (file: string, from: string, to: string): (() => void) => {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  writeFileSync(file, text.replace(from, to));
  return () => writeFileSync(file, text);
};
const sql = (side: 'production' | 'staging', there: string, back: string) => async () => {
  await world[side].server.query(there);
  return () => world[side].server.query(back);
};
const shell = (side: 'production' | 'staging', there: string, back: string) => async () => {
  await world.asRoot(world[side], there.replace('ROOT', world[side].root));
  return () => world.asRoot(world[side], back.replace('ROOT', world[side].root));
};
const config = (side: 'production' | 'staging'): string => path.join(world[side].root, 'wp-config.php');

const mistakes: readonly Mistake[] = [
  {
    what: 'a wrong user',
    file: replaceIn('staging', 'user: deploy', 'user: nobody-here'),
    reads: ['HOST_AUTH_FAILED', 'nobody-here', 'authorized_keys', 'tried: the key'],
  },
  {
    what: 'a wrong port',
    file: replaceIn('staging', /port: \d+/, 'port: 9'),
    reads: ['HOST_UNREACHABLE', 'nothing listens there'],
  },
  {
    what: 'a host that there is not',
    file: replaceIn('production', /host: '[\d.]+'/, 'host: app.acme.invalid'),
    reads: ['HOST_UNREACHABLE', 'not known to DNS'],
  },
  {
    what: 'a key that does not exist',
    file: (text) => text.replaceAll(/key: \{ file: \S+ \}/g, 'key: { file: /nowhere/id }'),
    reads: ['SSH_KEY_UNUSABLE', '/nowhere/id', 'does not exist'],
  },
  {
    what: 'another key than the host knows',
    machine: () => {
      execFileSync('ssh-keygen', [
        '-q',
        '-t',
        'ed25519',
        '-N',
        '',
        '-f',
        path.join(world.folder, 'agent/other'),
      ]);
      return () => undefined;
    },
    file: (text) => text.replaceAll(/key: \{ file: \S+ \}/g, `key: { file: ${world.folder}/agent/other }`),
    reads: ['HOST_AUTH_FAILED', 'none of the runner', 'authorized_keys'],
  },
  {
    what: 'a key with a passphrase',
    machine: () => {
      execFileSync('ssh-keygen', [
        '-q',
        '-t',
        'ed25519',
        '-N',
        'open sesame',
        '-f',
        path.join(world.folder, 'agent/locked'),
      ]);
      return () => undefined;
    },
    file: (text) => text.replaceAll(/key: \{ file: \S+ \}/g, `key: { file: ${world.folder}/agent/locked }`),
    reads: ['SSH_KEY_UNUSABLE', 'has a passphrase', 'ssh-add'],
  },
  {
    what: 'the host key of another host',
    file: replaceIn('staging', /hostKey: \S+/, `hostKey: SHA256:${'A'.repeat(43)}`),
    reads: ['HOST_KEY_CHANGED', 'expected: SHA256:AAAA'],
  },
  {
    what: 'no host key',
    file: replaceIn('staging', / +hostKey: \S+\n/, ''),
    reads: ['HOST_KEY_UNKNOWN', 'hostKey: SHA256:', 'ssh: { host:'],
  },
  {
    what: "production's path wrong",
    file: replaceIn('production', /path: (\S+)\/acme\n/, 'path: $1/acmee\n'),
    reads: ['/home/acmee', 'path'],
  },
  {
    what: "staging's path wrong",
    file: replaceIn('staging', /path: (\S+)\/staging\n/, 'path: $1/stagging\n'),
    reads: ['/www/stagging', 'understudy prepare acme'],
  },
  {
    what: "staging's address wrong",
    file: replaceIn('staging', 'https://staging.acme.test', 'https://stage.acme.test'),
    reads: ['stage.acme.test'],
  },
  {
    what: "production's address wrong",
    file: replaceIn('production', 'https://www.acme.test', 'https://www.acme-theatre.test'),
    reads: ['The option home of production is https://www.acme.test', 'production.url'],
  },
  {
    what: 'no login for the pages',
    environment: { ACME_STAGING_LOGIN: 'guest:wrong-password' },
    reads: ['401'],
  },
  {
    what: 'the variable of a secret not set',
    environment: { ACME_STAGING_LOGIN: '' },
    reads: ['PAGES_UNREAD', 'ACME_STAGING_LOGIN is empty'],
  },
  {
    what: 'the authority of the certificate not named',
    file: replaceIn('staging', /, ca: \S+/, ''),
    reads: ['certificate'],
  },
  {
    what: 'no wp-config.php on staging',
    machine: () => away(config('staging')),
    reads: ['WP_CONFIG_UNREADABLE', 'understudy prepare acme --apply'],
  },
  {
    what: 'a wp-config.php that nobody may read',
    machine: () => {
      chmodSync(config('production'), 0);
      return () => chmodSync(config('production'), 0o640);
    },
    reads: ['WP_CONFIG_UNREADABLE', 'may not read'],
  },
  {
    what: 'a wrong password of the database',
    machine: () => edit(config('staging'), "define( 'DB_PASSWORD', '", "define( 'DB_PASSWORD', 'x"),
    reads: ['DATABASE_UNREACHABLE', 'refused user acme_staging'],
  },
  {
    what: 'a database that does not exist',
    machine: () => edit(config('staging'), "'DB_NAME', 'acme_staging'", "'DB_NAME', 'acme_nowhere'"),
    reads: ['acme_nowhere'],
  },
  {
    what: 'a database server that is not there',
    machine: () => edit(config('staging'), "'DB_HOST', 'localhost'", "'DB_HOST', '127.0.0.1:9'"),
    reads: ['DATABASE_UNREACHABLE', '127.0.0.1:9'],
  },
  {
    what: 'rights beside the live schema missing',
    machine: sql(
      'staging',
      "REVOKE ALL PRIVILEGES ON `acme\\_staging\\_understudy\\_%`.* FROM 'acme_staging'@'localhost'",
      "GRANT ALL PRIVILEGES ON `acme\\_staging\\_understudy\\_%`.* TO 'acme_staging'@'localhost'",
    ),
    reads: ['may not work in schemas beside acme_staging', 'GRANT ALL PRIVILEGES ON'],
  },
  {
    what: 'rights of the dump missing',
    machine: sql(
      'production',
      "REVOKE ALL PRIVILEGES ON `acme`.* FROM 'acme'@'%'; GRANT SELECT, INSERT ON `acme`.* TO 'acme'@'%'",
      "GRANT ALL PRIVILEGES ON `acme`.* TO 'acme'@'%'",
    ),
    reads: ['TRIGGER'],
  },
  {
    what: 'another table prefix',
    machine: () => edit(config('staging'), "$table_prefix = 'wp_'", "$table_prefix = 'stg_'"),
    reads: ['TABLE_PREFIX_MISMATCH', "$table_prefix = 'wp_';"],
  },
  {
    what: "staging's addresses in wp-config.php are production's",
    machine: () => edit(config('staging'), '<?php', "<?php define('WP_HOME', 'https://www.acme.test');"),
    reads: ['WP_HOME of staging is www.acme.test'],
  },
  {
    what: 'no WP_ENVIRONMENT_TYPE',
    machine: () => edit(config('staging'), "define( 'WP_ENVIRONMENT_TYPE', 'staging' );", ''),
    reads: ['STAGING_ENVIRONMENT_TYPE', "define( 'WP_ENVIRONMENT_TYPE', 'staging' );"],
  },
  {
    what: "staging's folder not writable",
    machine: shell(
      'staging',
      'cd ROOT && chown root:root . && chmod 755 .',
      'cd ROOT && chown deploy:www-data . && chmod 2775 .',
    ),
    reads: ['STAGING_NOT_WRITABLE', '/www/staging'],
  },
  {
    what: 'a .git folder in the site',
    machine: () => {
      const folder = path.join(world.production.root, '.git');
      mkdirSync(folder);
      return () => execFileSync('rm', ['-r', folder]);
    },
    reads: ['VERSION_CONTROL_FOUND', '/home/acme/.git'],
  },
  {
    what: "production's settings copied to staging",
    machine: () => {
      const file = config('staging');
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, readFileSync(config('production')));
      return () => writeFileSync(file, text);
    },
    reads: ['DATABASE_IS_PRODUCTION', 'Give staging a database of its own'],
  },
];

describe('what doctor says', () => {
  test('all is well before', async () => {
    expect(await doctor()).toMatch(/^exit 0/);
  }, 120_000);

  test.each(mistakes)(
    '$what',
    async ({ file, machine, environment, reads }) => {
      const back = await machine?.();
      try {
        if (file !== undefined) writeFileSync(siteFile, file(good));
        const said = await doctor(environment);
        if (process.env['SHOW'] !== undefined) console.log(said);
        for (const words of reads) expect(said).toContain(words);
        expect(said).not.toContain('BUG');
        expect(said).not.toContain('<site>');
      } finally {
        await back?.();
        writeFileSync(siteFile, good);
      }
    },
    120_000,
  );
});
