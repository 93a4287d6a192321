import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { findLeaks } from '../../../src/database/leaks/find-leaks.js';
import { brokenSerialized } from '../../../src/database/leaks/serialized-proof.js';
import { createRewriter } from '../../../src/rewrite/index.js';
import {
  hex,
  openSession,
  openWatched,
  pairs,
  PRODUCTION,
  rewriteSchema,
  serialized,
  STAGING,
} from './world.js';

let server: MariaDbServer;
const SCHEMA = 'acme_understudy_new';

beforeAll(async () => {
  server = await startMariaDb();
});
afterAll(() => server.stop());
beforeEach(() =>
  server.query(`DROP DATABASE IF EXISTS ${SCHEMA}; CREATE DATABASE ${SCHEMA} CHARACTER SET utf8mb4`),
);

const sql = (text: string) => server.query(text, SCHEMA);
const rows = async (text: string) => (await sql(text)).trimEnd().split('\n');

describe('a server far away', () => {
  const COLUMNS = {
    t: 'longtext',
    l: 'longtext CHARACTER SET latin1',
    w: 'text CHARACTER SET utf16',
    b: 'longblob',
    j: 'json',
    s: 'varchar(100)',
    c: 'varchar(2000)',
  } as const;
  const fill = async () => {
    const long = `${PRODUCTION}/ü `.padEnd(900, `x ${PRODUCTION} `);
    await sql(`CREATE TABLE t (id int PRIMARY KEY, ${Object.entries(COLUMNS)
      .map(([name, type]) => `${name} ${type}`)
      .join()});
      INSERT INTO t SELECT seq, '${long} ', '${long} ', '${long}', ${hex(long)}, '{"u": "${long}"}', '${PRODUCTION}', '${long}' FROM seq_1_to_40;
      INSERT INTO t VALUES (41, NULL, '', ' ', NULL, '{}', '${PRODUCTION}', '${PRODUCTION}');
      INSERT INTO t (id, t) VALUES (42, ${hex(serialized(`${PRODUCTION}/a`, 'é'.repeat(900)))})`);
  };
  const contents = () =>
    sql(
      `SELECT id, ${Object.keys(COLUMNS)
        .map((name) => `HEX(${name})`)
        .join()} FROM t ORDER BY id`,
    );
  /** Sessions whose answers take as long as given, the one at the login too, and what they are asked for. */
  const openAt =
    (milliseconds: number, asked: string[]) => async (): Promise<Awaited<ReturnType<typeof openSession>>> => {
      const session = await openSession(server, SCHEMA);
      return {
        ...session,
        answeredInMs: session.answeredInMs + milliseconds,
        query: async (text, parameters) => {
          await new Promise((resolve) => setTimeout(resolve, milliseconds));
          return session.query(text, parameters);
        },
        stream: (text, parameters) => {
          asked.push(text);
          return session.stream(text, parameters);
        },
      };
    };

  test.each(['utf8mb4', 'latin1'])(
    'long values come compressed, and become the same (%s)',
    async (siteCharset) => {
      await fill();
      const near = await rewriteSchema(server, SCHEMA, { siteCharset });
      const expected = await contents();
      await sql('DROP TABLE t');
      await fill();
      const asked: string[] = [];
      const far = await rewriteSchema(server, SCHEMA, { siteCharset, open: openAt(20, asked) });
      expect(await contents()).toBe(expected);
      expect({ ...far, seconds: 0 }).toEqual({ ...near, seconds: 0 });
      expect(asked.some((text) => text.includes('COMPRESS('))).toBe(true);
      expect(near.values).toBeGreaterThan(240);
    },
  );
});

describe('keys', () => {
  test.each([
    ['one integer', 'id int PRIMARY KEY', '1', '2'],
    [
      'unsigned beyond 2^53',
      'id bigint unsigned PRIMARY KEY',
      '18446744073709551614',
      '18446744073709551615',
    ],
    ['text', 'id varchar(50) PRIMARY KEY', "'it''s \\\\ é 日'", "'B'"],
    ['latin1 text', 'id varchar(50) CHARACTER SET latin1 PRIMARY KEY', "'größe'", "'B'"],
    ['binary', 'id binary(4) PRIMARY KEY', "X'00ff2700'", "X'00000001'"],
    ['two columns', 'id int, k varchar(20), PRIMARY KEY (id, k)', "1, 'a'", "1, 'b'"],
    ['date', 'id datetime(3) PRIMARY KEY', "'2020-01-01 00:00:00.123'", "'0000-00-00'"],
    ['timestamp', 'id timestamp PRIMARY KEY', "'2020-10-25 02:30:00'", "'2020-10-26 02:30:00'"],
    ['decimal', 'id decimal(20,5) PRIMARY KEY', '1.5', '-2.25'],
    ['enum', "id enum('a','b') PRIMARY KEY", "'a'", "'b'"],
    ['bit', 'id bit(9) PRIMARY KEY', "b'1'", "b'100000001'"],
    ['float, which does not compare', 'id float PRIMARY KEY', '0.1', '0.2'],
    ['unique, not null', 'id int NOT NULL UNIQUE', '1', '2'],
    ['unique, null', 'id int NULL UNIQUE', '1', 'NULL'],
    ['none', 'id int', '1', '1'],
  ])('%s', async (_, key, first, second) => {
    await sql(`SET sql_mode=''; CREATE TABLE t (${key}, v text, n int);
      INSERT INTO t VALUES (${first}, '${PRODUCTION}/a', 1), (${second}, '${PRODUCTION}/b', 2)`);
    const before = await sql('SELECT * FROM t');
    const result = await rewriteSchema(server, SCHEMA);
    expect(await sql('SELECT * FROM t')).toBe(before.replaceAll(PRODUCTION, STAGING));
    expect(result.counts.get('t')?.get('v')).toEqual({ values: 2, replacements: 2, left: {} });
  });

  test.each([
    ['primary', 'id bigint PRIMARY KEY'],
    ['unique', 'id varchar(20) NOT NULL, UNIQUE `a key` (id)'],
  ])('%s: looked up also where the server believes that the table is empty', async (_, key) => {
    const count = 3000;
    const value = hex(serialized(`${PRODUCTION}/a`, 'x'));
    // What a server knows of a table that was imported a moment ago.
    await sql(`CREATE TABLE t (${key}, v text) STATS_AUTO_RECALC=0;
      INSERT INTO t SELECT seq, ${value} FROM seq_1_to_${String(count)};
      UPDATE mysql.innodb_table_stats SET n_rows = 0, clustered_index_size = 1 WHERE database_name = '${SCHEMA}';
      UPDATE mysql.innodb_index_stats SET stat_value = 0 WHERE database_name = '${SCHEMA}'; FLUSH TABLES`);
    const readInOrder = async () =>
      (await rows("SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_read_next', 'Handler_read_rnd_next')"))
        .map((line) => Number(line.split('\t')[1]))
        .reduce((sum, one) => sum + one, 0);
    const before = await readInOrder();
    const { values, serialized: places } = await rewriteSchema(server, SCHEMA);
    const session = await openSession(server, SCHEMA);
    expect(await brokenSerialized(session, SCHEMA, places)).toEqual(new Map());
    await session.close();
    expect([values, places[0]?.rows.length]).toEqual([count, count]);
    // Once to find them, and never as a whole for one of the ten batches.
    expect((await readInOrder()) - before).toBeLessThan(2.5 * count);
  });

  test('values that were valid serialized PHP are found again, by any key, and by no other', async () => {
    const value = hex(serialized(`${PRODUCTION}/a`, 'x'));
    await sql(`CREATE TABLE d (id decimal(6,2) PRIMARY KEY, v text); INSERT INTO d VALUES (1.50, ${value}), (1, 'x');
      CREATE TABLE s (id varchar(20) PRIMARY KEY, v text); INSERT INTO s VALUES ('12', ${value}), ('12a', '${PRODUCTION}');
      CREATE TABLE c (a int, b varbinary(9), v text, PRIMARY KEY (a, b)); INSERT INTO c VALUES (7, X'00ff', ${value})`);
    const { serialized: places } = await rewriteSchema(server, SCHEMA);
    expect(places.map(({ table, rows }) => [table, rows.length])).toEqual(
      expect.arrayContaining(['d', 's', 'c'].map((table) => [table, 1])),
    );
    const session = await openSession(server, SCHEMA);
    expect([...(await brokenSerialized(session, SCHEMA, places))]).toEqual([]);
    await sql(`UPDATE d SET v = 'cut'; UPDATE s SET v = 'cut' WHERE id = '12'; UPDATE c SET v = 'cut'`);
    expect([...(await brokenSerialized(session, SCHEMA, places))].sort()).toEqual([
      ['c.v', 1],
      ['d.v', 1],
      ['s.v', 1],
    ]);
    await session.close();
  });

  test('reserved and odd names', async () => {
    await sql(`CREATE TABLE \`select\` (\`order\` int PRIMARY KEY, \`a\`\`b 日 ?\` text);
      INSERT INTO \`select\` VALUES (1, '${PRODUCTION}')`);
    await rewriteSchema(server, SCHEMA);
    expect(await rows('SELECT `a``b 日 ?` FROM `select`')).toEqual([STAGING]);
  });

  test('a primary key is never changed', async () => {
    await sql(
      `CREATE TABLE t (u varchar(100) PRIMARY KEY, v text); INSERT INTO t VALUES ('${PRODUCTION}', '${PRODUCTION}')`,
    );
    await rewriteSchema(server, SCHEMA);
    expect(await rows('SELECT u, v FROM t')).toEqual([`${PRODUCTION}\t${STAGING}`]);
  });

  test.each([
    ['a foreign key', 'page', ', FOREIGN KEY (page) REFERENCES pages (url) ON UPDATE CASCADE'],
    ['its name', 'url', ''],
  ])('an address as key and what refers to it by %s stay, and are counted', async (_, column, declared) => {
    await sql(`CREATE TABLE pages (url varchar(100) PRIMARY KEY, v text);
      CREATE TABLE hits (id int PRIMARY KEY, ${column} varchar(100), v text ${declared});
      CREATE TABLE other (id int PRIMARY KEY, url varchar(100));
      INSERT INTO pages VALUES ('${PRODUCTION}/a', '${PRODUCTION}/a'), ('x', 'y');
      INSERT INTO hits VALUES (1, '${PRODUCTION}/a', '${PRODUCTION}/a'), (2, 'x', NULL), (3, NULL, NULL);
      INSERT INTO other VALUES (1, '${PRODUCTION}/a'), (2, '${PRODUCTION}/b')`);
    const { counts } = await rewriteSchema(server, SCHEMA);
    expect(
      await rows(
        `SELECT pages.url, pages.v, hits.v FROM pages JOIN hits ON pages.url = hits.${column} ORDER BY id`,
      ),
    ).toEqual([`${PRODUCTION}/a\t${STAGING}/a\t${STAGING}/a`, 'x\ty\tNULL']);
    // A column of that name which holds other addresses too has nothing to do with the key.
    expect(await rows('SELECT url FROM other ORDER BY id')).toEqual([`${STAGING}/a`, `${STAGING}/b`]);
    expect(counts.get('pages')?.get('url')?.left).toEqual({ tableKeys: 1 });
    expect(counts.get('hits')?.get(column)?.left).toEqual({ tableKeys: 1 });
    const leaks = await findLeaks({
      schema: SCHEMA,
      hosts: ['www.acme.com', 'acme.com'],
      staging: [STAGING],
      expected: { column: () => undefined, rows: () => undefined },
      open: () => openSession(server, SCHEMA),
    });
    expect(leaks.unexpected).toEqual([]);
    expect(leaks.expected.map(({ table, column: name, reason }) => [table, name, reason]).sort()).toEqual([
      ['hits', column, 'refers to the key pages.url'],
      ['pages', 'url', 'primary key'],
    ]);
  });

  test('duplicate rows of a table without a key', async () => {
    await sql(`CREATE TABLE t (v text, ts timestamp NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP);
      INSERT INTO t VALUES ('${PRODUCTION}','2001-01-01'), ('${PRODUCTION}','2001-01-01'), (NULL,'2001-01-01'), ('x','2001-01-01')`);
    await rewriteSchema(server, SCHEMA);
    expect(await rows('SELECT v, year(ts) FROM t')).toEqual([
      `${STAGING}\t2001`,
      `${STAGING}\t2001`,
      'NULL\t2001',
      'x\t2001',
    ]);
  });
});

describe('tables', () => {
  test.each(['InnoDB', 'MyISAM', 'Aria'])(
    'many rows in %s, more than a batch, in several parts',
    async (engine) => {
      await sql(`CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, v mediumtext, u varchar(200), KEY(u)) ENGINE=${engine};
      INSERT INTO t (v, u) SELECT CONCAT(REPEAT('x', seq % 500), ' ${PRODUCTION}/', seq), IF(seq % 3, '', CONCAT('${PRODUCTION}/', seq)) FROM seq_1_to_3000`);
      const result = await rewriteSchema(server, SCHEMA);
      expect(result.values).toBe(4000);
      expect(
        await rows(
          `SELECT COUNT(*), SUM(v LIKE '%${STAGING}/%' AND v NOT LIKE '%${PRODUCTION}%'), SUM(u = CONCAT('${STAGING}/', id)) FROM t`,
        ),
      ).toEqual(['3000\t3000\t1000']);
    },
  );

  test('one that the server believes to be empty is cut all the same', async () => {
    await sql(`CREATE TABLE t (id bigint unsigned PRIMARY KEY, v varchar(99)) STATS_PERSISTENT=1, STATS_AUTO_RECALC=0;
      INSERT INTO t SELECT seq, CONCAT('${PRODUCTION}/', seq) FROM seq_1_to_20000;
      INSERT INTO t VALUES (0, '${PRODUCTION}'), (18446744073709551615, '${PRODUCTION}')`);
    expect((await rewriteSchema(server, SCHEMA)).values).toBe(20_002);
    expect(await rows(`SELECT COUNT(*) FROM t WHERE v LIKE '${STAGING}%'`)).toEqual(['20002']);
  });

  test('rows of every kind that share a statement each get their own value', async () => {
    const filler = 'größe '.repeat(80);
    const texts = [
      PRODUCTION,
      `${PRODUCTION}/ü ${filler}${PRODUCTION}`,
      `${filler}//www.acme.com/a ${filler} https:\\/\\/www.acme.com\\/b`,
      serialized(`${PRODUCTION}/c`, filler).toString(),
      serialized(`${PRODUCTION}/d`, '').toString(),
      `HTTPS://WWW.ACME.COM ${filler}`,
      filler,
    ];
    const columns = ['v text', 'w varchar(3000)', 'l text CHARACTER SET latin1', 'b blob'];
    await sql(`CREATE TABLE t (id bigint PRIMARY KEY, ${columns.join(', ')},
      ts timestamp DEFAULT '2001-02-03' ON UPDATE CURRENT_TIMESTAMP)`);
    // What has to be converted gets a statement of its own; so only every third row has a host in the latin1 column.
    const cell = (id: number, column: number): string =>
      (column === 2 && id % 3 !== 0 ? filler : texts[(Math.abs(id) * (column + 1)) % texts.length]) ?? '';
    const ids = Array.from({ length: 120 }, (_, index) => index - 60);
    const literal = (text: string): string => `CONVERT(${hex(text)} USING utf8mb4)`;
    await sql(
      `INSERT INTO t (id, v, w, l, b) VALUES ${ids
        .map(
          (id) =>
            `(${String(id)}, ${[0, 1, 2].map((column) => literal(cell(id, column))).join(', ')}, ${hex(cell(id, 3))})`,
        )
        .join(', ')}`,
    );
    let statements = 0;
    await rewriteSchema(server, SCHEMA, {
      open: openWatched(server, SCHEMA, (batch) => {
        statements += batch.length - 2;
      }),
    });
    const rewriter = createRewriter(pairs);
    const expected = ids.map((id) =>
      [0, 1, 2, 3]
        .map((column) => rewriter.rewrite(Buffer.from(cell(id, column))).toString('hex'))
        .join('\t'),
    );
    expect(
      (await rows('SELECT HEX(v), HEX(w), HEX(CONVERT(l USING utf8mb4)), HEX(b) FROM t ORDER BY id')).map(
        (row) => row.toLowerCase(),
      ),
    ).toEqual(expected);
    expect(await rows("SELECT COUNT(*) FROM t WHERE ts = '2001-02-03'")).toEqual(['120']);
    expect(statements).toBeGreaterThan(30);
    expect(statements).toBeLessThan(60);
  });

  test('partitions', async () => {
    await sql(`CREATE TABLE t (id int, v text, PRIMARY KEY (id)) PARTITION BY HASH(id) PARTITIONS 4;
      INSERT INTO t SELECT seq, '${PRODUCTION}' FROM seq_1_to_100`);
    await rewriteSchema(server, SCHEMA);
    expect(await rows(`SELECT COUNT(*) FROM t WHERE v = '${STAGING}'`)).toEqual(['100']);
  });

  test('a row of 12 MB under max_allowed_packet 16 MB', async () => {
    await sql(`CREATE TABLE t (id int PRIMARY KEY, v longtext);
      INSERT INTO t VALUES (1, CONCAT(REPEAT('0123456789ab', 1000000), '${PRODUCTION}/', REPEAT('z', 1000)))`);
    await rewriteSchema(server, SCHEMA);
    expect(await rows(`SELECT LENGTH(v), v LIKE '%b${STAGING}/z%' FROM t`)).toEqual([
      `${String(12_000_000 + STAGING.length + 1 + 1000)}\t1`,
    ]);
  });

  test('generated columns follow, times of change stay, views are no tables', async () => {
    await sql(`CREATE TABLE t (id int PRIMARY KEY, v varchar(100), g varchar(120) AS (CONCAT('>', v)) STORED, h varchar(120) AS (CONCAT('<', v)) VIRTUAL,
        ts timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
      CREATE VIEW w AS SELECT * FROM t;
      INSERT INTO t (id, v, ts) VALUES (1, '${PRODUCTION}', '2001-02-03')`);
    await rewriteSchema(server, SCHEMA);
    expect(await rows('SELECT v, g, h, DATE(ts) FROM t')).toEqual([
      `${STAGING}\t>${STAGING}\t<${STAGING}\t2001-02-03`,
    ]);
  });

  test('every kind of column, in any letter case and escaping', async () => {
    const kinds = [
      'char(120)',
      'varchar(120)',
      'tinytext',
      'text',
      'mediumtext',
      'longtext',
      'json',
      'varbinary(120)',
      'tinyblob',
      'blob',
      'mediumblob',
      'longblob',
    ];
    const values = [
      '"https://WWW.Acme.com/x"',
      '"https:\\\\/\\\\/www.acme.com\\\\/x"',
      '"https%3A%2F%2Fwww.acme.com%2Fx"',
      '"//acme.com"',
      '"HTTP://www.acme.com"',
    ];
    await sql(`CREATE TABLE t (id int PRIMARY KEY, ${kinds.map((kind, index) => `c${String(index)} ${kind}`).join(', ')});
      INSERT INTO t VALUES ${values.map((value, id) => `(${String(id)}, ${kinds.map(() => `'${value}'`).join(', ')})`).join(', ')}`);
    await rewriteSchema(server, SCHEMA);
    const expected = [
      '"https://staging.acme.com/x"',
      '"https:\\/\\/staging.acme.com\\/x"',
      '"https%3A%2F%2Fstaging.acme.com%2Fx"',
      '"//staging.acme.com"',
    ];
    for (const index of kinds.keys()) {
      const found = await rows(`SELECT HEX(c${String(index)}) FROM t ORDER BY id`);
      const texts = found.map((line) => Buffer.from(line, 'hex').toString());
      expect(texts.slice(0, 4)).toEqual(expected);
      expect(texts[4]?.toLowerCase()).toBe(
        '"https://staging.acme.com"'.replace(
          'https',
          texts[4]?.toLowerCase().includes('https') ? 'https' : 'http',
        ),
      );
    }
  });
});

describe('character sets: lengths stay what PHP counted', () => {
  const extra = 'größe';
  test.each<[string, string, string, BufferEncoding, string]>([
    ['utf8 over a latin1 column', 'latin1', 'utf8', 'utf8', 'utf8mb4'],
    ['latin1 over a latin1 column', 'latin1', 'latin1', 'latin1', 'latin1'],
    ['latin1 over a utf8mb4 column', 'utf8mb4', 'latin1', 'latin1', 'latin1'],
    ['utf8 over utf8mb3', 'utf8mb3', 'utf8', 'utf8', 'utf8mb4'],
    ['utf8 over utf16', 'utf16', 'utf8', 'utf8', 'utf8mb4'],
    ['utf8mb4 over utf8mb4', 'utf8mb4', 'utf8mb4', 'utf8', 'utf8mb4'],
  ])('%s', async (_, columnCharset, siteCharset, encoding, spoken) => {
    await sql(`CREATE TABLE t (id int PRIMARY KEY, v text CHARACTER SET ${columnCharset});
      INSERT INTO t VALUES (1, _${spoken} ${hex(serialized(PRODUCTION, extra, encoding))})`);
    await rewriteSchema(server, SCHEMA, { siteCharset });
    const [seen] = await rows(`SELECT HEX(CONVERT(v USING ${spoken})) FROM t`);
    expect(Buffer.from(seen ?? '', 'hex')).toEqual(serialized(STAGING, extra, encoding));
  });
  test('utf8 bytes in a latin1 column, read over latin1', async () => {
    await sql(`CREATE TABLE t (id int PRIMARY KEY, v text CHARACTER SET latin1);
      INSERT INTO t VALUES (1, _latin1 ${hex(serialized(PRODUCTION, `${extra} 日本`))})`);
    await rewriteSchema(server, SCHEMA, { siteCharset: 'latin1' });
    const [seen] = await rows('SELECT HEX(v) FROM t');
    expect(Buffer.from(seen ?? '', 'hex')).toEqual(serialized(STAGING, `${extra} 日本`));
  });
  test('characters that the site cannot even see are not lost', async () => {
    await sql(
      `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, '${PRODUCTION} 日本 😀')`,
    );
    await rewriteSchema(server, SCHEMA, { siteCharset: 'latin1' });
    expect(await rows('SELECT v FROM t')).toEqual([`${STAGING} 日本 😀`]);
  });
  test('a binary value stays whole, and is counted', async () => {
    const value = Buffer.concat([
      Buffer.from([0, 255, 254, 39, 92]),
      Buffer.from(PRODUCTION),
      Buffer.from([0, 128]),
    ]);
    await sql(`CREATE TABLE t (id int PRIMARY KEY, v blob); INSERT INTO t VALUES (1, ${hex(value)})`);
    const { counts } = await rewriteSchema(server, SCHEMA);
    expect(await rows('SELECT HEX(v) FROM t')).toEqual([value.toString('hex').toUpperCase()]);
    expect(counts.get('t')?.get('v')).toEqual({ values: 0, replacements: 0, left: { binary: 1 } });
  });
});

describe('what is left alone', () => {
  test('the columns and rows of rule 6, and rewrite.skip', async () => {
    await sql(`CREATE TABLE wp_posts (ID int PRIMARY KEY, post_content text, guid varchar(255));
      CREATE TABLE wp_2_posts (ID int PRIMARY KEY, post_content text, guid varchar(255));
      CREATE TABLE wp_users (ID int PRIMARY KEY, user_pass varchar(255), user_url varchar(100));
      CREATE TABLE wp_options (option_id int PRIMARY KEY, option_name varchar(191) UNIQUE NOT NULL, option_value longtext);
      CREATE TABLE wp_usermeta (umeta_id int PRIMARY KEY, meta_key varchar(255), meta_value longtext);
      CREATE TABLE wp_stats (id int PRIMARY KEY, referrer text);
      INSERT INTO wp_posts VALUES (1, '${PRODUCTION}', '${PRODUCTION}'); INSERT INTO wp_2_posts SELECT * FROM wp_posts;
      INSERT INTO wp_users VALUES (1, '${PRODUCTION}', '${PRODUCTION}');
      INSERT INTO wp_options VALUES (1, 'wc_subscriptions_siteurl', '${PRODUCTION}'), (2, '${PRODUCTION}', '${PRODUCTION}');
      INSERT INTO wp_usermeta VALUES (1, 'session_tokens', '${PRODUCTION}'), (2, '${PRODUCTION}', '${PRODUCTION}'), (3, NULL, '${PRODUCTION}');
      INSERT INTO wp_stats VALUES (1, '${PRODUCTION}')`);
    await rewriteSchema(server, SCHEMA, { rules: { prefix: 'wp_', multisite: false, skip: ['stat?.ref*'] } });
    expect(
      await rows(`SELECT post_content, guid FROM wp_posts UNION ALL SELECT post_content, guid FROM wp_2_posts
      UNION ALL SELECT user_url, user_pass FROM wp_users UNION ALL SELECT option_value, option_name FROM wp_options
      UNION ALL SELECT meta_value, COALESCE(meta_key, '-') FROM wp_usermeta UNION ALL SELECT '', referrer FROM wp_stats`),
    ).toEqual([
      `${STAGING}\t${PRODUCTION}`,
      `${STAGING}\t${PRODUCTION}`,
      `${STAGING}\t${PRODUCTION}`,
      `${PRODUCTION}\twc_subscriptions_siteurl`,
      `${STAGING}\t${PRODUCTION}`,
      `${PRODUCTION}\tsession_tokens`,
      `${STAGING}\t${PRODUCTION}`,
      `${STAGING}\t-`,
      `\t${PRODUCTION}`,
    ]);
  });
  test('values in which the host is not spelled out are found by the server too', async () => {
    const written = [
      String.raw`https\u003a\u002f\u002fwww\u002eacme\u002ecom`,
      'https&#58;&#47;&#47;www&#46;acme&#46;com',
      'https%253A%252F%252Fwww%252Eacme%252Ecom',
      'https://www.ac=\nme.com',
      [...'www.acme.com'].map((letter) => `&#${String(letter.charCodeAt(0))};`).join(''),
    ];
    await sql(
      `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES ${written
        .map((text, id) => `(${String(id)}, X'${Buffer.from(text).toString('hex')}')`)
        .join(', ')}`,
    );
    const { values } = await rewriteSchema(server, SCHEMA);
    expect(values).toBe(written.length);
    for (const value of await rows('SELECT v FROM t')) expect(value).toContain('staging');
  });
  test('base64, unless it is asked for', async () => {
    const encode = (url: string) => Buffer.from(`see ${url}/page now`).toString('base64');
    await sql(
      `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, '${encode(PRODUCTION)}')`,
    );
    const { counts } = await rewriteSchema(server, SCHEMA);
    expect(await rows('SELECT v FROM t')).toEqual([encode(PRODUCTION)]);
    expect(counts.get('t')?.get('v')?.left).toEqual({ base64: 1 });
    await rewriteSchema(server, SCHEMA, {
      rewriter: createRewriter(pairs, { base64: 'rewrite' }),
    });
    expect(await rows('SELECT v FROM t')).toEqual([encode(STAGING)]);
  });
});

describe('what does not fit', () => {
  test.each([
    ['too long', 'v varchar(21)', `'${PRODUCTION}/'`, 'longer than the column'],
    ['a unique index', 'v varchar(100) UNIQUE', `'${STAGING}'), (2, '${PRODUCTION}'`, 'unique key v'],
    ['a choice', `v enum('${PRODUCTION}','b')`, `'${PRODUCTION}'`, 'not one of those'],
    ['a check', `v varchar(100) CHECK (v NOT LIKE '%staging%')`, `'${PRODUCTION}'`, 'CHECK'],
  ])(
    '%s: table, column and key are named, the others are still written',
    async (_, column, values, reason) => {
      await sql(`CREATE TABLE t (id int PRIMARY KEY, ${column}); INSERT INTO t VALUES (1, ${values});
      CREATE TABLE u (id int PRIMARY KEY, v text); INSERT INTO u VALUES (1, '${PRODUCTION}')`);
      const error: unknown = await rewriteSchema(server, SCHEMA).catch((cause: unknown) => cause);
      expect(error).toMatchObject({
        code: 'REWRITE_VALUE_REFUSED',
        details: [expect.stringMatching(/^t\.v, id [12]: /)],
      });
      expect(String(error)).toContain(reason);
      expect(await rows('SELECT v FROM u')).toEqual([STAGING]);
    },
  );
  test('the other rows of the same batch are written', async () => {
    await sql(`CREATE TABLE t (id int PRIMARY KEY, v varchar(24));
      INSERT INTO t VALUES (1, '${PRODUCTION}'), (2, '${PRODUCTION}/lon'), (3, '${PRODUCTION}')`);
    await expect(rewriteSchema(server, SCHEMA)).rejects.toMatchObject({
      details: [expect.stringContaining('t.v, id 2: ')],
    });
    expect(await rows('SELECT v FROM t')).toEqual([STAGING, `${PRODUCTION}/lon`, STAGING]);
  });
});

describe('again', () => {
  test('a second run changes nothing', async () => {
    await sql(`CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, '${PRODUCTION}')`);
    expect((await rewriteSchema(server, SCHEMA)).values).toBe(1);
    expect((await rewriteSchema(server, SCHEMA)).values).toBe(0);
  });
  test('ended halfway and started again, it ends right', async () => {
    await sql(`CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE k (v text);
      INSERT INTO t SELECT seq, CONCAT('${PRODUCTION}/', seq) FROM seq_1_to_5000; INSERT INTO k SELECT v FROM t LIMIT 900`);
    let batches = 0;
    const dying = rewriteSchema(server, SCHEMA, {
      open: openWatched(server, SCHEMA, async (_, session) => {
        batches += 1;
        if (batches > 2) await server.query(`KILL ${String(session.threadId)}`);
      }),
    });
    await expect(dying).rejects.toThrow();
    const [half] = await rows(
      `SELECT (SELECT COUNT(*) FROM t WHERE v LIKE '${STAGING}/%') + (SELECT COUNT(*) FROM k WHERE v LIKE '${STAGING}/%')`,
    );
    expect(Number(half)).toBeGreaterThan(0);
    expect(Number(half)).toBeLessThan(5900);
    await rewriteSchema(server, SCHEMA);
    expect(await rows(`SELECT COUNT(*) FROM t WHERE v = CONCAT('${STAGING}/', id)`)).toEqual(['5000']);
    expect(await rows(`SELECT COUNT(*) FROM k WHERE v LIKE '${STAGING}/%'`)).toEqual(['900']);
  });
  test('a row that somebody else changed meanwhile is read again', async () => {
    await sql(
      `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, '${PRODUCTION}/a'), (2, '${PRODUCTION}/b')`,
    );
    let changed = false;
    await rewriteSchema(server, SCHEMA, {
      open: openWatched(server, SCHEMA, async () => {
        if (!changed) await sql(`UPDATE t SET v = '${PRODUCTION}/new' WHERE id = 1`);
        changed = true;
      }),
    });
    expect(await rows('SELECT v FROM t')).toEqual([`${STAGING}/new`, `${STAGING}/b`]);
  });
});
