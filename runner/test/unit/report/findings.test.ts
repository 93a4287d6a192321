import { expect, test } from '@jest/globals';
import { errorOf, findingOf, UnderstudyError, warningOf } from '../../../src/errors/index.js';

const error = new UnderstudyError('TRANSFER_FAILED', 'rsync ended with exit code 23.', {
  host: 'staging (deploy@staging.acme.net)',
  details: ['one file'],
  stderr: 'rsync: denied\n\nrsync error: some files',
  next: 'Give the account the right.',
});

test('an error as a finding keeps what it says, and what the program said below it', () => {
  expect(findingOf(error)).toEqual({
    severity: 'error',
    code: 'TRANSFER_FAILED',
    message: 'rsync ended with exit code 23.',
    host: 'staging (deploy@staging.acme.net)',
    details: ['one file', 'rsync: denied', 'rsync error: some files'],
    next: 'Give the account the right.',
  });
  expect(warningOf(error)).toEqual({ ...findingOf(error), severity: 'warning' });
});

test('a finding as an error is what it was, but for what the caller knows better', () => {
  const finding = findingOf(error);
  expect(findingOf(errorOf(finding))).toEqual(finding);
  expect(errorOf(finding, { details: ['why it was asked'] })).toMatchObject({
    code: 'TRANSFER_FAILED',
    host: finding.host,
    next: finding.next,
    details: ['why it was asked'],
  });
});
