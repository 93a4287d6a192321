import { expect, test } from '@jest/globals';
import { SessionShelf } from '../../../src/database/connection/session-shelf.js';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';

/** Opens sessions that note what they are asked. */
function server() {
  const said: string[] = [];
  let opened = 0;
  const state = { refuse: 0, breakReset: false };
  const open = (): Promise<SqlConnection> => {
    if (state.refuse > 0) {
      state.refuse -= 1;
      return Promise.reject(new Error('too many'));
    }
    const number = ++opened;
    const note = (text: string): Promise<never[]> => {
      said.push(`${String(number)} ${text}`);
      return Promise.resolve([]);
    };
    return Promise.resolve({
      query: note,
      execute: note,
      resetSettings: () => (state.breakReset ? Promise.reject(new Error('lost')) : note('settings')),
      close: () => note('closed'),
    } as unknown as SqlConnection);
  };
  return { open, said, state };
}
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a session that was closed is the next one, as new', async () => {
  const [shelf, { open, said }] = [new SessionShelf(), server()];
  const first = await shelf.open('a', open);
  await first.query('one');
  await first.close();
  expect(() => first.query('late')).toThrow('closed');
  const second = await shelf.open('a', open);
  await second.query('two');
  const other = await shelf.open('b', open);
  await other.query('three');
  expect(said).toEqual(['1 one', '1 ROLLBACK', '1 settings', '1 two', '2 three']);
  await shelf.close();
  expect(said.slice(5).sort()).toEqual(['1 closed', '2 closed']);
});

test('sessions that were opened ahead are taken, and one that failed is opened again', async () => {
  const [shelf, { open, said, state }] = [new SessionShelf(), server()];
  state.refuse = 1;
  shelf.prepare('a', 2, open);
  await (await shelf.open('a', open)).query('one');
  await (await shelf.open('a', open)).query('two');
  expect(said.sort()).toEqual(['1 two', '2 one']);
});

test('where the account has few sessions, those that nobody uses give their place', async () => {
  const [shelf, { open, said, state }] = [new SessionShelf(), server()];
  await (await shelf.open('a', open)).close();
  state.refuse = 1;
  await (await shelf.open('b', open)).query('one');
  expect(said).toEqual(['1 ROLLBACK', '1 settings', '1 closed', '2 one']);
  state.refuse = 1;
  await expect(shelf.open('c', open)).rejects.toThrow('too many');
});

test('one that cannot be made as new is not used again', async () => {
  const [shelf, { open, said, state }] = [new SessionShelf(), server()];
  const first = await shelf.open('a', open);
  state.breakReset = true;
  await first.close();
  await nextTurn();
  await (await shelf.open('a', open)).query('one');
  expect(said).toEqual(['1 ROLLBACK', '1 closed', '2 one']);
});
