import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type MariaDbServer } from '../../../../sandbox/servers/mariadb.js';
import { importSettings } from '../../../src/commands/mysql.js';
import { backUp, loadEveryKind, productionAt, RUN } from '../database-dump/support.js';
import { makeRestoreWorld, NEW, type RestoreWorld } from './restore-world.js';
import { checksumsOf, cutFile } from './spoilt-backup.js';

let world: RestoreWorld;

beforeAll(async () => {
  world = await makeRestoreWorld(loadEveryKind);
}, 120_000);
afterAll(() => world.remove());
beforeEach(() => world.reset());

const checksums = (server: MariaDbServer, schema: string) => checksumsOf(server, schema, world.manifest);

describe('a restored backup', () => {
  test('has the same rows when the dump speaks UTF-8, as that of a MySQL does', async () => {
    const elsewhere = await productionAt(world.production.access);
    try {
      const { manifest: utf8 } = await backUp(elsewhere, { tools: { textAs: 'utf8' } });
      expect(utf8.textAs).toBe('utf8');
      await world.receive(path.join(elsewhere.folder, RUN, 'backup'));
      await world.restore();
      expect(await checksums(world.stagingServer, NEW)).toEqual(
        await checksums(world.productionServer, 'acme shop'),
      );
    } finally {
      await rm(elsewhere.folder, { recursive: true, force: true });
    }
  });

  test('has every row of every kind of table, every view, routine, trigger and event', async () => {
    const restored = await world.restore();
    expect(world.manifest.textAs).toBe('bytes');
    expect(await checksums(world.stagingServer, NEW)).toEqual(
      await checksums(world.productionServer, 'acme shop'),
    );
    const kinds = restored.objects.map(({ kind }) => kind);
    expect({
      views: kinds.filter((kind) => kind === 'view').length,
      triggers: kinds.filter((kind) => kind === 'trigger').length,
      events: kinds.filter((kind) => kind === 'event').length,
    }).toEqual({
      views: world.manifest.views.length,
      triggers: world.manifest.triggers.length,
      events: world.manifest.events.length,
    });
    // Nothing in the incoming schema acts by itself.
    for (const [list, column] of [
      ['triggers', 'trigger_schema'],
      ['events', 'event_schema'],
    ])
      expect(
        await world.stagingServer.query(
          `SELECT COUNT(*) FROM information_schema.${list} WHERE ${column} = '${NEW}'`,
        ),
      ).toBe('0\n');
    const events = restored.objects.filter(({ kind }) => kind === 'event');
    for (const event of events) expect(event.statement).toMatch(/\bDISABLE\b/);
    // What was qualified with production's schema names the live schema, for the cutover.
    expect(restored.objects.find(({ name }) => name === 'utf_log')?.statement).toContain('INTO `acme`.`log`');
  });

  test('keeps events as they are where the site file says so', async () => {
    const { objects } = await world.restore({ events: 'keep' });
    expect(objects.find(({ name }) => name === 'nightly')?.statement).not.toMatch(/\bDISABLE\b/);
  });
});

describe('two shards of one table', () => {
  test('may begin at the same time: neither waits for the other', async () => {
    await world.stagingServer.query('CREATE TABLE halves (id int PRIMARY KEY, name varchar(20) UNIQUE)', NEW);
    const first = world.stagingServer.query(
      `${importSettings(true, true)} START TRANSACTION; INSERT INTO halves VALUES (1, 'a'); SELECT SLEEP(60); COMMIT`,
      NEW,
    );
    first.catch(() => undefined);
    const sleeping = async (): Promise<string> =>
      (
        await world.stagingServer.query(
          "SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(60)'",
        )
      ).trim();
    let id = '';
    while (id === '') id = await sleeping();
    try {
      await world.stagingServer.query(
        `${importSettings(true, true)} SET SESSION innodb_lock_wait_timeout = 1; INSERT INTO halves VALUES (2, 'b')`,
        NEW,
      );
    } finally {
      await world.stagingServer.query(`KILL ${id}`);
    }
    expect(await world.stagingServer.query('SELECT id FROM halves', NEW)).toBe('2\n');
  });
});

describe('a backup whose trailer is intact but which is not complete', () => {
  const largest = () => world.manifest.tables.toSorted((a, b) => b.rows - a.rows)[0]?.name ?? '';

  test('one row is gone: the table is named', async () => {
    const table = largest();
    const rows = world.manifest.tables.find(({ name }) => name === table)?.rows ?? 0;
    await world.spoil(world.firstShardOf(table), (text) => dropFirstTuple(text, table));
    await expect(world.restore()).rejects.toMatchObject({
      code: 'IMPORT_INCOMPLETE',
      details: [
        `${table} has ${(rows - 1).toLocaleString('en')} rows, the backup ${rows.toLocaleString('en')} rows`,
      ],
    });
  });

  test('one INSERT is gone: the table is named', async () => {
    await world.spoil(world.firstShardOf('utf'), (text) =>
      text.replace(/^INSERT INTO `utf` [\s\S]*?;\n/m, ''),
    );
    await expect(world.restore()).rejects.toMatchObject({
      code: 'IMPORT_INCOMPLETE',
      details: ['utf has 0 rows, the backup 14 rows'],
    });
  });

  test('one table is gone, with its rows: the table is named', async () => {
    await world.spoil('schema.sql.zst', (text) => text.replace(/^CREATE TABLE `utf` [\s\S]*?;\n/m, ''));
    await world.spoil(world.firstShardOf('utf'), (text) =>
      text.replace(/^INSERT INTO `utf` [\s\S]*?;\n/gm, ''),
    );
    await expect(world.restore()).rejects.toMatchObject({
      code: expect.stringMatching(/IMPORT_INCOMPLETE|OBJECT_REFUSED/),
      details: expect.arrayContaining(['utf is missing']),
    });
  });

  test('a table is gone, but not its rows: its shard is named', async () => {
    await world.spoil('schema.sql.zst', (text) => text.replace(/^CREATE TABLE `utf` [\s\S]*?;\n/m, ''));
    await expect(world.restore()).rejects.toMatchObject({
      code: 'IMPORT_FAILED',
      message: expect.stringContaining('utf'),
    });
  });

  test('a trigger is gone: it is named', async () => {
    await world.spoil('objects.sql.zst', (text) =>
      text.replace(/\/\*!50003 CREATE\*\/[^;]*?`?utf_log`? [\s\S]*?;;\n/, ''),
    );
    await expect(world.restore()).rejects.toMatchObject({
      code: 'IMPORT_INCOMPLETE',
      details: ['trigger utf_log is missing'],
    });
  });

  test('a file was changed: it is named with its tables, and nothing is made', async () => {
    await writeFile(path.join(world.backup, world.firstShardOf('utf')), 'x');
    await expect(world.restore()).rejects.toMatchObject({
      code: 'BACKUP_INVALID',
      details: [expect.stringMatching(/^data\/\d+\.sql\.zst \(rows of .*utf.*\) has another checksum$/)],
    });
    await rm(path.join(world.backup, world.firstShardOf('utf')));
    await expect(world.restore()).rejects.toMatchObject({
      details: [expect.stringMatching(/^data\/\d+\.sql\.zst .* is missing$/)],
    });
    expect(await world.stagingServer.query('SHOW TABLES', NEW)).toBe('');
  });
});

describe('what an import refuses', () => {
  test('a client command in a shard is not run', async () => {
    const canary = path.join(world.folder, 'canary');
    await world.spoil(world.firstShardOf('utf'), (text) => `\\! touch ${canary}\n${text}`);
    await expect(world.restore()).rejects.toMatchObject({ code: 'IMPORT_FAILED' });
    await expect(stat(canary)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a duplicate key is named without the values of the row', async () => {
    await world.spoil(world.firstShardOf('utf'), (text) =>
      text.replace(/^INSERT INTO `utf` [\s\S]*?;\n/m, '$&$&'),
    );
    const failed = await world.restore().then(
      () => undefined,
      (cause: unknown) => cause as Error,
    );
    expect(failed).toMatchObject({
      code: 'IMPORT_FAILED',
      message: expect.stringMatching(/ERROR 1062 .*Duplicate entry … for key 'PRIMARY'/),
    });
  });

  test('rows that do not fit are an error, never cut', async () => {
    await world.spoil('schema.sql.zst', (text) => text.replace(/varchar\(\d+\)/gi, 'varchar(1)'));
    await expect(world.restore()).rejects.toMatchObject({
      code: 'IMPORT_FAILED',
      message: expect.stringMatching(/ERROR 1406/),
    });
  });

  test('statements that no backup has are named, before anything is made', async () => {
    await world.spoil('schema.sql.zst', (text) => `${text}\nUSE mysql;\nCREATE DATABASE other;\n`);
    await expect(world.restore()).rejects.toMatchObject({ code: 'DUMP_REFUSED' });
    expect(await world.stagingServer.query('SHOW TABLES', NEW)).toBe('');
  });

  test('a damaged shard with the right checksum', async () => {
    await cutFile(world.backup, world.firstShardOf('utf'));
    await expect(world.restore()).rejects.toMatchObject({
      code: 'IMPORT_FAILED',
      message: expect.stringContaining('cannot be decompressed'),
    });
  });
});

/** Takes the first row out of the first INSERT into a table whose first column is no text. */
function dropFirstTuple(text: string, table: string): string {
  const start = text.indexOf(`INSERT INTO \`${table}\` VALUES`);
  const open = text.indexOf('(', start + `INSERT INTO \`${table}\` VALUES`.length);
  const end = /\),\n?/.exec(text.slice(open));
  if (start < 0 || end === null) throw new Error('no row to take');
  return text.slice(0, open) + text.slice(open + end.index + end[0].length);
}
