import { expect, test } from '@jest/globals';
import { type SchemaCatalogue } from '../../../src/database/schema/catalogue.js';
import {
  canMoveSequences,
  findUnheld,
  type Holder,
} from '../../../src/database/restore/objects/cannot-hold.js';
import { parseGrants } from '../../../src/database/schema/grants.js';

const column = { type: 'bigint', bytes: 0, srid: '', isCounter: false };
const production: SchemaCatalogue = {
  isMariaDb: true,
  version: '10.5.23-MariaDB',
  tables: ['orders', 'Orders_Old'].map((name) => ({
    name,
    engine: 'InnoDB',
    isVersioned: false,
    hasPrimaryKey: true,
    isPartitioned: false,
  })),
  columns: [{ ...column, table: 'orders', name: 'number', expression: 'nextval(`shop`.`numbers`)' }],
  keys: [],
  looseChecks: [],
  tickedConstraints: [],
  sequences: ['numbers'],
  packages: [],
  triggers: 0,
  functions: 0,
};
const staging: Holder = {
  isMariaDb: true,
  version: '10.5.23-MariaDB',
  engines: new Set(['INNODB']),
  strictInnoDb: false,
  needsPrimaryKey: false,
  movesSequences: true,
  lowersNames: false,
};
const places = (holder: Partial<Holder>) =>
  findUnheld(production, { ...staging, ...holder }).map(({ severity, place }) => `${severity} ${place}`);

test('what staging can hold is no finding', () => expect(places({})).toEqual([]));
test('a default that could not follow its sequence is reported by column', () =>
  expect(places({ movesSequences: false })).toEqual(['error orders.number']));
test('tables whose names the server would change are told', () =>
  expect(places({ lowersNames: true })).toEqual(['error Orders_Old']));

test.each([
  ['10.5, rights on the schema', 'swap', '10.5.23-MariaDB', 'ALL PRIVILEGES ON `shop`.*', false],
  ['10.5, rights on everything', 'swap', '10.5.23-MariaDB', 'ALTER ON *.*', true],
  ['10.5, nothing moves', 'replace', '10.5.23-MariaDB', 'ALL PRIVILEGES ON `shop`.*', true],
  ['10.11', 'swap', '10.11.6-MariaDB', 'ALL PRIVILEGES ON `shop`.*', true],
] as const)('%s', (_name, mode, version, right, expected) =>
  expect(canMoveSequences(mode, version, parseGrants([`GRANT ${right} TO \`u\`@\`%\``]))).toBe(expected),
);
