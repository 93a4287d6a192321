import { expect, test } from '@jest/globals';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';
import { SqlError } from '../../../src/database/connection/sql-error.js';
import { packsValues } from '../../../src/database/rewrite/packed-cells.js';

const server = (answer: () => Promise<unknown>, answeredInMs = 20) =>
  ({ query: answer, answeredInMs }) as unknown as SqlConnection;
const busyFor = (milliseconds: number): void => {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
};

/** Counted from when this process has time to read an answer, however late that is on a busy machine. */
const roundTrip = (): Promise<void> =>
  new Promise((resolve) => void setImmediate(() => void setTimeout(resolve, 20)));

test.each<[string, () => Promise<unknown>, boolean]>([
  ['near', async () => [{ packs: 1 }], false],
  ['far', () => roundTrip().then(() => [{ packs: '1' }]), true],
  ['far, without zlib', () => roundTrip().then(() => [{ packs: null }]), false],
  [
    'far, without the function',
    () => roundTrip().then(() => Promise.reject(new SqlError(1305, 'no'))),
    false,
  ],
])('a server that is %s', async (_, answer, packs) => {
  const asked = packsValues(server(answer));
  // As long as the other questions are made.
  busyFor(20);
  expect(await asked).toBe(packs);
});

test('a connection that breaks is no answer', async () => {
  const broken = server(() => Promise.reject(new SqlError(0, 'lost')));
  await expect(packsValues(broken)).rejects.toThrow('lost');
});

test('a near server that is busy for a moment is no far one', async () => {
  const busy = server(() => roundTrip().then(() => [{ packs: 1 }]), 2);
  expect(await packsValues(busy)).toBe(false);
});
