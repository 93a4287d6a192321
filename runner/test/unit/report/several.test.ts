import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { checkDeletions, keptFinding } from '../../../src/content/checks/check-changes.js';
import { several } from '../../../src/errors/index.js';

test.each([
  [several(0, 'file'), '0 files'],
  [several(1, 'file'), '1 file'],
  [several(2, 'file'), '2 files'],
  [several(1, 'check fails', 'checks fail'), '1 check fails'],
  [several(1200, 'check fails', 'checks fail'), '1,200 checks fail'],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});

test.each([
  [1, "delete 1 of staging's 1 file (", '1 file that no sync brought is on staging alone and stays there'],
  [2, "delete 2 of staging's 2 files (", '2 files that no sync brought are on staging alone and stay there'],
])('a sentence about %d', (count, deletion, kept) => {
  const counts = {
    production: 0,
    created: 0,
    updated: 0,
    onlyOnStaging: count,
    folders: 0,
    bytes: 0,
    room: 0,
  };
  const lists = {
    deleted: count,
    kept: count,
    deletedNames: [],
    preservedNames: ['a'],
    deletedIn: new Map(),
  };
  expect(() => {
    checkDeletions({ ...counts, staging: count }, lists, 10, 'staging');
  }).toThrow(deletion);
  expect(keptFinding(lists, 'staging', '/list')[0]?.message).toContain(kept);
});

/** A count that is written out beside a plural noun: `1 files`. Constants in capitals are never one. */
const BARE =
  /\$\{(?:String|formatCount)\((?![A-Z_]+\))[^{}`]*\)\} (?:new |changed |deleted |more |other )*(?:files|tables|rows|warnings|errors|notes|problems|checks|pages|hosts|sites|values|addresses|columns|places|updates|plugins|themes|runs|stages|events|triggers|views|functions|connections|commits|folders|links|users|options|requests)\b/;

test('every sentence counts with the one function that knows singular and plural', () => {
  const bare = readdirSync('runner/src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      readFileSync(path.join('runner/src', name), 'utf8')
        .split('\n')
        .filter((line) => BARE.test(line))
        .map((line) => `${name}: ${line.trim()}`),
    );
  expect(bare).toEqual([]);
});
