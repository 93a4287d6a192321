import { describe, expect, test } from '@jest/globals';
import { parseJournal } from '../../../src/cutover/journal/journal.js';
import { hasCrashSafeDdl, reasonForPage } from '../../../src/cutover/exchange/plan-swap.js';
import { renameStatement } from '../../../src/cutover/exchange/table-swap.js';
import { withoutDefiner } from '../../../src/database/restore/objects/schema-objects.js';

const EXPECTED = { site: 'acme', live: 'acme', workDir: '/srv/understudy' };
const JOURNAL = {
  version: 1,
  kind: 'swap',
  site: 'acme',
  run: '20261121T201500Z-3f9a1c',
  startedAt: '2026-11-21T20:15:00Z',
  page: false,
  generation: 3,
  swap: {
    live: 'acme',
    incoming: 'acme_understudy_new',
    outgoing: 'acme_understudy_old_3',
    incomingTables: ['wp_posts'],
    outgoingTables: [],
  },
  incomingObjects: [],
  outgoingObjects: [
    {
      kind: 'view',
      name: 'v',
      settings: ["SET SESSION sql_mode = 'STRICT_ALL_TABLES'"],
      statement: 'CREATE VIEW v AS SELECT 1',
    },
  ],
  incomingDefaults: { charset: 'utf8mb4', collation: 'utf8mb4_general_ci' },
  outgoingDefaults: { charset: 'utf8mb4', collation: 'utf8mb4_general_ci' },
};
const REPLACE = {
  version: 1,
  kind: 'replace',
  site: 'acme',
  run: '20261121T201500Z-3f9a1c',
  startedAt: '2026-11-21T20:15:00Z',
  page: true,
  generation: 1,
  live: 'acme',
  safety: '/srv/understudy/safety/1',
  phase: 'filling',
  incomingObjects: [],
  outgoingObjects: [],
};
const view = JOURNAL.outgoingObjects[0];

describe('the journal lies on staging, so it is checked', () => {
  test.each([JOURNAL, REPLACE])('a good one is read', (journal) =>
    expect(parseJournal(JSON.stringify(journal), EXPECTED)).toEqual(journal),
  );
  test.each<[string, object]>([
    ['another site', { ...JOURNAL, site: 'beta' }],
    ['another live schema', { ...JOURNAL, swap: { ...JOURNAL.swap, live: 'mysql' } }],
    ['a foreign schema comes', { ...JOURNAL, swap: { ...JOURNAL.swap, incoming: 'shop' } }],
    ['a foreign schema goes', { ...JOURNAL, swap: { ...JOURNAL.swap, outgoing: 'shop_understudy_old_1' } }],
    ['one schema for both', { ...JOURNAL, swap: { ...JOURNAL.swap, outgoing: 'acme_understudy_new' } }],
    [
      'a setting that is invalid',
      { ...JOURNAL, outgoingObjects: [{ ...view, settings: ['SET GLOBAL read_only = 1'] }] },
    ],
    [
      'a statement that makes nothing',
      { ...JOURNAL, outgoingObjects: [{ ...view, statement: 'DROP DATABASE acme' }] },
    ],
    ['a dump outside the work folder', { ...REPLACE, safety: '/srv/understudy/../other' }],
    ['the dump of another generation', { ...REPLACE, safety: '/srv/understudy/safety/2' }],
    ['the whole work folder as a dump', { ...REPLACE, safety: '/srv/understudy/runs' }],
    ['a schema of another generation', { ...JOURNAL, generation: JOURNAL.generation + 1 }],
    ['a path as run', { ...JOURNAL, run: '../../etc' }],
    ['an unknown key', { ...JOURNAL, more: 1 }],
  ])('%s is refused', (_name, journal) =>
    expect(() => parseJournal(JSON.stringify(journal), EXPECTED)).toThrow(
      /^\/srv\/understudy\/journal.json cannot be used/,
    ),
  );
  test('half a journal is refused', () =>
    expect(() => parseJournal(JSON.stringify(JOURNAL).slice(0, 80), EXPECTED)).toThrow('it is not JSON'));
});

test.each([
  ['10.11.6-MariaDB-0+deb12u1', true, true],
  ['10.5.23-MariaDB', true, false],
  ['5.5.5-10.6.1-MariaDB', true, true],
  ['11.4.2-MariaDB', true, true],
  ['8.0.36', false, true],
  ['5.7.44', false, false],
])('DDL of %s is crash-safe: %#', (serverVersion, isMariaDb, safe) =>
  expect(hasCrashSafeDdl({ serverVersion, isMariaDb })).toBe(safe),
);

test.each([
  ['8.0.36', 500, 0, undefined],
  ['8.0.36', 501, 0, '501 tables take some seconds to change places'],
  ['8.0.36', 10, 2, '2 triggers are taken off the tables while these change places'],
  ['5.7.44', 10, 0, '5.7.44 can crash in the middle of a RENAME of several tables'],
])('page for %s, %i tables, %i triggers', (serverVersion, tables, triggers, reason) =>
  expect(reasonForPage({ serverVersion, isMariaDb: false }, { tables, triggers })).toBe(reason),
);

test('one RENAME for all tables, names quoted', () =>
  expect(
    renameStatement([
      { table: 'a`b', from: 'acme', to: 'acme_understudy_old_1' },
      { table: 'c', from: 'acme_understudy_new', to: 'acme' },
    ]),
  ).toBe(
    'RENAME TABLE `acme`.`a``b` TO `acme_understudy_old_1`.`a``b`, `acme_understudy_new`.`c` TO `acme`.`c`',
  ));

test.each([
  ['CREATE DEFINER=`a`@`%` TRIGGER t', 'CREATE TRIGGER t'],
  [
    'CREATE ALGORITHM=UNDEFINED DEFINER=`a``b`@`localhost` SQL SECURITY DEFINER VIEW v',
    'CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW v',
  ],
  ['CREATE OR REPLACE DEFINER=role VIEW v', 'CREATE OR REPLACE VIEW v'],
  ['CREATE DEFINER=CURRENT_USER() FUNCTION f', 'CREATE FUNCTION f'],
  ['CREATE VIEW v AS SELECT "DEFINER=`a`@`b`"', 'CREATE VIEW v AS SELECT "DEFINER=`a`@`b`"'],
])('%s without its definer', (before, after) => expect(withoutDefiner(before)).toBe(after));
