import { describe, expect, test } from '@jest/globals';
import {
  decodeName,
  encodeName,
  parseRsyncLine,
  type RsyncLine,
  RsyncLines,
  showName,
} from '../../../src/content/rsync/parse-rsync.js';

const path = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('one line of rsync', () => {
  test.each<[string, RsyncLine]>([
    ['.d          4096 ./', { kind: 'entry', change: 'none', type: 'folder', path: path(''), size: 4096 }],
    ['.f          12 a', { kind: 'entry', change: 'none', type: 'file', path: path('a'), size: 12 }],
    ['<f+++++++++ 3 -dash', { kind: 'entry', change: 'new', type: 'file', path: path('-dash'), size: 3 }],
    ['>f.st...... 7 d/f', { kind: 'entry', change: 'content', type: 'file', path: path('d/f'), size: 7 }],
    ['<f..t...... 7 d/f', { kind: 'entry', change: 'content', type: 'file', path: path('d/f'), size: 7 }],
    ['.f...p..... 4 f2', { kind: 'entry', change: 'attributes', type: 'file', path: path('f2'), size: 4 }],
    ['.d..t...... 4096 d/', { kind: 'entry', change: 'none', type: 'folder', path: path('d'), size: 4096 }],
    [
      '.d..tp..... 4096 d/',
      { kind: 'entry', change: 'attributes', type: 'folder', path: path('d'), size: 4096 },
    ],
    ['cd+++++++++ 4096 e/', { kind: 'entry', change: 'new', type: 'folder', path: path('e'), size: 4096 }],
    [
      'cL+++++++++ 6 a -> b -> x -> y',
      { kind: 'entry', change: 'new', type: 'link', path: path('a -> b'), size: 6, target: path('x -> y') },
    ],
    [
      '.L          11 abs -> /etc/passwd',
      {
        kind: 'entry',
        change: 'none',
        type: 'link',
        path: path('abs'),
        size: 11,
        target: path('/etc/passwd'),
      },
    ],
    [
      'cLc.t...... 0 l -> t',
      { kind: 'entry', change: 'content', type: 'link', path: path('l'), size: 0, target: path('t') },
    ],
    [
      '<f+++++++++ 1 new\\#012line',
      { kind: 'entry', change: 'new', type: 'file', path: path('new\nline'), size: 1 },
    ],
    ['<f+++++++++ 1  lead', { kind: 'entry', change: 'new', type: 'file', path: path(' lead'), size: 1 }],
    ['*deleting   0 gone/sub/', { kind: 'only-on-staging', folder: true, path: path('gone/sub') }],
    ['*deleting   0 new\\#012l', { kind: 'only-on-staging', folder: false, path: path('new\nl') }],
    ['        32768  10%    1.23MB/s    0:00:01 (xfr#1, to-chk=0/3)', { kind: 'progress', bytes: 32768 }],
    [
      'Total transferred file size: 1234 bytes',
      { kind: 'stat', name: 'Total transferred file size', value: 1234, parts: {} },
    ],
    [
      'Number of files: 9 (reg: 4, dir: 3, link: 2)',
      { kind: 'stat', name: 'Number of files', value: 9, parts: { reg: 4, dir: 3, link: 2 } },
    ],
    ['skipping non-regular file "fi\\#012fo"', { kind: 'skipped', path: path('fi\nfo') }],
    [
      'cannot delete non-empty directory: mix',
      { kind: 'other', text: 'cannot delete non-empty directory: mix' },
    ],
  ])('%j', (line, expected) => {
    expect(parseRsyncLine(line)).toEqual(expected);
  });

  test('is found in pieces and between the carriage returns of the progress', () => {
    const seen: RsyncLine['kind'][] = [];
    const lines = new RsyncLines((line) => seen.push(line.kind));
    for (const piece of [
      '\r    1   0%    0.0kB/s 0:00:00\r  ',
      '  2 10%  1kB/s 0:00:00\n<f+++++',
      '++++ 1 a\n.f          1 b',
    ])
      lines.write(Buffer.from(piece));
    lines.end();
    expect(seen).toEqual(['progress', 'progress', 'entry', 'entry']);
  });
});

describe('names', () => {
  test.each([
    ['plain', 'plain'],
    ['new\nline', 'new\\#012line'],
    ['tab\tstays', 'tab\tstays'],
    ['lit\\#123', 'lit\\#134#123'],
    ['back\\slash', 'back\\slash'],
    ['caf\xc3\xa9', 'caf\\#303\\#251'],
    ['\xff\xfebad', '\\#377\\#376bad'],
    ['\x7f', '\\#177'],
  ])('%j is written %j and read back', (name, text) => {
    expect(encodeName(path(name))).toBe(text);
    expect(decodeName(text)).toEqual(path(name));
  });

  test('are shown as people write them', () => {
    expect(showName(Buffer.from('café'))).toBe('café');
    expect(showName(path('\xff'))).toBe('\\#377');
    expect(showName(path('a\nb'))).toBe('a\\#012b');
  });
});
