import { describe, expect, test } from '@jest/globals';
import { prepareSchema, type PrepareOptions } from '../../../src/database/sql/sql-statements.js';
import { UnderstudyError } from '../../../src/errors/index.js';

const options: PrepareOptions = {
  fromSchema: 'acme',
  toSchema: 'stage`d',
  target: { collations: new Set(), isMariaDb: true },
  events: 'disable',
};

const prepare = (sql: string, changes: Partial<PrepareOptions> = {}) =>
  prepareSchema(Buffer.from(sql), { ...options, ...changes });
const only = (sql: string, changes?: Partial<PrepareOptions>): string =>
  prepare(sql, changes)
    .statements.map((one) => one.sql.toString())
    .join('|');
const refusal = (sql: string): readonly string[] => {
  try {
    prepare(sql);
  } catch (error) {
    if (error instanceof UnderstudyError && error.code === 'DUMP_REFUSED') return error.details;
    throw error;
  }
  return [];
};

describe('names of the old schema become names of the new one', () => {
  test.each([
    ['CREATE TABLE `acme`.`t` (a int);', 'CREATE TABLE `stage``d`.`t` (a int)'],
    [
      'CREATE VIEW v AS SELECT acme . t . a FROM acme . t;',
      'CREATE VIEW v AS SELECT `stage``d` . t . a FROM `stage``d` . t',
    ],
    ['CREATE VIEW v AS SELECT acme.f(x) FROM t;', 'CREATE VIEW v AS SELECT `stage``d`.f(x) FROM t'],
    ['CREATE VIEW v AS SELECT 1 FROM a, acme.b;', 'CREATE VIEW v AS SELECT 1 FROM a, `stage``d`.b'],
    [
      'CREATE VIEW v AS SELECT 1 FROM (`acme`.`a` join `acme`.`b`);',
      'CREATE VIEW v AS SELECT 1 FROM (`stage``d`.`a` join `stage``d`.`b`)',
    ],
    [
      'CREATE TABLE t (a int DEFAULT nextval(`acme`.`s`));',
      'CREATE TABLE t (a int DEFAULT nextval(`stage``d`.`s`))',
    ],
    [
      'CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES `acme`.`p` (a));',
      'CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES `stage``d`.`p` (a))',
    ],
    // A table or an alias that is called like the schema: columns of it.
    ['CREATE VIEW v AS SELECT acme.id FROM other acme;', 'CREATE VIEW v AS SELECT acme.id FROM other acme'],
    [
      'CREATE VIEW v AS SELECT `acme`.`id` FROM `acme`.`acme`;',
      'CREATE VIEW v AS SELECT `stage``d`.`id` FROM `stage``d`.`acme`',
    ],
    // Texts, comments and other names stay.
    [
      "CREATE VIEW v AS SELECT 'acme.t' /* acme.t */ FROM acmes;",
      "CREATE VIEW v AS SELECT 'acme.t' /* acme.t */ FROM acmes",
    ],
    [
      'CREATE VIEW v AS SELECT EXTRACT(DAY FROM t.acme) FROM t;',
      'CREATE VIEW v AS SELECT EXTRACT(DAY FROM t.acme) FROM t',
    ],
  ])('%s', (sql, expected) => {
    expect(only(sql)).toBe(expected);
  });
});

describe('what must not be imported is named', () => {
  test.each([
    ['USE other;', 'line 1: USE'],
    ['CREATE DATABASE x;', 'line 1: CREATE DATABASE'],
    ['/*!40000 DROP DATABASE IF EXISTS `x`*/;', 'line 1: DROP DATABASE'],
    ['GRANT ALL ON *.* TO x;', 'line 1: GRANT'],
    ['SET GLOBAL read_only = 1;', 'line 1: SET GLOBAL'],
    ['SET @@global.read_only = 1;', 'line 1: SET @@global.read_only'],
    ['SET PERSIST x = 1;', 'line 1: SET PERSIST'],
    ["LOAD DATA INFILE '/etc/passwd' INTO TABLE t;", 'line 1: LOAD DATA'],
    ['INSERT INTO t VALUES (1);', 'line 1: INSERT INTO'],
    ['\n\nCREATE VIEW v AS SELECT 1 FROM mysql.user;', 'line 3: `mysql`.`user` (another schema)'],
    ["CREATE VIEW v AS SELECT 1 INTO OUTFILE '/tmp/x';", 'line 1: INTO OUTFILE'],
    ["CREATE TABLE t (a int) ENGINE=FEDERATED CONNECTION='mysql://u@h/d/t';", 'line 1: ENGINE=FEDERATED'],
    [
      'CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES other.p (a));',
      'line 1: `other`.`p` (another schema)',
    ],
    ['DELIMITER ;;\nCREATE PROCEDURE p() BEGIN GRANT ALL ON *.* TO x; END ;;\nDELIMITER ;', 'line 2: GRANT'],
    [
      'DELIMITER ;;\nCREATE PROCEDURE p() BEGIN IF 1 THEN DROP DATABASE x; END IF; END ;;\nDELIMITER ;',
      'line 2: DROP DATABASE',
    ],
    [
      'DELIMITER ;;\nCREATE TRIGGER t AFTER INSERT ON t FOR EACH ROW UPDATE other.log SET a = 1 ;;\nDELIMITER ;',
      'line 2: `other`.`log` (another schema)',
    ],
    ['CREATE USER x;', 'line 1: CREATE USER'],
    ['/*M!999999 enable the sandbox mode */;', 'line 1: ENABLE THE'],
    ['SOURCE /etc/passwd;', 'line 1: SOURCE'],
  ])('%s', (sql, expected) => {
    expect(refusal(sql)[0]).toContain(expected);
  });

  test.each([
    ["CREATE TABLE t (a int COMMENT 'USE x; GRANT ALL; DROP DATABASE y');"],
    ['CREATE TABLE `grant` (`use` int, `drop` int);'],
    ['CREATE VIEW v AS SELECT 1 FROM information_schema.tables;'],
    ['CREATE VIEW v AS SELECT t.a FROM t JOIN u ON t.a = u.a WHERE t.b IN (1) ORDER BY u.c;'],
    ['DELIMITER ;;\nCREATE TRIGGER t BEFORE UPDATE ON t FOR EACH ROW SET NEW.a = OLD.a ;;\nDELIMITER ;'],
    [
      'DELIMITER ;;\nCREATE PROCEDURE p() BEGIN INSERT INTO t SELECT a FROM u ON DUPLICATE KEY UPDATE t.a = u.a; SELECT a INTO x FROM t FOR UPDATE; END ;;\nDELIMITER ;',
    ],
  ])('and this is not: %s', (sql) => {
    expect(refusal(sql)).toEqual([]);
  });

  test('all of them in one answer', () => {
    expect(refusal('USE a;\nUSE b;')).toHaveLength(2);
  });
});

test.each([
  ["CREATE TABLE t (a varchar(9) DEFAULT 'x", 'statement in line 1 does not end'],
  ['CREATE TABLE t (a int)', 'statement in line 1 does not end'],
  ['CREATE TABLE t (a int);\n/* no end', 'does not end'],
])('a dump that is cut off is refused: %s', (sql, why) => {
  expect(() => prepare(sql)).toThrow(why);
});

describe('definers', () => {
  test.each([
    [
      '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`root`@`%` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS SELECT 1 */;',
      '/*!50001 CREATE OR REPLACE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=CURRENT_USER SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS SELECT 1 */',
    ],
    [
      'CREATE DEFINER=root@localhost FUNCTION f() RETURNS int RETURN 1;',
      'CREATE DEFINER=CURRENT_USER FUNCTION f() RETURNS int RETURN 1',
    ],
    [
      "CREATE DEFINER = 'a b'@'c' PROCEDURE p() SELECT 'DEFINER=x';",
      "CREATE DEFINER = CURRENT_USER PROCEDURE p() SELECT 'DEFINER=x'",
    ],
  ])('%s', (sql, expected) => {
    expect(only(sql)).toBe(expected);
    expect(prepare(sql).notes).toHaveLength(1);
  });
});

describe('events', () => {
  const event = (state: string) => `CREATE EVENT e ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ${state}DO SELECT 'ENABLE';`; // prettier-ignore
  const expected = event('DISABLE ').slice(0, -1);
  test.each([['ENABLE '], ['DISABLE '], ['']])('are created disabled: "%s"', (state) => {
    expect(only(event(state))).toBe(expected);
  });
  test('a comment stays behind the state', () => {
    expect(only(event("COMMENT 'ENABLE DO' "))).toBe(event("DISABLE COMMENT 'ENABLE DO' ").slice(0, -1));
  });
  test('or as they were', () => {
    expect(only(event('ENABLE '), { events: 'keep' })).toBe(event('ENABLE ').slice(0, -1));
  });
});

describe('collations that the target lacks', () => {
  const target = (...collations: string[]) => ({ collations: new Set(collations), isMariaDb: true });
  const table = (collation: string) => `CREATE TABLE t (a text COLLATE ${collation}) COLLATE=${collation}`;
  test.each([
    ['utf8mb4_0900_ai_ci', ['utf8mb4_uca1400_ai_ci', 'utf8mb4_unicode_520_ci'], 'utf8mb4_uca1400_ai_ci'],
    ['utf8mb4_0900_ai_ci', ['utf8mb4_general_ci', 'utf8mb4_unicode_520_ci'], 'utf8mb4_unicode_520_ci'],
    ['utf8mb4_uca1400_ai_ci', ['utf8mb4_0900_ai_ci', 'utf8mb4_bin'], 'utf8mb4_0900_ai_ci'],
    ['utf8mb4_0900_as_cs', ['utf8mb4_bin', 'utf8mb4_general_ci'], 'utf8mb4_bin'],
    ['utf8mb4_0900_bin', ['utf8mb4_bin', 'utf8mb4_general_ci'], 'utf8mb4_bin'],
    ['utf8mb3_unicode_ci', ['utf8_unicode_ci', 'utf8_bin'], 'utf8_unicode_ci'],
    ['utf8_unicode_ci', ['utf8mb3_unicode_ci', 'utf8mb3_bin'], 'utf8mb3_unicode_ci'],
    ['utf8mb4_general_ci', ['utf8mb4_general_ci'], 'utf8mb4_general_ci'],
  ])('%s → one of %p: %s', (wanted, available, expected) => {
    expect(only(`${table(wanted)};`, { target: target(...available) })).toBe(table(expected));
    expect(prepare(`${table(wanted)};`, { target: target(...available) }).notes).toHaveLength(
      wanted === expected ? 0 : 1,
    );
  });
  test('nothing of that character set is an error', () => {
    expect(() => prepare(`${table('big5_bin')};`, { target: target('utf8mb4_bin') })).toThrow(
      'must not be imported',
    );
  });
  test('the character set utf8mb3 is utf8 on an old server', () => {
    const sql = 'CREATE TABLE t (a text CHARACTER SET utf8mb3) DEFAULT CHARSET=utf8mb3;';
    expect(only(sql, { target: target('utf8_bin') })).toBe(
      'CREATE TABLE t (a text CHARACTER SET utf8) DEFAULT CHARSET=utf8',
    );
  });
});

describe('session settings go with the object', () => {
  const trigger = (mode: string) => `/*!50003 SET @saved_sql_mode = @@sql_mode */ ;
/*!50003 SET sql_mode = '${mode}' */ ;
/*!50003 SET character_set_client = latin1 */ ;
/*!50003 SET collation_connection = latin1_swedish_ci */ ;
DELIMITER ;;
CREATE TRIGGER t AFTER INSERT ON \`x\` FOR EACH ROW SET @a = "b;;c" ;;
DELIMITER ;
/*!50003 SET sql_mode = @saved_sql_mode */ ;
CREATE TABLE after_it (a int);`;
  test('and are set back afterwards', () => {
    const { statements } = prepare(
      `SET SQL_MODE='NO_AUTO_VALUE_ON_ZERO';\n${trigger('STRICT_ALL_TABLES,NO_AUTO_CREATE_USER')}`,
    );
    expect(statements.map(({ kind, name, settings }) => ({ kind, name, mode: settings[0], rest: settings.slice(1) }))).toEqual([
      { kind: 'trigger', name: 't', mode: "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_CREATE_USER'", rest: ['SET SESSION character_set_client = latin1', 'SET SESSION collation_connection = latin1_swedish_ci'] },
      expect.objectContaining({ kind: 'table', mode: "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'" }),
    ]); // prettier-ignore
  });
  test('a mode that MySQL 8 does not know is left out there', () => {
    const { statements } = prepare(trigger('NO_AUTO_CREATE_USER'), {
      target: { collations: new Set(), isMariaDb: false },
    });
    expect(statements[0]?.settings[0]).toBe("SET SESSION sql_mode = ''");
  });
  test('ANSI_QUOTES changes what double quotes are', () => {
    expect(only(trigger('ANSI_QUOTES').replace('"b;;c"', '(SELECT 1 FROM "acme"."t")'))).toContain(
      'FROM `stage``d`."t"',
    );
  });
  test('a value that is no mode is refused', () => {
    expect(() => prepare(trigger("x\\'; DROP TABLE y; --"))).toThrow('unexpected session setting');
  });
});

test('bytes that are no UTF-8 stay as they are', () => {
  const sql = Buffer.concat([
    Buffer.from("CREATE TABLE t (a int COMMENT '"),
    Buffer.from([0xe9, 0xff]),
    Buffer.from("');"),
  ]);
  const { statements } = prepareSchema(sql, options);
  expect(statements[0]?.sql).toEqual(sql.subarray(0, -1));
});

test('the stand-in of a view that old versions write as a table becomes a view', () => {
  expect(
    only(
      '/*!50001 CREATE TABLE `v` (\n `a` tinyint NOT NULL,\n  `b c` tinyint NOT NULL\n) ENGINE=MyISAM */;',
    ),
  ).toBe('CREATE VIEW `v` AS SELECT 1 AS `a`, 1 AS `b c`');
});

test('places on production are left out and said', () => {
  const { statements, notes } = prepare(
    "CREATE TABLE `t` (a int) ENGINE=InnoDB DATA DIRECTORY='/fast' /*!50100 TABLESPACE `ts` */;",
  );
  expect(statements[0]?.sql.toString()).toBe('CREATE TABLE `t` (a int) ENGINE=InnoDB  /*!50100  */');
  expect(notes).toHaveLength(2);
});

test('housekeeping is left out', () => {
  const sql =
    'DROP TABLE IF EXISTS `t`;\n/*!40000 ALTER TABLE `t` DISABLE KEYS */;\nLOCK TABLES `t` WRITE;\nUNLOCK TABLES;\n/*!50001 DROP VIEW IF EXISTS `v`*/;\nALTER DATABASE `acme` CHARACTER SET latin1 COLLATE latin1_swedish_ci;';
  expect(prepare(sql)).toEqual({
    statements: [],
    notes: [expect.stringContaining('collation of the schema')],
  });
});
