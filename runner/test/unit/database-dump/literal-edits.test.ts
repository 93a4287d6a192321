import { expect, test } from '@jest/globals';
import { prepareSchema } from '../../../src/database/sql/sql-statements.js';
import { createRewriter, deriveSitePairs } from '../../../src/rewrite/index.js';

const rewriter = createRewriter(deriveSitePairs('https://www.acme.com', 'https://staging.acme.com'));
const prepared = (sql: string): string =>
  prepareSchema(Buffer.from(sql), {
    fromSchema: 'acme',
    toSchema: 'acme',
    target: { collations: new Set(), isMariaDb: true },
    events: 'keep',
    rewrite: (text) => rewriter.rewrite(text),
  })
    .statements.map(({ sql: text }) => text.toString())
    .join('|');

test.each([
  [
    'a view',
    "CREATE ALGORITHM=UNDEFINED VIEW v AS SELECT concat(_utf8mb4'https://www.acme.com/',a) AS `u` FROM t",
    "CREATE OR REPLACE ALGORITHM=UNDEFINED VIEW v AS SELECT concat(_utf8mb4'https://staging.acme.com/',a) AS `u` FROM t",
  ],
  [
    'quotes and backslashes',
    `CREATE ALGORITHM=UNDEFINED VIEW v AS SELECT 'a''b\\'c\\\\ //www.acme.com/ü'`,
    `CREATE OR REPLACE ALGORITHM=UNDEFINED VIEW v AS SELECT 'a\\'b\\'c\\\\ //staging.acme.com/ü'`,
  ],
  [
    'JSON in a literal',
    `CREATE ALGORITHM=UNDEFINED VIEW v AS SELECT '{"u":"https:\\\\/\\\\/www.acme.com\\\\/"}'`,
    `CREATE OR REPLACE ALGORITHM=UNDEFINED VIEW v AS SELECT '{"u":"https:\\\\/\\\\/staging.acme.com\\\\/"}'`,
  ],
  [
    'names',
    'CREATE ALGORITHM=UNDEFINED VIEW v AS SELECT 1 AS `https://www.acme.com`',
    'CREATE OR REPLACE ALGORITHM=UNDEFINED VIEW v AS SELECT 1 AS `https://www.acme.com`',
  ],
  [
    'a trigger and its comments',
    "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN -- see https://www.acme.com/\nSET NEW.u = 'http://www.acme.com'; END",
    "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN -- see https://staging.acme.com/\nSET NEW.u = 'https://staging.acme.com'; END",
  ],
  [
    'a definer',
    "CREATE DEFINER='web'@'www.acme.com' PROCEDURE p() COMMENT 'www.acme.com' SELECT 1",
    "CREATE DEFINER=CURRENT_USER PROCEDURE p() COMMENT 'staging.acme.com' SELECT 1",
  ],
  [
    'defaults and comments of a table',
    "CREATE TABLE t (u varchar(99) DEFAULT 'https://www.acme.com/' COMMENT 'as on www.acme.com', v text DEFAULT (concat('https://www.acme.com/',uuid()))) COMMENT='https://www.acme.com'",
    "CREATE TABLE t (u varchar(99) DEFAULT 'https://staging.acme.com/' COMMENT 'as on staging.acme.com', v text DEFAULT (concat('https://staging.acme.com/',uuid()))) COMMENT='https://staging.acme.com'",
  ],
  [
    'generated columns',
    "CREATE TABLE t (a int, u varchar(99) GENERATED ALWAYS AS (concat('https://www.acme.com/',(a))) STORED)",
    "CREATE TABLE t (a int, u varchar(99) GENERATED ALWAYS AS (concat('https://staging.acme.com/',(a))) STORED)",
  ],
  [
    'what rows have to fit',
    "CREATE TABLE t (h enum('www.acme.com','x') DEFAULT 'x', CHECK (h <> 'www.acme.com'))",
    "CREATE TABLE t (h enum('www.acme.com','x') DEFAULT 'x', CHECK (h <> 'www.acme.com'))",
  ],
])('%s', (_, sql, expected) => {
  expect(prepared(`DELIMITER ;;\n${sql};;\n`)).toBe(expected);
});
