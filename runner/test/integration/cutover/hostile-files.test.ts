import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { readHostFile } from '../../../src/hosts/host-files.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { listGenerations } from '../../../src/cutover/journal/generations.js';
import { readJournal } from '../../../src/cutover/journal/journal.js';
import { recover, setAsideJournal } from '../../../src/cutover/recover-cutover.js';
import { loadSites } from '../../../src/config/load/load-sites.js';
import { withStaging } from '../../../src/database/restore/staging-account.js';
import { restoreObjects } from '../../../src/cutover/exchange/restore-objects.js';
import { applySwap } from '../../../src/commands/scripts/content/apply-swap.js';
import { DELETE_LISTED } from '../../../src/commands/scripts/content/generations.js';
import { type Interpreter, twoScripts } from '../../../src/commands/scripts/content/script.js';
import { shellScript } from '../../../src/commands/command.js';
import { createStagingAccount, makeWorld, type World } from './cutover-world.js';

const host = createLocalHost('staging', 'staging');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'understudy-hostile-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What somebody may put where a file of Understudy is expected. */
const ODD_FILES: readonly [string, (file: string) => void, string][] = [
  ['a FIFO', (file) => void execFileSync('mkfifo', [file]), 'it is not a regular file'],
  ['a folder', (file) => void mkdirSync(file), 'it is not a regular file'],
  ['a link to a secret', (file) => void symlinkSync('/etc/passwd', file), 'it is a symbolic link'],
  ['a dangling link', (file) => void symlinkSync('/nowhere', file), 'it is a symbolic link'],
  ['a link to a device', (file) => void symlinkSync('/dev/zero', file), 'it is a symbolic link'],
  ['a huge sparse file', (file) => void execFileSync('truncate', ['-s', '9G', file]), 'at most'],
];

describe('a file on a host', () => {
  test.each(ODD_FILES)('%s is refused at once', async (name, make, why) => {
    const file = path.join(folder, name);
    make(file);
    await expect(readHostFile(host, file)).rejects.toMatchObject({
      code: 'HOST_FILE_REFUSED',
      message: expect.stringContaining(why),
    });
  });
  test('a name like an option, an empty file and none', async () => {
    writeFileSync(path.join(folder, '-n'), '');
    expect(await readHostFile(host, path.join(folder, '-n'))).toEqual(Buffer.alloc(0));
    expect(await readHostFile(host, path.join(folder, 'none'))).toBeUndefined();
  });
});

describe('a site file', () => {
  test.each(ODD_FILES)('that is %s is a problem of that file, not a wait', async (name, make) => {
    const sites = mkdtempSync(path.join(folder, 'sites-'));
    make(path.join(sites, 'acme.yaml'));
    const { problems } = await loadSites(sites);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The file cannot be read/),
    ]);
    expect(name).not.toBe('');
  });
  test('that a mounted configuration links within its folder is read', async () => {
    const sites = mkdtempSync(path.join(folder, 'mounted-'));
    mkdirSync(path.join(sites, '..data'));
    writeFileSync(path.join(sites, '..data', 'acme.yaml'), 'type: nonsense\n');
    symlinkSync('..data/acme.yaml', path.join(sites, 'acme.yaml'));
    const { problems } = await loadSites(sites);
    expect(problems.map(({ message }) => message).join()).not.toContain('cannot be read');
  });
});

describe('the lists of an exchange', () => {
  const NAMES = ['../victim', 'a/../../victim', '/etc/victim', './x', ''];
  const plans = NAMES.flatMap((name) => (['auto', 'sh'] as Interpreter[]).map((by) => [name, by] as const));
  test.each(plans)('with %j are not carried out (%s)', async (name, interpreter) => {
    const world = mkdtempSync(path.join(folder, 'lists-'));
    for (const each of ['live', 'incoming', 'retired/run/plan'])
      mkdirSync(path.join(world, each), { recursive: true });
    writeFileSync(path.join(world, 'victim'), 'of somebody else');
    for (const list of ['changed', 'emptied', 'modes'])
      writeFileSync(path.join(world, 'retired/run/plan', list), '');
    writeFileSync(path.join(world, 'retired/run/plan', 'deleted'), `fine\0${name}\0`);
    const args = [path.join(world, 'live'), path.join(world, 'incoming'), path.join(world, 'retired/run')];
    await expect(host.run(twoScripts('write', applySwap, args, interpreter))).rejects.toMatchObject({
      stderr: expect.stringContaining('not inside the site'),
    });
    expect(readFileSync(path.join(world, 'victim'), 'utf8')).toBe('of somebody else');
  });
  test('are not carried out at once either', async () => {
    const world = mkdtempSync(path.join(folder, 'at-once-'));
    for (const each of ['live', 'content']) mkdirSync(path.join(world, each));
    writeFileSync(path.join(world, 'victim'), '');
    for (const list of ['changed', 'emptied', 'modes']) writeFileSync(path.join(world, 'content', list), '');
    writeFileSync(path.join(world, 'content', 'deleted'), '../victim\0');
    const args = [path.join(world, 'live'), path.join(world, 'content')];
    await expect(host.run(shellScript('write', DELETE_LISTED, args))).rejects.toThrow('exit code');
    expect(readdirSync(world)).toContain('victim');
  });
});

describe('journals and generations on staging', () => {
  let server: MariaDbServer;
  let world: World;
  const journal = () => path.join(world.folder, 'work', 'journal.json');
  beforeAll(async () => {
    server = await startMariaDb();
    await createStagingAccount(server);
    await server.query(`CREATE USER boss@localhost IDENTIFIED BY 'staging-password-1';
      GRANT ALL ON *.* TO boss@localhost WITH GRANT OPTION; CREATE DATABASE acme; CREATE DATABASE other;
      CREATE TABLE acme.t (id INT); CREATE TABLE other.t (id INT);`);
    world = await makeWorld(server, {
      site: (site) =>
        ({
          ...site,
          staging: {
            ...site.staging,
            admin: { user: 'boss', password: { source: 'env', env: 'HOSTILE_ADMIN' } },
          },
        }) as typeof site,
    });
    process.env['HOSTILE_ADMIN'] = 'staging-password-1';
    mkdirSync(path.join(world.folder, 'work', 'generations'), { recursive: true });
  });
  afterAll(async () => {
    delete process.env['HOSTILE_ADMIN'];
    await world.remove();
    await server.stop();
  });

  test.each(ODD_FILES)('a journal that is %s has one answer and a way on', async (_name, make) => {
    make(journal());
    await expect(readJournal(world.context)).rejects.toMatchObject({
      code: 'JOURNAL_INVALID',
      message: expect.stringContaining(journal()),
      next: expect.stringContaining('understudy recover acme --set-aside-journal'),
    });
    expect(await setAsideJournal(world.context)).toContain(`${journal()}.invalid-`);
    expect(await readJournal(world.context)).toBeUndefined();
    expect(await recover(world.context)).toBe('nothing');
  });
  test('without a journal there is nothing to set aside', async () => {
    expect(await setAsideJournal(world.context)).toBe('nothing');
  });

  const generation = (extra: object): string =>
    JSON.stringify({
      version: 1,
      number: 7,
      kept: 'backup',
      backup: path.join(world.folder, 'work', 'safety', '7'),
      retiredBy: '20261121T201500Z-3f9a1c',
      retiredAt: '2026-11-21T20:15:00.000Z',
      tables: [],
      objects: [],
      ...extra,
    });
  test('a generation names its own dump and nothing else', async () => {
    const file = path.join(world.folder, 'work', 'generations', '7.json');
    const read = async (text: string) => {
      writeFileSync(file, text);
      world.context.findings.length = 0;
      return { found: (await listGenerations(world.context)).length, said: world.context.findings.length };
    };
    expect(await read(generation({}))).toEqual({ found: 1, said: 0 });
    for (const extra of [
      { backup: path.join(world.folder, 'work', 'runs') },
      { backup: path.join(world.folder, 'work', 'safety', '7', '..', '..') },
      { number: 8 },
      { retiredBy: '$(reboot)' },
      { more: 1 },
    ])
      expect(await read(generation(extra))).toEqual({ found: 0, said: 1 });
  });

  const object = (kind: string, name: string, statement: string) => ({ kind, name, settings: [], statement });
  const make = (objects: readonly object[]) =>
    withStaging(world.context, {}, (connection) =>
      restoreObjects(world.context, connection, 'acme', objects as never),
    );
  test.each([
    [
      'routine',
      'f',
      "CREATE FUNCTION f() RETURNS INT RETURN (SELECT 1 FROM mysql.user INTO OUTFILE '/tmp/x')",
    ],
    ['routine', 'f', 'CREATE FUNCTION f() RETURNS TEXT RETURN (SELECT Password FROM mysql.user LIMIT 1)'],
    ['view', 'v', 'CREATE VIEW v AS SELECT * FROM other.t'],
    ['view', 'v', 'CREATE VIEW other.v AS SELECT 1'],
    ['view', 'v', 'CREATE VIEW another AS SELECT 1'],
    ['routine', 'f', "CREATE USER eve@'%' IDENTIFIED BY 'x'"],
    ['routine', 'f', 'CREATE PROCEDURE f() BEGIN GRANT ALL ON *.* TO eve; END'],
    ['event', 'e', 'CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO DROP DATABASE acme'],
    ['trigger', 'x', 'CREATE TABLE x (id INT)'],
  ])('the %s %s is left out and reported: %s', async (kind, name, statement) => {
    world.context.findings.length = 0;
    await make([object(kind, name, statement)]);
    expect(world.context.findings).toMatchObject([{ code: 'OBJECT_REFUSED' }]);
    expect(await server.query("SELECT COUNT(*) FROM mysql.user WHERE User = 'eve'")).toBe('0\n');
    expect(await server.query("SHOW TABLES LIKE 'v'", 'other')).toBe('');
  });
  test("what is made belongs to the site's own account, whatever definer the file names", async () => {
    world.context.findings.length = 0;
    await make([
      object(
        'view',
        'v',
        'CREATE ALGORITHM=UNDEFINED DEFINER=`boss`@`localhost` SQL SECURITY DEFINER VIEW `v` AS select 1',
      ),
      object(
        'routine',
        'f',
        'CREATE DEFINER=`root`@`localhost` FUNCTION `f`() RETURNS TEXT RETURN CURRENT_USER()',
      ),
      object(
        'trigger',
        'n',
        'CREATE DEFINER=boss@localhost TRIGGER n BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 1',
      ),
    ]);
    expect(world.context.findings).toEqual([]);
    expect(await server.query('SELECT f()', 'acme')).toBe('staging@localhost\n');
    expect(
      await server.query(`SELECT definer FROM information_schema.views WHERE table_schema = 'acme' UNION ALL
        SELECT definer FROM information_schema.triggers WHERE trigger_schema = 'acme'`),
    ).toBe('staging@localhost\nstaging@localhost\n');
  });
});
