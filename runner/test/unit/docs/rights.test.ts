import { describe, expect, test } from '@jest/globals';
import * as aws from '../../../src/commands/aws.js';
import { DUMP_PRIVILEGES, missingPrivileges, parseGrants } from '../../../src/database/schema/grants.js';
import { decideMode } from '../../../src/database/restore/survey-staging.js';
import { statementsOf } from './check-block.js';
import { ADMIN, GRANTS, PRODUCTION, STAGING } from './grants-of-docs.js';
import { readPage } from './markdown.js';

const { blocks } = readPage('docs/accounts.md');
const statements = blocks
  .filter(({ language }) => language === 'sql')
  .flatMap(({ text }) => statementsOf(text))
  .filter((statement) => statement.startsWith('GRANT '));

describe('docs/accounts.md', () => {
  test('has every GRANT that doctor may ask for, and no other', () => {
    expect([...statements].sort()).toEqual(Object.values(GRANTS).flat().sort());
  });

  test.each([
    ['swap', GRANTS.swap, STAGING],
    ['swap', GRANTS.admin, ADMIN],
    ['replace', GRANTS.replace, STAGING],
    ['replace', GRANTS.history, STAGING],
  ] as const)('its lines lead to %s mode', (mode, lines, { schema, account }) => {
    expect(decideMode('auto', schema, parseGrants(lines), account)).toMatchObject({ mode, missing: [] });
  });

  test('its account for the backup lacks nothing, and cannot write', () => {
    const grants = parseGrants(GRANTS.backup);
    expect(missingPrivileges(grants, PRODUCTION.schema, DUMP_PRIVILEGES)).toEqual([]);
    expect(grants.flatMap(({ privileges }) => privileges)).toEqual([...DUMP_PRIVILEGES]);
  });

  test('its IAM policy allows the calls that are made, and no others', () => {
    const calls = {
      describeGroup: aws.describeGroup('g', 'r'),
      describeInstances: aws.describeInstances(['i'], 'r'),
      describeTagged: aws.describeTagged({ name: 'value' }, 'r'),
      describeTargets: aws.describeTargets('arn', 'r'),
      startInstanceRefresh: aws.startInstanceRefresh('g', 'r'),
      describeRefresh: aws.describeRefresh('g', 'r', 'id'),
      createInvalidation: aws.createInvalidation('d', ['/*']),
    };
    const called = Object.values(calls).map(
      ({ argv: [, service = '', call = ''] }) => `${SERVICES[service] ?? service}:${camel(call)}`,
    );
    const policies = blocks
      .filter(({ language }) => language === 'json')
      .map(({ text }) => JSON.parse(text) as { Statement: { Action: string | string[] }[] });
    const allowed = policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
    expect(allowed.sort()).toEqual([...new Set(called)].sort());
    // An export that is new is a call, which needs its right above, or reads an answer.
    expect(Object.keys(aws).sort()).toEqual([...Object.keys(calls), ...READ_ANSWERS].sort());
  });
});

/** Exports that ask AWS for nothing. */
const READ_ANSWERS = [
  'healthyInstances',
  'healthyTargets',
  'instanceAddresses',
  'isRefreshing',
  'refreshId',
  'refreshState',
  'regionOf',
  'runningInstances',
];

/** What the program calls otherwise than the policy does. */
const SERVICES: Readonly<Record<string, string>> = { elbv2: 'elasticloadbalancing' };

const camel = (words: string): string =>
  words.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
