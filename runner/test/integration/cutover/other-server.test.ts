import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { readJournal, writeJournal } from '../../../src/cutover/journal/journal.js';
import { type Journal } from '../../../src/cutover/journal/journal-schema.js';
import { markServer } from '../../../src/cutover/journal/own-server.js';
import { planSwap } from '../../../src/cutover/exchange/plan-swap.js';
import { recover, setAsideJournal } from '../../../src/cutover/recover-cutover.js';
import { withStaging } from '../../../src/database/restore/staging-account.js';
import {
  createStagingAccount,
  makeWorld,
  oneFileSwap,
  placeFiles,
  servedFile,
  type World,
} from './cutover-world.js';

let [server, other]: MariaDbServer[] = [];
let [world, moved]: World[] = [];
const INCOMING = 'acme_understudy_new';
const TABLES = 'CREATE TABLE wp_options (id INT); CREATE TABLE wp_posts (id INT);';

beforeAll(async () => {
  [server, other] = await Promise.all([startMariaDb(), startMariaDb()]);
  for (const one of [server, other]) {
    await createStagingAccount(one);
    await one.query(`CREATE DATABASE acme; USE acme; ${TABLES}`);
  }
  await server.query(`CREATE DATABASE ${INCOMING}; USE ${INCOMING}; ${TABLES}`);
  world = await makeWorld(server);
  moved = await makeWorld(other, { folder: world.folder });
  mkdirSync(path.join(world.folder, 'work'), { recursive: true });
  await placeFiles(world.folder, world.context.run.id);
}, 60_000);
afterAll(async () => {
  await world?.remove();
  await Promise.all([server?.stop(), other?.stop()]);
});

const get = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('not made');
  return value;
};
const tables = (of: MariaDbServer | undefined): Promise<string> =>
  get(of).query(
    "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema LIKE 'acme%' ORDER BY 1, 2",
  );
const tools = {
  openFiles: (...args: Parameters<ReturnType<typeof oneFileSwap>>) => oneFileSwap(get(world).folder)(...args),
};

async function started(change: (journal: Journal) => Journal = (journal) => journal): Promise<void> {
  const { context } = get(world);
  const journal = await withStaging(context, {}, (connection) =>
    planSwap(context, connection, 'acme', { schema: INCOMING, objects: [] }),
  );
  await writeJournal(context, change(journal));
}

describe('a journal whose change was begun on another database server', () => {
  test.each<[string, (journal: Journal) => Journal, string]>([
    ['that has the same names', (journal) => journal, 'another database server'],
    [
      'and does not say on which',
      ({ server: _, ...journal }) => journal as Journal,
      'its tables are not where the change can have left them',
    ],
  ])('%s: nothing is touched, and there is a way on', async (_name, change, why) => {
    await started(change);
    const [here, there] = [await tables(server), await tables(other)];
    await expect(recover(get(moved).context, tools)).rejects.toMatchObject({
      code: 'JOURNAL_INVALID',
      message: expect.stringContaining(why),
      next: expect.stringContaining('--set-aside-journal'),
    });
    expect([await tables(server), await tables(other)]).toEqual([here, there]);
    expect(await servedFile(get(world).folder)).toBe('former');
    expect(await setAsideJournal(get(moved).context)).toContain('.invalid-');
    expect(await readJournal(get(world).context)).toBeUndefined();
  });

  test.each<[string, (journal: Journal) => Journal]>([
    [
      'is reached by another address now',
      (journal) => ({ ...journal, server: { ...get(journal.server), address: 'elsewhere:3306' } }),
    ],
    [
      'was made anew at the same address',
      (journal) => ({
        ...journal,
        server: { ...get(journal.server), identity: 'c0ffee 3306 /var/lib/mysql/' },
      }),
    ],
  ])('the same server that %s is recovered', async (_name, change) => {
    await started(change);
    const here = await tables(server);
    expect(await setAsideJournal(get(world).context)).toBeUndefined();
    expect(await recover(get(world).context, tools)).toBe('former');
    expect(await tables(server)).toBe(here);
  });

  test('is reported by address and by what the server says of itself', async () => {
    const marks = await Promise.all(
      [get(world), get(moved)].map(({ context }) =>
        withStaging(context, {}, (connection) => markServer(context, connection)),
      ),
    );
    expect(new Set(marks.map(({ address }) => address)).size).toBe(2);
    expect(new Set(marks.map(({ identity }) => identity)).size).toBe(2);
  });
});
