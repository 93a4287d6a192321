import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCell, type Settings } from '../../../../sandbox/engines/cell.js';
import {
  createEngineWorld,
  EITHER_VENDOR,
  type EngineSide,
  type EngineWorld,
  type Pair,
} from '../../../../sandbox/engines/engine-world.js';
import { ensureBundle } from '../../../../sandbox/runner.js';

/** What administrators set for all sessions, and what would change the meaning of our statements. */
const ODD: Settings = {
  sql_mode:
    "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,IGNORE_SPACE,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY'",
  autocommit: '0',
  time_zone: "'+05:30'",
  max_allowed_packet: '1048576',
  wait_timeout: '5',
  interactive_timeout: '5',
  group_concat_max_len: '4',
  innodb_lock_wait_timeout: '1',
  innodb_strict_mode: 'ON',
  explicit_defaults_for_timestamp: 'OFF',
  default_storage_engine: 'MyISAM',
  character_set_server: 'latin1',
  event_scheduler: 'ON',
  foreign_key_checks: '0',
};
/** In addition, where no WordPress works with the server during a sync. */
const ON_PRODUCTION: Settings = {
  init_connect: "'SET autocommit = 0, sql_safe_updates = 1'",
  read_only: 'ON',
};
/** What mysqldump can take off for itself; mariadb-dump cannot, and the preflight refuses (option-files.test.ts). */
const LIMITS: Settings = {
  init_connect: "'SET autocommit = 0, sql_safe_updates = 1, sql_select_limit = 1'",
  max_join_size: '1000',
  max_execution_time: '1',
};
// MariaDB 10.5 and 10.11 know this one at their start alone.
const { explicit_defaults_for_timestamp: _dynamic, ...forOlder } = ODD;

/** Children without parents, as a restore with checks off leaves them. */
const ORPHANS = `SET foreign_key_checks = 0;
  CREATE TABLE wp_k_orphans_parent (id int PRIMARY KEY);
  CREATE TABLE wp_k_orphans (id int PRIMARY KEY, parent int, CONSTRAINT wp_k_orphans_fk FOREIGN KEY (parent) REFERENCES wp_k_orphans_parent (id));
  INSERT INTO wp_k_orphans VALUES (1, 4711), (2, NULL);`;

/** A table without a key, to which MySQL gives one that nobody sees. */
const HIDDEN_KEY = `SET SESSION sql_generate_invisible_primary_key = ON;
  CREATE TABLE wp_k_keyless (word varchar(20)); INSERT INTO wp_k_keyless VALUES ('one'), ('two'), ('two');`;

const cells: readonly (readonly [string, Pair, Settings, Settings])[] = [
  [
    'MySQL, read-only, to MariaDB, swapped',
    { production: 'mysql', staging: 'mariadb-10.11', clients: ['mysql', 'mariadb'], mode: 'swap' },
    { ...ODD, ...ON_PRODUCTION, ...LIMITS },
    forOlder,
  ],
  [
    'MariaDB, read-only, to MySQL, replaced',
    { production: 'mariadb-10.11', staging: 'mysql', clients: ['mariadb', 'mysql'], mode: 'replace' },
    { ...forOlder, ...ON_PRODUCTION },
    ODD,
  ],
];

describe('servers that somebody has set up in ways of their own', () => {
  let world: EngineWorld;
  beforeAll(async () => {
    await ensureBundle();
    world = await createEngineWorld(EITHER_VENDOR);
  }, 900_000);
  afterAll(async () => world.stop());

  test.each(cells)(
    '%s',
    async (_name, pair, production, staging) => {
      const result = await runCell(world, pair, { settings: { production, staging }, more: ORPHANS });
      expect(result.problems).toEqual([]);
    },
    600_000,
  );

  test('MySQL with a hidden primary key to MariaDB, by the other client', async () => {
    const pair: Pair = {
      production: 'mysql',
      staging: 'mariadb-10.11',
      clients: ['mariadb', 'mariadb'],
      mode: 'swap',
    };
    expect((await runCell(world, pair, { more: HIDDEN_KEY })).problems).toEqual([]);
  }, 600_000);

  test('MySQL to MySQL, which both make hidden primary keys', async () => {
    const pair: Pair = { production: 'mysql', staging: 'mysql', clients: ['mysql', 'mysql'], mode: 'swap' };
    const hidden = { sql_generate_invisible_primary_key: 'ON' };
    const settings = { production: hidden, staging: { ...hidden, sql_require_primary_key: 'ON' } };
    // MERGE tables and what they join have no key, and the account may not switch off what adds one.
    const { problems } = await runCell(world, pair, { settings, more: HIDDEN_KEY });
    expect(problems).toEqual([
      expect.stringMatching(
        /exit code 3: IMPORT_CANNOT_HOLD: .*wp_k_list, wp_k_sub: .* insists on a primary key/,
      ),
    ]);
    const { server, account } = world.side('staging', 'mysql');
    const right = 'SESSION_VARIABLES_ADMIN ON *.*';
    await server.query(`GRANT ${right} TO '${account.user}'@'%'`);
    const allowed = await runCell(world, pair, { settings, more: HIDDEN_KEY });
    await server.query(`REVOKE ${right} FROM '${account.user}'@'%'`);
    // With that right staging holds wide tables too: the preflight refuses nothing, and all rows are there.
    expect(allowed.problems).toEqual([
      'wide: staging cannot hold it, and the preflight does not say so',
      expect.stringMatching(/^the preflight ends with exit code 0 instead of 3/),
    ]);
  }, 600_000);

  // Views and triggers act with what their definer was granted itself, and on staging that is the account.
  test.each([
    { production: 'mysql', staging: 'mariadb-10.11', mode: 'swap', clients: ['mysql', 'mariadb'] },
    { production: 'mariadb-10.11', staging: 'mysql', mode: 'swap', clients: ['mariadb', 'mysql'] },
  ] as const)(
    '$production to $staging, with rights that come by roles',
    async (pair) => {
      await moveRightsToRole(world.side('production', pair.production));
      expect((await runCell(world, pair)).problems).toEqual([]);
      await moveRightsToRole(world.side('staging', pair.staging));
      const { problems } = await runCell(world, pair);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(
        /^stage sync-content: exit code 3: DATABASE_RIGHTS_MISSING: .* by a role alone/,
      );
    },
    600_000,
  );
});

/** Takes all rights from a side's account and gives them to a role that it has by default. */
async function moveRightsToRole({ server, database, account }: EngineSide): Promise<void> {
  const isMySql = server.vendor === 'mysql';
  const name = database.replaceAll('_', '\\_');
  const user = `'${account.user}'@'%'`;
  await server.query(`CREATE ROLE acme_role;
    GRANT ALL ON \`${name}\`.* TO acme_role; GRANT ALL ON \`${name}\\_understudy\\_%\`.* TO acme_role;
    GRANT ${isMySql ? 'SHOW_ROUTINE ON *.*' : 'SELECT ON mysql.proc'} TO acme_role;
    REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${user}; GRANT acme_role TO ${user};
    SET DEFAULT ROLE acme_role ${isMySql ? 'TO' : 'FOR'} ${user}`);
}

describe('a production that keeps names in lower case', () => {
  let world: EngineWorld;
  beforeAll(async () => {
    await ensureBundle();
    world = await createEngineWorld({
      production: ['mariadb-10.11'],
      staging: ['mariadb-10.11'],
      clients: ['mariadb'],
      config: { production: ['--lower-case-table-names=1'] },
    });
  }, 900_000);
  afterAll(async () => world.stop());

  test('is synced to a staging that does not', async () => {
    const pair = { production: 'mariadb-10.11', staging: 'mariadb-10.11', mode: 'swap' } as const;
    const { problems } = await runCell(world, { ...pair, clients: ['mariadb', 'mariadb'] });
    expect(problems).toEqual([]);
  }, 600_000);
});
