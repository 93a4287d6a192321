import { describe, expect, test } from '@jest/globals';
import { type KeyedUpdate, updateStatements } from '../../../src/database/rewrite/update-statements.js';

const key = { index: 'PRIMARY', columns: [{ name: 'ID', dataType: 'bigint' }], read: ['`ID`'] } as never;
const row = (id: number, value: string, column = 'v', shares = true): KeyedUpdate => ({
  key: shares ? String(id) : undefined,
  condition: `\`ID\` = ${String(id)}`,
  sets: [
    {
      column,
      value,
      common: value.startsWith('REPLACE'),
      tested: `\`${column}\``,
      expected: `${String(id)}${String(id)}`,
    },
  ],
});
const statements = (...rows: KeyedUpdate[]) => updateStatements('`t`', key, rows, () => []);

describe('statements of changed rows', () => {
  test('one row: its key and its old value', () => {
    expect(statements(row(1, "X'61'"))).toEqual([
      { sql: "UPDATE `t` FORCE INDEX (`PRIMARY`) SET `v` = X'61' WHERE `ID` = 1 AND `v` = 11", rows: 1 },
    ]);
  });
  test('several rows: one statement, each with its own old and new value', () => {
    expect(statements(row(1, "X'61'"), row(-2, "X'62'"))).toEqual([
      {
        sql:
          "UPDATE `t` FORCE INDEX (`PRIMARY`) SET `v` = ELT(FIELD(`ID`, 1, -2), X'61', X'62') " +
          'WHERE `ID` IN (1, -2) AND `v` = ELT(FIELD(`ID`, 1, -2), 11, -2-2)',
        rows: 2,
      },
    ]);
  });
  test('what is the same for all is said once', () => {
    const [statement] = statements(row(1, 'REPLACE(a, b, c)'), row(2, 'REPLACE(a, b, c)'));
    expect(statement?.sql).toBe(
      'UPDATE `t` FORCE INDEX (`PRIMARY`) SET `v` = REPLACE(a, b, c) WHERE `ID` IN (1, 2) AND `v` = ELT(FIELD(`ID`, 1, 2), 11, 22)',
    );
  });
  test('many rows with the same new value have a statement of their own, a few share one with the others', () => {
    const many = Array.from({ length: 8 }, (_, index) => row(10 + index, 'REPLACE(a, b, c)'));
    const found = statements(row(1, 'REPLACE(d, e, f)'), row(2, "X'61'"), ...many, row(3, "X'62'"));
    expect(found.map(({ rows }) => rows)).toEqual([3, 8]);
    expect(found[0]?.sql).toContain("`v` = ELT(FIELD(`ID`, 2, 3, 1), X'61', X'62', REPLACE(d, e, f))");
    expect(found[1]?.sql).toContain('SET `v` = REPLACE(a, b, c) WHERE');
  });
  test('rows that are reported by other means do not share', () => {
    const other = row(2, "X'62'");
    const long = { ...other, sets: other.sets.map((set) => ({ ...set, tested: 'SHA2(`v`, 256)' })) };
    expect(statements(row(1, "X'61'"), long).map(({ rows }) => rows)).toEqual([1, 1]);
  });
  test('rows of which other columns change, and rows that may not share, have their own', () => {
    const found = statements(
      row(1, 'a'),
      row(2, 'b', 'w'),
      row(3, 'c', 'v', false),
      row(4, 'd', 'v', false),
      row(5, 'e'),
    );
    expect(found.map(({ rows }) => rows)).toEqual([2, 1, 1, 1]);
    expect(found[2]?.sql).toContain('WHERE `ID` = 3 AND');
  });
  test('columns that would change by themselves are kept', () => {
    const [statement] = updateStatements('`t`', key, [row(1, 'a')], (columns) => [`kept ${columns.join()}`]);
    expect(statement?.sql).toContain('SET `v` = a, kept v WHERE');
  });
});
