import { describe, expect, test } from '@jest/globals';
import { decideMode, grantLine, historyGrant } from '../../../src/database/restore/survey-staging.js';
import {
  missingPrivileges,
  ownRows,
  parseGrants,
  SCHEMA_PRIVILEGES,
  writableElsewhere,
} from '../../../src/database/schema/grants.js';

const USAGE =
  "GRANT USAGE ON *.* TO `acme`@`%` IDENTIFIED BY PASSWORD '*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4'";
const LIVE = 'GRANT ALL PRIVILEGES ON `acme`.* TO `acme`@`%`';
const SIDE = 'GRANT ALL PRIVILEGES ON `acme\\_understudy\\_%`.* TO `acme`@`%`';
const decide = (rows: string[], wanted: 'auto' | 'swap' | 'replace' = 'auto', live = 'acme') =>
  decideMode(wanted, live, parseGrants(rows), 'acme@%');

describe('SHOW GRANTS → mode', () => {
  test.each<[string, string[], 'swap' | 'replace']>([
    ['live and side', [USAGE, LIVE, SIDE], 'swap'],
    ['live alone', [USAGE, LIVE], 'replace'],
    ['everything', ['GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION'], 'swap'],
    ['one wildcard for both', ['GRANT ALL PRIVILEGES ON `acme%`.* TO `acme`@`%`'], 'swap'],
    ['unescaped underscores', [LIVE, 'GRANT ALL PRIVILEGES ON `acme_understudy_%`.* TO `acme`@`%`'], 'swap'],
    ['another schema', [LIVE, 'GRANT ALL PRIVILEGES ON `beta\\_understudy\\_%`.* TO `acme`@`%`'], 'replace'],
    ['PROXY is no right', [LIVE, "GRANT PROXY ON ''@'%' TO 'acme'@'%' WITH GRANT OPTION"], 'replace'],
    ['a role that is granted but shows no rights', [LIVE, 'GRANT `deploy` TO `acme`@`%`'], 'replace'],
    [
      'a role whose rights are shown',
      [LIVE, 'GRANT `deploy` TO `acme`@`%`', 'GRANT ALL PRIVILEGES ON `acme\\_understudy\\_%`.* TO `deploy`'],
      'swap',
    ],
    ['default role lines', [LIVE, SIDE, 'SET DEFAULT ROLE `deploy` FOR `acme`@`%`'], 'swap'],
    [
      'single rights, one missing',
      [LIVE, 'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON `acme\\_understudy\\_%`.* TO `acme`@`%`'],
      'replace',
    ],
    ['every single right', [`GRANT ${SCHEMA_PRIVILEGES.join(', ')} ON *.* TO \`acme\`@\`%\``], 'swap'],
    [
      'rights on one table',
      [LIVE, 'GRANT ALL PRIVILEGES ON `acme_understudy_in_3f9a1c`.`wp_posts` TO `acme`@`%`'],
      'replace',
    ],
    [
      'the most specific pattern alone counts',
      [LIVE, SIDE, 'GRANT SELECT ON `acme\\_understudy\\_in\\_%`.* TO `acme`@`%`'],
      'replace',
    ],
    [
      'a partial revoke',
      [
        'GRANT ALL PRIVILEGES ON *.* TO `acme`@`%`',
        'REVOKE INSERT ON `acme_understudy_old_1`.* FROM `acme`@`%`',
      ],
      'replace',
    ],
    ['WITH GRANT OPTION', [`${LIVE} WITH GRANT OPTION`, `${SIDE} WITH GRANT OPTION`], 'swap'],
    [
      'double quotes (ANSI_QUOTES)',
      [
        'GRANT ALL PRIVILEGES ON "acme".* TO "acme"@"%"',
        'GRANT ALL PRIVILEGES ON "acme\\_understudy\\_%".* TO "acme"@"%"',
      ],
      'swap',
    ],
    [
      'dynamic privileges of MySQL 8',
      [LIVE, SIDE, 'GRANT BACKUP_ADMIN,XA_RECOVER_ADMIN ON *.* TO `acme`@`%`'],
      'swap',
    ],
  ])('%s', (_name, rows, mode) => expect(decide(rows).mode).toBe(mode));

  test('replace tells the GRANT line that would allow swap', () =>
    expect(decide([USAGE, LIVE])).toEqual({
      mode: 'replace',
      reason:
        'The account acme@% may not work in schemas beside acme, so staging is down while the database is replaced.',
      grant: "GRANT ALL PRIVILEGES ON `acme\\_understudy\\_%`.* TO 'acme'@'%';",
      missing: [],
    }));
  test('replace without rights on the live schema cannot work', () =>
    expect(decide(['GRANT SELECT, SHOW VIEW ON `acme`.* TO `acme`@`%`']).missing[0]).toMatch(
      /^INSERT, UPDATE, .*TRIGGER on acme$/,
    ));
  test('with partial_revokes a grant has neither wildcards nor escapes, and no line for a swap is offered', () => {
    const side = 'GRANT ALL PRIVILEGES ON `acme_understudy_%`.* TO `acme`@`%`';
    const found = decideMode('auto', 'acme', parseGrants([LIVE, side], true), 'acme@%', true);
    expect(found).toMatchObject({ mode: 'replace', missing: [] });
    expect(found.reason).toContain('partial_revokes');
    expect(found.grant).toBeUndefined();
    const missing = (named: string, schema: string) =>
      missingPrivileges(
        parseGrants([`GRANT ALL PRIVILEGES ON \`${named}\`.* TO \`acme\`@\`%\``], true),
        schema,
      );
    expect(missing('acme_x', 'acme_x')).toEqual([]);
    expect(missing('acme_x', 'acmexx')).not.toEqual([]);
    // Seen on MySQL 9.7: such a grant gives nothing on acme_x.
    expect(missing('acme\\_x', 'acme_x')).not.toEqual([]);
  });
  test('swap that was asked for and is not allowed names what is missing', () =>
    expect(decide([LIVE], 'swap').missing).toHaveLength(2));
  test('replace that was asked for', () => expect(decide([LIVE, SIDE], 'replace').mode).toBe('replace'));
  test('a column privilege does not count for the table', () =>
    expect(
      missingPrivileges(parseGrants(['GRANT SELECT (`a`, `b`), INSERT ON `acme`.* TO `u`@`%`']), 'acme'),
    ).toContain('SELECT'));
  test.each(['swap', 'replace'] as const)('the grant for history in %s mode covers its schema', (mode) => {
    const grants = parseGrants([historyGrant(mode, 'ac_me', 'acme@%').replaceAll("'", '`')]);
    const [own, other] =
      mode === 'swap' ? ['ac_me_understudy_in_000000', 'ac_me'] : ['ac_me', 'ac_me_understudy_in_000000'];
    expect(missingPrivileges(grants, own, [...SCHEMA_PRIVILEGES, 'DELETE HISTORY'])).toEqual([]);
    expect(missingPrivileges(grants, other, ['DELETE HISTORY'])).toEqual(['DELETE HISTORY']);
  });
  test('names with quotes', () =>
    expect(grantLine('a`c', "o'brien@%")).toBe(
      "GRANT ALL PRIVILEGES ON `a``c\\_understudy\\_%`.* TO 'o\\'brien'@'%';",
    ));
  test('rights elsewhere are named', () =>
    expect(
      writableElsewhere(parseGrants([USAGE, LIVE, SIDE, 'GRANT INSERT ON `shop`.* TO `acme`@`%`']), [
        'acme',
        'acme\\_understudy\\_%',
      ]),
    ).toEqual(['shop']));
});

test('what comes by a role is not what the account has itself', () => {
  const own = [
    'GRANT ALL PRIVILEGES ON `acme`.* TO `my app`@`%`',
    "GRANT USAGE ON *.* TO 'acme'@'localhost' IDENTIFIED BY PASSWORD '*A'",
    'REVOKE SELECT ON `mysql`.* FROM `acme`@`%`',
  ];
  const byRole = ['GRANT `acme_role` TO `acme`', 'GRANT ALL PRIVILEGES ON `acme`.* TO `acme_role`'];
  expect(ownRows([...own, ...byRole])).toEqual(own);
});
