import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { openDatabase } from '../../../src/database/connection/open-database.js';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';
import { type BackupManifest, readManifest } from '../../../src/database/manifest.js';
import { prepareSchema } from '../../../src/database/sql/sql-statements.js';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { statementsOf } from '../../unit/docs/check-block.js';
import { ADMIN, quotedAccount, STAGING } from '../../unit/docs/grants-of-docs.js';
import { readPage } from '../../unit/docs/markdown.js';
import { accessTo, backUp, contents, loadEveryKind, orderFor, type Production, productionAt, SCHEMA } from './support.js'; // prettier-ignore

let server: MariaDbServer;
let production: Production;
let folder: string;
let manifest: BackupManifest;
let files: Map<string, string>;

beforeAll(async () => {
  server = await startMariaDb({ config: ['--event-scheduler=OFF'] });
  production = await productionAt(await loadEveryKind(server));
  const order = await orderFor(production);
  folder = order.folder;
  ({ manifest } = await backUp(production));
  files = await contents(folder);
});
afterAll(async () => {
  await rm(production.folder, { recursive: true, force: true });
  await server.stop();
});

const quote = (name: string) => `\`${name.replaceAll('`', '``')}\``;
const rowsOf = ({ tables }: BackupManifest) =>
  Object.fromEntries(tables.map(({ name, rows }) => [name, rows]));

test('the rows of every table are counted exactly', async () => {
  const expected: Record<string, number> = {};
  for (const { name } of manifest.tables)
    expected[name] = Number(await server.query(`SELECT COUNT(*) FROM ${quote(name)}`, SCHEMA));
  expect(rowsOf(manifest)).toEqual(expected);
  expect(Object.keys(expected)).toContain('odd name`s "x" \'y\' ü 日本 --');
  expect(expected['utf']).toBe(14);
});

test('the manifest names what the backup holds', () => {
  expect(manifest).toMatchObject({
    views: ['a_first', 'calls', 'like_schema', 'z_last'],
    triggers: ['child_before', 'utf_log'],
    routines: ['add one', 'count them', 'note'],
    events: ['nightly', 'sleeping'],
    warnings: ['Table myisam (MyISAM) is not part of the snapshot.'],
    source: { schema: SCHEMA, charset: 'utf8mb4' },
    compression: 'zstd',
  });
});

test('the manifest that was written reads back as the one that was returned', async () => {
  expect(readManifest(await readFile(path.join(folder, 'manifest.json')))).toEqual(manifest);
});

test('files are for the owner alone', async () => {
  const modes = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const { mode } = await stat(path.join(entry.parentPath, entry.name));
    modes.add(`${entry.isDirectory() ? 'folder' : 'file'} ${(mode & 0o777).toString(8)}`);
  }
  modes.add(`folder ${((await stat(folder)).mode & 0o777).toString(8)}`);
  expect([...modes].sort()).toEqual(['file 600', 'folder 700']);
});

test('data shards hold INSERTs and nothing else', () => {
  const data = [...files].filter(([name]) => name.startsWith('data/')).map(([, text]) => text);
  for (const line of data
    .join('')
    .split('\n')
    .filter((one) => !one.startsWith('(')))
    // prettier-ignore
    expect(line).toMatch(/^$|^INSERT INTO `.*` (?:\(.*\) )?VALUES$/);
});

test('the password is in no file and in no error', async () => {
  for (const [, text] of files) expect(text).not.toContain('pa"ss');
  const order = await orderFor(production, { access: { ...production.access, name: 'no such' } });
  const failure = await backUp(production, order).catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({ code: 'DUMP_FAILED' });
  expect(JSON.stringify(failure)).not.toContain('pa"ss');
  await backUp(production);
});

test('awk, gzip and perl make the same backup', async () => {
  const variants = [
    { splitter: 'awk' },
    { splitter: 'awk', compressor: { compression: 'gzip', text: 'gzip -1 -c', ending: 'gz' } },
    { splitter: 'perl', compressor: { compression: 'gzip', text: 'pigz -1 -c', ending: 'gz' } },
  ] as const;
  const plain = (text: Map<string, string>) =>
    [...text].filter(([name]) => name !== 'manifest.json').map(([name, sql]) => [name, sql.replace(/^-- .*$/gm, '')]); // prettier-ignore
  for (const tools of variants) {
    const { manifest: other } = await backUp(production, { tools });
    expect(rowsOf(other)).toEqual(rowsOf(manifest));
    expect(other.tables).toEqual(manifest.tables);
    expect(plain(await contents(folder)).sort()).toEqual(plain(files).sort());
  }
});

test('rows of a table that is copied without rows are left out, its definition is not', async () => {
  const withProgram = await backUp(production, { structureOnly: ['cache'] });
  expect(rowsOf(withProgram.manifest)['cache']).toBe(0);
  // A program that does not know --ignore-table-data: the splitter drops the rows.
  for (const splitter of ['perl', 'awk'] as const) {
    const order = { structureOnly: ['cache'], tools: { known: new Set(['--no-tablespaces']), splitter } };
    const { manifest: other } = await backUp(production, order);
    expect(rowsOf(other)).toEqual({ ...rowsOf(manifest), cache: 0 });
    const text = [...(await contents(folder)).values()].join('');
    expect(text).toContain('CREATE TABLE `cache`');
    expect(text).not.toContain('rows of this one are not copied');
  }
});

function importShard(text: string): void {
  const settings = "SET sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=0";
  const login = ['--no-defaults', `--socket=${server.socket}`, '-urestorer', '-prestorer-password'];
  const options = ['--default-character-set=binary', '--binary-mode', `--init-command=${settings}`];
  execFileSync('mariadb', [...login, ...options, 'acme_staging'], { input: Buffer.from(text, 'latin1') });
}

test('the accounts of docs/accounts.md are taken by a server, and the one for the backup makes it whole', async () => {
  const statements = readPage('docs/accounts.md')
    .blocks.filter(({ language }) => language === 'sql')
    .flatMap(({ text }) => statementsOf(text))
    // MySQL's own.
    .filter((statement) => !statement.includes('SHOW_ROUTINE'));
  const accounts = [STAGING, ADMIN].map(({ account }) => `CREATE USER ${quotedAccount(account)};`);
  await server.query(
    [...accounts, ...statements.map((sql) => `${sql.replace('`acme`', quote(SCHEMA))};`)].join('\n'),
  );
  const access = accessTo(server, SCHEMA, 'understudy_read', '…');
  const { manifest: other } = await backUp(production, { access });
  const { createdAt: _, ...whole } = manifest;
  expect(other).toMatchObject({ ...whole, files: expect.any(Array) });
});

describe('restored under another name', () => {
  let connection: SqlConnection;
  const target = 'acme_staging';
  const sums = async (schema: string) =>
    (await server.query(`CHECKSUM TABLE ${manifest.tables.map(({ name }) => `${quote(schema)}.${quote(name)}`).join(', ')}`))
      .split('\n').map((line) => line.replace(`${schema}.`, '')); // prettier-ignore

  beforeAll(async () => {
    await server.query(`CREATE DATABASE ${target} CHARACTER SET utf8mb4`);
    const access = accessTo(server, target, 'restorer', 'restorer-password');
    await server.query(`CREATE USER restorer@localhost IDENTIFIED BY 'restorer-password'`);
    await server.query(`GRANT ALL ON ${target}.* TO restorer@localhost`);
    connection = await openDatabase(production.host, access, { foreignKeyChecks: false });
    const create = async (name: string) => {
      const { statements } = prepareSchema(Buffer.from(files.get(name) ?? '', 'latin1'), {
        fromSchema: SCHEMA,
        toSchema: target,
        target: { collations: new Set(), isMariaDb: true },
        events: 'disable',
      });
      for (const { settings, sql } of statements) {
        for (const setting of settings) await connection.execute(setting);
        await connection.execute(sql);
      }
    };
    await create('schema.sql');
    for (const [name, text] of files) if (name.startsWith('data/')) importShard(text);
    await create('objects.sql');
  });
  afterAll(() => connection.close());

  test('every table has the same bytes', async () => {
    expect(await sums(target)).toEqual(await sums(SCHEMA));
  });

  test('nothing mentions the old schema any more', async () => {
    const text = await server.query(
      `SELECT ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${target}' UNION ALL
       SELECT ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${target}' UNION ALL
       SELECT EVENT_DEFINITION FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${target}' UNION ALL
       SELECT VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '${target}'`,
    );
    expect(text).toContain('`acme_staging`.`log`');
    expect(text).not.toContain('`acme shop`.`log`');
    // A text and a table that are only called like the schema stay.
    expect(text).toContain("concat('acme shop.log; '");
    expect(text).toContain('`acme shop`.`id`');
  });

  test('views, functions, triggers and procedures work', async () => {
    expect(await server.query('SELECT COUNT(*) FROM a_first', target)).toBe('2\n');
    expect(await server.query('SELECT n FROM calls ORDER BY n', target)).toBe('2\n3\n');
    expect(await server.query('SELECT id FROM like_schema', target)).toBe('1\n');
    await server.query(`INSERT INTO utf (body) VALUES ('fires')`, target);
    expect(await server.query('SELECT t FROM log', target)).toBe('acme shop.log; 15\n');
    await server.query('CALL `count them`(@total)', target);
    expect(await server.query('SELECT t FROM log ORDER BY id DESC LIMIT 1', target)).toBe('many\n');
  });

  test('definers are the importing account, events are off, the sequence goes on', async () => {
    const definers = await server.query(
      `SELECT DISTINCT DEFINER FROM (SELECT DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${target}' UNION SELECT DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${target}' UNION SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '${target}' UNION SELECT DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${target}') x`,
    );
    expect(definers).toBe('restorer@localhost\n');
    const states = await server.query(
      `SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${target}' ORDER BY 1`,
    );
    expect(states).toBe('nightly\tDISABLED\nsleeping\tDISABLED\n');
    expect(Number(await server.query('SELECT NEXTVAL(numbers)', target))).toBeGreaterThan(5);
  });
});
