import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { accessTo } from '../database-dump/support.js';
import { makeRestoreWorld, NEW, type RestoreWorld } from './restore-world.js';
import { checksumsOf, cutFile } from './spoilt-backup.js';

/** Each as SQL; together with a filler, so that one table's rows are more than half a megabyte. */
const TRICKY = [
  "''", 'NULL', "'NULL'", String.raw`'\\N'`, "''''", `'"'`, "'),('", String.raw`')\n(1,\'x\'),\n'`, "CHAR(0 USING utf8mb4)",
  String.raw`'\r\n\t'`, 'CHAR(26 USING utf8mb4)', String.raw`'\\'`, String.raw`'\\\\'`, String.raw`'a\\''b\\'`, "'😀 größe'", "'-- x'",
  "' leading'", "'trailing '", String.raw`');\nINSERT INTO \`tricky\` VALUES\n(\''`, "'a,b'", "'0x41'",
]; // prettier-ignore
const FILLER = `REPEAT(MD5(seq), 10)`;
const tricky = `ELT(1 + seq % ${String(TRICKY.length)}, ${TRICKY.join(', ')})`;

const FIXTURE = `
SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00';
CREATE TABLE \`tricky\` (id int NOT NULL AUTO_INCREMENT, a varchar(100), b text, c decimal(10,3), d double, f float,
  e enum('x','a,b','(q)',''), s set('one','two'), g date, h timestamp NULL, i json, n bigint unsigned, y year,
  filler varchar(400), PRIMARY KEY (id), KEY a (a)) CHARACTER SET utf8mb4;
INSERT INTO tricky SELECT seq - 1, ${tricky}, CONCAT('<', ${tricky}, '>'), seq / -7, seq / 3e-9, seq * 1.1e20, ELT(1 + seq % 4, 'x', 'a,b', '(q)', ''),
  ELT(1 + seq % 3, 'one', 'one,two', ''), ELT(1 + seq % 3, '0000-00-00', '2026-02-31', '2026-03-29'), ELT(1 + seq % 3, NULL, '2026-03-29 01:30:00', '2026-10-25 00:30:00'),
  JSON_OBJECT('k', ${tricky}), 18446744073709551615 - seq, 1970 + seq % 100, ${FILLER} FROM seq_1_to_6300;
CREATE TABLE \`odd\`\`näme\` (a varchar(100) CHARACTER SET latin1, b varchar(100) CHARACTER SET utf8mb3, filler varchar(400)) CHARACTER SET utf8mb4;
INSERT INTO \`odd\`\`näme\` SELECT CONVERT(UNHEX(HEX(1 + seq % 255)) USING latin1), CONCAT('ü', ${tricky}), ${FILLER} FROM seq_1_to_20000 WHERE seq % ${String(TRICKY.length)} <> 14;
CREATE TABLE \`with (\` (id int PRIMARY KEY AUTO_INCREMENT, filler varchar(400));
INSERT INTO \`with (\` SELECT seq, ${FILLER} FROM seq_1_to_3000;
CREATE TABLE bytes (id int PRIMARY KEY AUTO_INCREMENT, b blob, filler varchar(400));
INSERT INTO bytes SELECT seq, UNHEX(MD5(seq)), ${FILLER} FROM seq_1_to_3000;
CREATE TABLE hidden (id int PRIMARY KEY AUTO_INCREMENT, h int INVISIBLE DEFAULT 3, filler varchar(400));
INSERT INTO hidden (id, h, filler) SELECT seq, seq % 5, ${FILLER} FROM seq_1_to_3000;
CREATE TABLE doubled (id int PRIMARY KEY, g int AS (id * 2) STORED, filler varchar(400));
INSERT INTO doubled (id, filler) SELECT seq, ${FILLER} FROM seq_1_to_3000;
CREATE TABLE flat (id int PRIMARY KEY AUTO_INCREMENT, filler varchar(400)) ENGINE=MyISAM;
INSERT INTO flat SELECT seq, ${FILLER} FROM seq_1_to_3000;
CREATE TABLE small (id int PRIMARY KEY); INSERT INTO small VALUES (1);
`;

let world: RestoreWorld;

beforeAll(async () => {
  world = await makeRestoreWorld(async (server) => {
    await server.query('CREATE DATABASE acme CHARACTER SET utf8mb4');
    await server.query(FIXTURE, 'acme');
    return accessTo(server, 'acme', 'root', '');
  });
}, 120_000);
afterAll(() => world.remove());
beforeEach(() => world.reset());

/** LOAD DATA statements that the server has run. */
const loaded = async (): Promise<number> =>
  Number((await world.stagingServer.query("SHOW GLOBAL STATUS LIKE 'Com_load'")).split('\t')[1]);
/** MariaDB's CHECKSUM TABLE differs between equal tables with a generated column. */
const GENERATED = 'doubled';
const sameAsProduction = async () => {
  const tables = world.manifest.tables.filter(({ name }) => name !== GENERATED);
  const rows = `SELECT COUNT(*), SUM(CRC32(CONCAT(id, ',', g, filler))) FROM ${GENERATED}`;
  const [copy, original] = await Promise.all([
    Promise.all([checksumsOf(world.stagingServer, NEW, { tables }), world.stagingServer.query(rows, NEW)]),
    Promise.all([
      checksumsOf(world.productionServer, 'acme', { tables }),
      world.productionServer.query(rows, 'acme'),
    ]),
  ]);
  expect(copy).toEqual(original);
};

test('a large table has its shards for itself, small ones share', () => {
  const shared = world.manifest.files.filter(({ tables = [] }) => tables.length > 1);
  expect(shared.flatMap(({ tables = [] }) => tables)).not.toContain('tricky');
  expect(world.shardsOf('odd`näme').length).toBeGreaterThan(1);
});

test('what LOAD DATA takes has every byte of production; it takes every shard of a plain table and no other', async () => {
  const before = await loaded();
  await world.restore();
  await sameAsProduction();
  expect(world.steps.filter((text) => text.includes('LOAD DATA'))).toEqual([]);
  const plain = ['tricky', 'odd`näme', 'small', 'flat'].flatMap(world.shardsOf);
  expect((await loaded()) - before).toBe(plain.length);
});

test('a server that takes no files from clients gets INSERTs', async () => {
  const before = await loaded();
  await world.stagingServer.query('SET GLOBAL local_infile = 0');
  try {
    await world.restore();
  } finally {
    await world.stagingServer.query('SET GLOBAL local_infile = 1');
  }
  await sameAsProduction();
  expect(await loaded()).toBe(before);
});

test.each([
  ['tricky', '`id`,`a`,`b`,`c`,`d`,`f`,`e`,`s`,`g`,`h`,`i`,`n`,`y`,`filler`'],
  ['flat', '`id`,`filler`'],
])('LOAD DATA of %s with a warning: nothing of it stays, the INSERTs run instead', async (table, columns) => {
  await world.spoil(world.firstShardOf(table), (text) =>
    text.replace(`INSERT INTO \`${table}\` VALUES`, `INSERT INTO \`${table}\` (${columns}) VALUES`),
  );
  await world.restore();
  await sameAsProduction();
  expect(world.steps).toContainEqual(
    expect.stringMatching(
      /^LOAD DATA does not accept data\/\d+\.sql\.zst; its INSERTs run instead\. .*Warning\t1366/,
    ),
  );
});

test('a value that does not fit is an error, never cut', async () => {
  await world.spoil('schema.sql.zst', (text) => text.replaceAll('`filler` varchar(400)', '`filler` varchar(319)')); // prettier-ignore
  await expect(world.restore()).rejects.toMatchObject({
    code: 'IMPORT_FAILED',
    message: expect.stringMatching(/ERROR 1406/),
  });
});

test('a shard that cannot be decompressed is an error at once: its INSERTs are not tried', async () => {
  await cutFile(world.backup, world.firstShardOf('tricky'));
  await expect(world.restore()).rejects.toMatchObject({
    code: 'IMPORT_FAILED',
    message: expect.stringContaining('cannot be decompressed'),
  });
  expect(world.steps.filter((text) => text.includes('LOAD DATA'))).toEqual([]);
});

test('a row twice is an error without its values', async () => {
  await world.spoil(world.firstShardOf('tricky'), (text) =>
    text.replace(/(VALUES\n)(\(.*\),\n)/, (_all, start: string, row: string) => start + row + row),
  );
  await expect(world.restore()).rejects.toMatchObject({
    code: 'IMPORT_FAILED',
    message: expect.stringMatching(/ERROR 1062 .*Duplicate entry … for key 'PRIMARY'/),
  });
});

test('a row that is gone is missed', async () => {
  const { rows = 0 } = world.manifest.tables.find(({ name }) => name === 'tricky') ?? {};
  await world.spoil(world.firstShardOf('tricky'), (text) => text.replace(/(VALUES\n)\(.*\),\n/, '$1'));
  await expect(world.restore()).rejects.toMatchObject({
    code: 'IMPORT_INCOMPLETE',
    details: [
      `tricky has ${(rows - 1).toLocaleString('en')} rows, the backup ${rows.toLocaleString('en')} rows`,
    ],
  });
});
