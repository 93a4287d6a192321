import { describe, expect, test } from '@jest/globals';
import { type KeyedUpdate, updateStatements } from '../../../src/database/rewrite/update-statements.js';

const key = { columns: [{ name: 'ID', dataType: 'bigint' }], read: ['`ID`'] } as never;
const row = (id: number, value: string, column = 'v', shares = true): KeyedUpdate => ({
  key: shares ? String(id) : undefined,
  condition: `\`ID\` = ${String(id)}`,
  sets: [{ column, value, same: `\`${column}\` = ${String(id)}${String(id)}` }],
});
const statements = (...rows: KeyedUpdate[]) => updateStatements('`t`', key, rows, () => []);

describe('statements of changed rows', () => {
  test('one row: its key and its old value', () => {
    expect(statements(row(1, "X'61'"))).toEqual([
      { sql: "UPDATE `t` SET `v` = X'61' WHERE `ID` = 1 AND `v` = 11", rows: 1 },
    ]);
  });
  test('several rows: one statement, each with its own old and new value', () => {
    expect(statements(row(1, "X'61'"), row(-2, "X'62'"))).toEqual([
      {
        sql:
          "UPDATE `t` SET `v` = CASE `ID` WHEN 1 THEN X'61' WHEN -2 THEN X'62' END " +
          'WHERE `ID` IN (1, -2) AND CASE `ID` WHEN 1 THEN `v` = 11 WHEN -2 THEN `v` = -2-2 END',
        rows: 2,
      },
    ]);
  });
  test('what is the same for all is said once', () => {
    const [statement] = statements(row(1, 'REPLACE(a, b, c)'), row(2, 'REPLACE(a, b, c)'));
    expect(statement?.sql).toMatch(
      /^UPDATE `t` SET `v` = REPLACE\(a, b, c\) WHERE `ID` IN \(1, 2\) AND CASE/,
    );
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
