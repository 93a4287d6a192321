import { describe, expect, test } from '@jest/globals';
import { isAway } from '../../../src/cutover/exchange/while-away.js';
import { UnderstudyError } from '../../../src/errors/index.js';

const unreachable = (cause: unknown): UnderstudyError =>
  new UnderstudyError('DATABASE_UNREACHABLE', 'x', { cause });

describe('what is waited for', () => {
  test.each([
    [
      'a server that does not answer',
      unreachable(Object.assign(new Error(), { code: 'ECONNREFUSED' })),
      true,
    ],
    ['a server with no connection left', unreachable({ errno: 1040 }), true],
    ['a host that does not answer', new UnderstudyError('HOST_UNREACHABLE', 'x'), true],
    ['an account without rights on the schema', unreachable({ errno: 1044 }), false],
    ['a login that is refused', unreachable({ errno: 1045 }), false],
    ['a schema that is gone', unreachable({ errno: 1049 }), false],
    ['any other error', new UnderstudyError('CUTOVER_FAILED', 'x'), false],
  ])('%s: %#', (_what, error, wanted) => {
    expect(isAway(error)).toBe(wanted);
  });
});
