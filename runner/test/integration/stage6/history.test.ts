import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type World } from '../../../../sandbox/world.js';
import { changeSite, openWorld, outcome, rows, understudy } from './stage6-world.js';

/** System-versioned tables in each way in which MariaDB has them. */
const PERIOD = 'PERIOD FOR SYSTEM_TIME (s, e)';
const own = (type: string, more = '') =>
  `, s ${type} GENERATED ALWAYS AS ROW START ${more}, e ${type} GENERATED ALWAYS AS ROW END ${more}, ${PERIOD}`;
const LIMIT =
  'PARTITION BY SYSTEM_TIME LIMIT 2 (PARTITION a HISTORY, PARTITION b HISTORY, PARTITION c CURRENT)';
const KINDS: readonly (readonly [name: string, columns: string, options: string])[] = [
  ['plain', '', ''],
  ['own', own('timestamp(6)'), ''],
  ['hidden', own('timestamp(6)', 'INVISIBLE'), ''],
  ['numbered', own('bigint unsigned'), ''],
  ['parted', '', LIMIT],
  ['myisam', '', 'ENGINE=MyISAM'],
];
const ADDED = KINDS.map(([name]) => `wp_kind_${name}`);
const VERSIONED = [...ADDED, 'wp_users', 'wp_usermeta'];

let world: World;
beforeAll(async () => {
  world = await openWorld();
  const made = KINDS.map(
    ([name, columns, options]) =>
      `CREATE TABLE wp_kind_${name} (id int PRIMARY KEY, v text${columns}) WITH SYSTEM VERSIONING ${options};
       INSERT INTO wp_kind_${name} (id, v) SELECT seq, 'http://www.acme.test/old' FROM seq_1_to_50;
       UPDATE wp_kind_${name} SET v = CONCAT('http://www.acme.test/', id);`,
  );
  await world.production.server.query(
    `${made.join('\n')}
     ALTER TABLE wp_users ADD SYSTEM VERSIONING;
     ALTER TABLE wp_usermeta ADD SYSTEM VERSIONING;
     UPDATE wp_users SET user_email = CONCAT('jo-', ID, '@people.example');`,
    world.production.database,
  );
  changeSite(world, (site) => Object.assign(site['staging'] ?? {}, { scrub: { users: true } }));
}, 300_000);
afterAll(() => world.stop());

const everSeen = (table: string) => rows(world, 'staging', `SELECT * FROM ${table} FOR SYSTEM_TIME ALL`);
const count = async (table: string) =>
  Number((await rows(world, 'staging', `SELECT COUNT(*) FROM ${table}`))[0]);

test('an account that may not delete history: the preflight names the GRANT, and it is enough', async () => {
  const { server, account } = world.staging;
  await server.query(
    `REVOKE DELETE HISTORY ON \`acme_staging\\_understudy\\_%\`.* FROM '${account.user}'@'%'`.replace(
      'acme_staging',
      world.staging.database.replaceAll('_', '\\_'),
    ),
  );
  const done = await understudy(world, 'sync', 'acme');
  expect(outcome(done, 3)).toEqual({ code: 3 });
  expect(done.stdout + done.stderr).toContain('lacks DELETE HISTORY');
  const [grant] = /GRANT [^;]*DELETE HISTORY ON [^;]*;/.exec(done.stdout + done.stderr) ?? [];
  await server.query(String(grant));
}, 300_000);

describe('after a sync', () => {
  beforeAll(async () => {
    const done = await understudy(world, 'sync', 'acme');
    expect(outcome(done)).toEqual({ code: 0 });
    expect(done.stdout).toMatch(/old rows of system-versioned tables deleted: [1-9]\d\d/);
  }, 300_000);

  test.each(VERSIONED)('%s remembers nothing of production', async (table) => {
    const seen = await everSeen(table);
    expect(seen.filter((row) => /www\.acme\.test|people\.example/.test(row))).toEqual([]);
    if (ADDED.includes(table)) expect(seen).toHaveLength(50);
    expect(await count(table)).toBeGreaterThan(0);
  });

  test.each(VERSIONED)('%s is defined as on production', async (table) => {
    const [here, there] = await Promise.all(
      (['staging', 'production'] as const).map((side) => rows(world, side, `SHOW CREATE TABLE ${table}`)),
    );
    const withoutCounter = (lines?: readonly string[]) => lines?.join('').replace(/ AUTO_INCREMENT=\d+/, '');
    expect(withoutCounter(here)).toBe(withoutCounter(there));
    expect(withoutCounter(here)).toContain('SYSTEM VERSIONING');
  });

  test('leaks looks at what rows were, and says so', async () => {
    const { server, database } = world.staging;
    for (const [name] of KINDS)
      await server.query(
        `INSERT INTO wp_kind_${name} (id, v) VALUES (99, 'http://www.acme.test/'); DELETE FROM wp_kind_${name} WHERE id = 99`,
        database,
      );
    const done = await understudy(world, 'leaks', 'acme');
    expect(outcome(done, 5)).toEqual({ code: 5 });
    for (const table of ADDED)
      expect(done.stdout + done.stderr).toContain(`${table}.v: 1 value now or in the history`);
  }, 60_000);
});
