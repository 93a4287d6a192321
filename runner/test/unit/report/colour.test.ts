import { describe, expect, test } from '@jest/globals';
import { colourText, wantsColour } from '../../../src/report/terminal/colour.js';
import { createConsole } from '../../../src/report/terminal/console.js';

const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');

describe('colours', () => {
  test.each([
    ['── Preflight', '\u001b[1m── Preflight\u001b[0m'],
    ['   ✓ guards passed', '   \u001b[32m✓\u001b[0m guards passed'],
    ['   ✗ ROUTE_REFUSED: no way', '   \u001b[31m✗ ROUTE_REFUSED\u001b[0m: no way'],
    ['   ! MEDIA_MISSING: 3', '   \u001b[33m! MEDIA_MISSING\u001b[0m: 3'],
    ['LOCKED: taken', '\u001b[31;1mLOCKED:\u001b[0m taken'],
    ['Next: wait', '\u001b[1mNext:\u001b[0m wait'],
    ['  | LOCKED: said by a program', '  | LOCKED: said by a program'],
    ['   a page called ✗', '   a page called ✗'],
  ])('%s', (line, dressed) => {
    expect(colourText(line)).toBe(dressed);
    expect(plain(colourText(line))).toBe(line);
  });

  test.each([
    [{ isTTY: true }, {}, true, true],
    [{ isTTY: true }, {}, false, false],
    [{ isTTY: true }, { NO_COLOR: '1' }, true, false],
    [{ isTTY: true }, { NO_COLOR: '' }, true, true],
    [{ isTTY: true }, { TERM: 'dumb' }, true, false],
    [{}, {}, true, false],
    [{}, { FORCE_COLOR: '1' }, true, true],
    [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  ])('%j %j --no-color=%s', (stream, environment, allowed, expected) => {
    expect(wantsColour(stream, environment, allowed)).toBe(expected);
  });
});

describe('what --quiet leaves', () => {
  const said = (quiet: boolean): string => {
    const written: string[] = [];
    const console = createConsole({ write: (text) => written.push(text) }, { quiet });
    console.note('a step');
    console.transient('half of it');
    console.line('the answer');
    return written.join('');
  };
  test('the answer', () => {
    expect(said(true)).toBe('the answer\n');
    expect(said(false)).toBe('a step\nhalf of it\nthe answer\n');
  });

  test('an escape sequence from elsewhere is never one of Understudy', () => {
    const written: string[] = [];
    createConsole({ write: (text) => written.push(text) }, { colour: true }).line('   ✓ \u001b[31mred');
    expect(written.join('')).toBe('   \u001b[32m✓\u001b[0m \\x1b[31mred\n');
  });
});
