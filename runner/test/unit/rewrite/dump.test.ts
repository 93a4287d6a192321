import { describe, expect, test } from '@jest/globals';
import {
  createDumpRewriter,
  createRewriter,
  deriveSitePairs,
  HELD_BYTES,
  type DumpProblems,
  type DumpRewriterOptions,
} from '../../../src/rewrite/index.js';

const pairs = deriveSitePairs('https://www.acme.com', 'https://staging.acme.com');

const rewriter = createRewriter(pairs);

/** Every part is looked at as late as the contract allows. */
function rewrite(sql: string, options: DumpRewriterOptions = {}, chunk = 1 << 20, room = 0): string {
  const dump = createDumpRewriter(rewriter, options);
  const bytes = Buffer.from(sql);
  // The same memory again for every third chunk, as the command does it.
  const memories = [1, 2, 3].map(() => Buffer.alloc(room + Math.min(chunk, bytes.length)).subarray(room));
  const out: Buffer[] = [];
  let waiting: Iterable<Buffer> = [];
  const take = (parts: Iterable<Buffer>): void => {
    for (const part of waiting) out.push(Buffer.from(part));
    waiting = parts;
  };
  for (let at = 0, turn = 0; at < bytes.length; at += chunk, turn++) {
    const memory = memories[turn % 3] as Buffer;
    const length = bytes.copy(memory, 0, at, at + chunk);
    take(dump.push(memory.subarray(0, length), room));
  }
  take(dump.end());
  take([]);
  return Buffer.concat(out).toString();
}

const CREATE =
  "CREATE TABLE `wp_posts` (\n  `ID` bigint NOT NULL,\n  `post_content` text COMMENT 'a (b, c',\n  `guid` text,\n  PRIMARY KEY (`ID`)\n);\n";
const hex = (text: string): string => Buffer.from(text).toString('hex');

const CASES: [string, string, string][] = [
  [
    'backslash escapes',
    String.raw`INSERT INTO a VALUES ('it\'s\\','<a href=\"https://acme.com/\">\n');`,
    String.raw`INSERT INTO a VALUES ('it\'s\\','<a href=\"https://staging.acme.com/\">\n');`,
  ],
  [
    'doubled quotes',
    `INSERT INTO a VALUES ('','''it''s'' acme.com','''');`,
    `INSERT INTO a VALUES ('','''it''s'' staging.acme.com','''');`,
  ],
  [
    'serialized value',
    String.raw`INSERT INTO a VALUES ('s:16:\"https://acme.com\";');`,
    String.raw`INSERT INTO a VALUES ('s:24:\"https://staging.acme.com\";');`,
  ],
  [
    'serialized value with escaped bytes',
    String.raw`INSERT INTO a VALUES ('s:20:\"\'\n\0\\https://acme.com\";');`,
    String.raw`INSERT INTO a VALUES ('s:28:\"\'\n\0\\https://staging.acme.com\";');`,
  ],
  [
    'JSON',
    String.raw`INSERT INTO a VALUES ('{\"u\":\"https:\\/\\/acme.com\"}');`,
    String.raw`INSERT INTO a VALUES ('{\"u\":\"https:\\/\\/staging.acme.com\"}');`,
  ],
  [
    'hex, large and small letters',
    `INSERT INTO a VALUES (0x${hex('//acme.com').toUpperCase()},0x${hex('//acme.com')},X'${hex('//acme.com')}');`,
    `INSERT INTO a VALUES (0x${hex('//staging.acme.com').toUpperCase()},0x${hex('//staging.acme.com')},X'${hex('//staging.acme.com')}');`,
  ],
  ['double quotes', 'INSERT INTO a VALUES ("acme.com");', 'INSERT INTO a VALUES ("staging.acme.com");'],
  [
    'comments and names stay',
    "-- it's acme.com\n# it's acme.com\n/* it's acme.com */ INSERT INTO `it's acme.com` VALUES ('acme.com');",
    "-- it's acme.com\n# it's acme.com\n/* it's acme.com */ INSERT INTO `it's acme.com` VALUES ('staging.acme.com');",
  ],
  ['version comments are SQL', "/*!50003 SET @a='acme.com' */;", "/*!50003 SET @a='staging.acme.com' */;"],
  [
    'minus is no comment',
    "INSERT INTO a VALUES (5--1,'acme.com');",
    "INSERT INTO a VALUES (5--1,'staging.acme.com');",
  ],
  [
    'guid stays',
    `${CREATE}INSERT INTO \`wp_posts\` VALUES (1,'acme.com','acme.com'),(2,'acme.com','acme.com');`,
    `${CREATE}INSERT INTO \`wp_posts\` VALUES (1,'staging.acme.com','acme.com'),(2,'staging.acme.com','acme.com');`,
  ],
  [
    'guid stays, with a list of columns',
    "INSERT INTO wp_posts (guid, post_content) VALUES ('acme.com','acme.com');",
    "INSERT INTO wp_posts (guid, post_content) VALUES ('acme.com','staging.acme.com');",
  ],
  [
    'the address of WooCommerce Subscriptions stays',
    "INSERT INTO `wp_options` (`option_name`,`option_value`) VALUES ('wc_subscriptions_siteurl','acme.com'),('siteurl','acme.com');",
    "INSERT INTO `wp_options` (`option_name`,`option_value`) VALUES ('wc_subscriptions_siteurl','acme.com'),('siteurl','staging.acme.com');",
  ],
  [
    'cut off in a literal',
    "INSERT INTO a VALUES ('acme.com'),('acme.com",
    "INSERT INTO a VALUES ('staging.acme.com'),('acme.com",
  ],
];

describe('dump stream', () => {
  test.each(CASES)('%s', (_case, before, after) => {
    expect(rewrite(before)).toBe(after);
  });

  test.each(CASES)('%s, in chunks of every size', (_case, before, after) => {
    for (let chunk = 1; chunk < before.length; chunk++) expect(rewrite(before, {}, chunk)).toBe(after);
  });

  test('long literals, in chunks', () => {
    const before = `INSERT INTO a VALUES ('${String.raw`x\\\'y''`.repeat(100)} acme.com ${'\\\\'.repeat(99)}','acme.com');`;
    const after = before.replaceAll('acme.com', 'staging.acme.com');
    for (let chunk = 1; chunk < 300; chunk++) expect(rewrite(before, {}, chunk)).toBe(after);
  });

  test('literals longer than what is held back, in chunks with and without room before them', () => {
    const long = String.raw`x\\\'y''`.repeat(9000);
    const sql = (host: string): string =>
      `${CREATE}INSERT INTO \`wp_posts\` VALUES (1,'${long} ${host} ${'\\\\'.repeat(99)}','${long}acme.com'),` +
      `(2,'${host}','acme.com'),(3,'s:${String(45_000 + host.length)}:\\"${long}${host}\\";',''),\n(4,0x${hex(`//${host} `).repeat(7000)},'');`;
    for (const chunk of [1021, 40_000, HELD_BYTES - 1, HELD_BYTES, HELD_BYTES + 3, 1 << 20])
      for (const room of [0, HELD_BYTES])
        expect(rewrite(sql('acme.com'), {}, chunk, room)).toBe(sql('staging.acme.com'));
  });

  test.each([
    ['one line', 'CREATE TABLE wp_posts (ID int, post_content text, guid varchar(255), PRIMARY KEY (ID));'],
    ['key at the column', 'CREATE TABLE wp_posts(ID bigint(20) PRIMARY KEY,post_content text,guid text);'],
    [
      'commas and brackets in types and texts',
      "CREATE TABLE IF NOT EXISTS `db`.`wp_posts` (ID decimal(10,2) COMMENT 'a, (b', post_content enum('x,y','z'), -- c, d\n guid text) ENGINE=InnoDB;",
    ],
  ])('guid stays: %s', (_case, create) => {
    expect(rewrite(`${create}\nINSERT INTO wp_posts VALUES (1,'acme.com','acme.com');`)).toBe(
      `${create}\nINSERT INTO wp_posts VALUES (1,'staging.acme.com','acme.com');`,
    );
  });

  const PAGES = 'CREATE TABLE `pages` (`url` varchar(99) NOT NULL, v text, PRIMARY KEY (`url`));';
  const HITS =
    'CREATE TABLE `hits` (id int, page varchar(99), KEY (page), CONSTRAINT `a_1` FOREIGN KEY (`page`) REFERENCES `pages` (`url`) ON DELETE CASCADE);';
  test.each([
    ['before', [PAGES, HITS]],
    ['after', [HITS, PAGES]],
  ])('a key and what refers to it stay and are counted: parent %s', (_case, tables) => {
    const sql = (host: string) =>
      tables
        .map((create) =>
          create === PAGES
            ? `${create}INSERT INTO pages VALUES ('acme.com','${host}');`
            : `${create}INSERT INTO hits VALUES (1,'acme.com');`,
        )
        .join('\n');
    const before = rewriter.counts.tableKeys;
    expect(rewrite(sql('acme.com'))).toBe(sql('staging.acme.com'));
    expect(rewriter.counts.tableKeys - before).toBe(2);
  });

  test.each<[string, string, Partial<DumpProblems>]>([
    ['whole', "INSERT INTO a VALUES ('x');\n-- Dump completed\n", { isTruncated: false }],
    ['in a literal', "INSERT INTO a VALUES ('x", { isTruncated: true }],
    ['in a list', "INSERT INTO a VALUES ('x'),", { isTruncated: true }],
    ['in a name', 'INSERT INTO `a', { isTruncated: true }],
    [
      'rows of an unknown table',
      "INSERT INTO wp_posts VALUES ('x');",
      { unknownTables: new Set(['wp_posts']) },
    ],
    ['with a list of columns', "INSERT INTO wp_posts (guid) VALUES ('x');", { unknownTables: new Set() }],
    [
      'too long',
      "CREATE TABLE a (b varchar(20));INSERT INTO a VALUES ('é acme.com 12345'),('acme.com');",
      { tooLong: new Map([['a.b', 1]]) },
    ],
  ])('problems: %s', (_case, sql, problems) => {
    const dump = createDumpRewriter(rewriter);
    Array.from(dump.push(Buffer.from(sql)));
    Array.from(dump.end());
    expect(dump.problems).toMatchObject(problems);
  });

  test('NO_BACKSLASH_ESCAPES', () => {
    const before = String.raw`INSERT INTO a VALUES ('C:\','s:18:"https://acme.com/\";','it''s acme.com');`;
    const after = String.raw`INSERT INTO a VALUES ('C:\','s:26:"https://staging.acme.com/\";','it''s staging.acme.com');`;
    expect(rewrite(before, { noBackslashEscapes: true })).toBe(after);
  });

  test('ANSI_QUOTES', () => {
    const before = `INSERT INTO "acme.com" VALUES ('acme.com');`;
    expect(rewrite(before, { ansiQuotes: true })).toBe(`INSERT INTO "acme.com" VALUES ('staging.acme.com');`);
  });
});
