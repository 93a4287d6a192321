import { describe, expect, test } from '@jest/globals';
import { allPairs, cellName, chooseCells, type MatrixResult } from '../../../../sandbox/engines/matrix.js';
import { compatibilityText } from '../../../../scripts/generate/compatibility-page.js';

const good = {
  refused: ['wide'],
  refusals: ['Staging cannot hold wp_k_wide: too wide. (production database (root@127.0.0.12))'],
  warnings: [],
  problems: [],
  date: '2026-11-28',
  versions: ['9.7.4-2', '10.5.29-MariaDB-0+deb11u1'],
  seconds: 60,
} as const;
const result: MatrixResult = {
  'mysql→10.5 swap': good,
  'mysql→10.5 replace': { ...good, refused: [], refusals: [], problems: ['wp_k_large: missing'] },
};

test('every pair of servers is a cell twice', () => {
  expect(new Set(allPairs.map(cellName)).size).toBe(32);
  expect(allPairs.map(cellName)[0]).toBe('mysql→mysql swap');
});

describe('--cells', () => {
  const chosen = (words: string) => chooseCells(words, result).map(cellName);
  test.each([
    ['mysql→10.5 swap', ['mysql→10.5 swap']],
    ['mysql->10.5 *', ['mysql→10.5 swap', 'mysql→10.5 replace']],
    ['*→mysql replace, mysql→10.5 swap', ['mysql→mysql replace', 'mysql→10.5 swap', '10.5→mysql replace', '10.11→mysql replace', '11.8→mysql replace']], // prettier-ignore
  ])('%s', (words, names) => {
    expect(chosen(words)).toEqual(names);
  });
  test('wrong: what failed or never ran', () => {
    expect(chosen('wrong')).toEqual(allPairs.map(cellName).filter((name) => name !== 'mysql→10.5 swap'));
  });
  test('a word that means no cell', () => {
    expect(() => chosen('mysql→10.4 swap')).toThrow('no cell is called “mysql→10.4 swap”');
  });
});

test('the page says what each cell saw, and when', () => {
  const page = compatibilityText(result);
  expect(page).toContain('| from ↓ to → | MySQL 9.7.4 | MariaDB 10.5.29 | MariaDB 10.11 | MariaDB 11.8 |');
  expect(page).toContain('| swap: yes, but 1 (2026-11-28)<br>replace: **fails** (2026-11-28) |');
  expect(page.match(/never run/g)).toHaveLength(30);
  expect(page).toContain('- mysql→10.5 swap: Staging cannot hold wp_k_wide: too wide.\n');
});
