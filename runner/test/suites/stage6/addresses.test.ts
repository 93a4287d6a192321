import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type World } from '../../../../sandbox/world.js';
import { changeSite, openWorld, outcome, rows, understudy } from '../../integration/stage6/stage6-world.js';

let world: World;
let configs: readonly (readonly [string, string])[];
let site: readonly [string, string];
beforeAll(async () => {
  world = await openWorld();
  const read = (file: string) => [file, readFileSync(file, 'utf8')] as const;
  configs = [world.production, world.staging].map(({ root }) => read(path.join(root, 'wp-config.php')));
  site = read(path.join(world.sites, 'acme.yaml'));
}, 180_000);
afterAll(async () => world.stop());
beforeEach(async () => {
  await setHome('http://www.acme.test');
});
afterEach(() => {
  for (const [file, text] of [...configs, site]) writeFileSync(file, text);
});

const setHome = (url: string): Promise<string> =>
  world.production.server.query(
    `UPDATE wp_options SET option_value = '${url}' WHERE option_name IN ('home', 'siteurl')`,
    world.production.database,
  );
const changeConfig = (side: 0 | 1, change: (text: string) => string): void => {
  const [file, text] = configs[side] ?? ['', ''];
  if (change(text) === text) throw new Error('nothing was changed');
  writeFileSync(file, change(text));
};
async function refusal(): Promise<string> {
  const done = await understudy(world, 'plan', 'acme');
  expect(outcome(done, 3)).toEqual({ code: 3 });
  return done.stdout;
}

describe('preflight', () => {
  test('passes with what the sandbox has, and shows the pair of folders', async () => {
    const done = await understudy(world, 'plan', 'acme');
    expect(outcome(done)).toEqual({ code: 0 });
    expect(done.stdout).toContain(`rewrite ${world.production.root} → ${world.staging.root} (path)`);
  });

  test('refuses a production.url that the database does not know', async () => {
    await setHome('https://www.acme-theatre.test');
    const said = await refusal();
    expect(said).toContain('The option home of production is https://www.acme-theatre.test');
    expect(said).toContain('Set production.url to https://www.acme-theatre.test');
  });

  test.each([
    ['without www', 'http://acme.test', {}],
    ['with https', 'https://www.acme.test', {}],
    ['in capitals', 'http://WWW.Acme.test/', {}],
    [
      'by a pair of the site file',
      'https://old.test',
      { from: 'https://old.test', to: 'http://staging.acme.test', kind: 'url' },
    ],
  ])('knows the address %s', async (_, url, pair) => {
    await setHome(url);
    if ('from' in pair) changeSite(world, (text) => Object.assign(text, { rewrite: { pairs: [pair] } }));
    expect(outcome(await understudy(world, 'plan', 'acme'))).toEqual({ code: 0 });
  });

  test("refuses another table prefix, and says the line for staging's wp-config.php", async () => {
    changeConfig(1, (text) => text.replace("$table_prefix = 'wp_'", "$table_prefix = 'stg_'"));
    const said = await refusal();
    expect(said).toContain('TABLE_PREFIX_MISMATCH');
    expect(said).toContain("$table_prefix = 'wp_';");
  });

  test('refuses a staging whose constants name production', async () => {
    changeConfig(1, (text) => text.replace('<?php', "<?php define('WP_HOME', 'http://www.acme.test');"));
    expect(await refusal()).toContain(
      'WP_HOME of staging is www.acme.test, but staging.url names staging.acme.test',
    );
  });

  test('warns of an object cache that production may share', async () => {
    const dropIn = path.join(world.staging.root, 'wp-content/object-cache.php');
    const said = async (): Promise<string> => (await understudy(world, 'plan', 'acme')).stdout;
    expect(await said()).not.toContain('CACHE_SHARED_WITH_PRODUCTION');
    writeFileSync(dropIn, '<?php');
    expect(await said()).toContain('CACHE_SHARED_WITH_PRODUCTION');
    changeConfig(1, (text) => text.replace('<?php', "<?php define('WP_CACHE_KEY_SALT', 'staging:');"));
    expect(await said()).not.toContain('CACHE_SHARED_WITH_PRODUCTION');
    rmSync(dropIn);
  }, 120_000);

  test("refuses tables of production's schema that are not the site's, and says the line that decides", async () => {
    await world.production.server.query(
      "CREATE TABLE crm_leads (email varchar(50)); INSERT INTO crm_leads VALUES ('lead@people.example'); CREATE VIEW crm_all AS SELECT * FROM crm_leads",
      world.production.database,
    );
    const said = await refusal();
    expect(said).toContain(
      'acme_production on production has 2 tables that are not of the site with the prefix wp_',
    );
    expect(said).toContain('database: { exclude: [crm_*] }');
    changeSite(world, (text) => Object.assign(text, { database: { exclude: ['crm_*'] } }));
    const plan = await understudy(world, 'plan', 'acme');
    expect(outcome(plan)).toEqual({ code: 0 });
    expect(plan.stdout).toContain('Not copied, because database.exclude names them: crm_leads, crm_all');
  }, 120_000);

  test('says which mode media are in, and which uploads of production’s pages staging will not have', async () => {
    for (const month of ['05', '06', '07', '08', '09'])
      rmSync(path.join(world.staging.root, `wp-content/uploads/2024/${month}`), {
        recursive: true,
        force: true,
      });
    const plan = async (mode: string): Promise<string> => {
      const content = { media: { mode } };
      changeSite(world, (text) => Object.assign(text, { content, database: { exclude: ['crm_*'] } }));
      const done = await understudy(world, 'plan', 'acme');
      expect(outcome(done)).toEqual({ code: 0 });
      return done.stdout;
    };
    const excluded = await plan('excluded');
    expect(excluded).toContain("are not copied: staging's pages show what a CDN serves");
    expect(excluded).toMatch(
      /MEDIA_MISSING: \d+ of \d+ uploads that production's newest pages name are not on staging/,
    );
    const readThrough = await plan('read-through');
    expect(readThrough).toContain("answers a missing file with a redirect to production's");
    expect(readThrough).not.toContain('are not answered by production');
  }, 180_000);

  test('says when staging itself sends people to production now', async () => {
    changeSite(world, (text) => Object.assign(text, { database: { exclude: ['crm_*'] } }));
    const { server, database } = world.staging;
    await server.query(
      "UPDATE wp_options SET option_value = 'https://acme.test' WHERE option_name = 'home'",
      database,
    );
    const done = await understudy(world, 'plan', 'acme');
    expect(outcome(done)).toEqual({ code: 0 });
    expect(done.stdout).toContain(
      'The option home of staging is https://acme.test, an address of production',
    );
    await server.query(
      "UPDATE wp_options SET option_value = 'http://staging.acme.test' WHERE option_name = 'home'",
      database,
    );
  }, 120_000);

  test('refuses a staging.url that leads to production, and says what is unproven where nobody answers', async () => {
    changeSite(world, (text) => Object.assign(text, { database: { exclude: ['crm_*'] } }));
    const resolve = (address: string): void => {
      changeSite(world, ({ staging }) => Object.assign(staging?.['http'] ?? {}, { resolve: address }));
    };
    const { address, port } = world.production.web;
    resolve(`${address}:${String(port)}`);
    const said = await refusal();
    expect(said).toContain('STAGING_URL_ELSEWHERE: staging.url does not lead to the staging host');
    expect(said).toContain('Correct staging.url, or staging.http.resolve');
    resolve('127.0.0.1:1');
    const { code, stdout } = await understudy(world, 'plan', 'acme');
    expect(code).toBe(0);
    expect(stdout).toContain('leads to the staging host: connect ECONNREFUSED');
    expect(readdirSync(world.staging.root).filter((name) => name.includes('probe'))).toEqual([]);
  }, 120_000);

  test('refuses a certificate authority that is not there before anything is changed', async () => {
    changeSite(world, ({ staging }) => Object.assign(staging?.['http'] ?? {}, { ca: '/nowhere/ca.pem' }));
    expect(await refusal()).toContain("staging.http cannot be used to read staging's pages");
  });
});

test('rewrites absolute paths that plugins store, and leaves other folders of that name', async () => {
  const { production, staging } = world;
  const folder = production.root;
  await production.server.query(
    `INSERT INTO wp_options (option_name, option_value) VALUES
       ('acme_cache_path', '${folder}/wp-content/cache/'),
       ('acme_paths', 'a:1:{s:3:"log";s:${folder.length + 8}:"${folder}/log.txt";}'),
       ('acme_other_path', '${folder}-old/log.txt')`,
    production.database,
  );
  changeSite(world, (text) => Object.assign(text, { database: { exclude: ['crm_*'] } }));
  expect(outcome(await understudy(world, 'sync', 'acme'))).toEqual({ code: 0 });
  expect(await rows(world, 'staging', "SHOW TABLES LIKE 'crm%'")).toEqual([]);
  const found =
    "SELECT option_value FROM wp_options WHERE option_name LIKE 'acme%path%' ORDER BY option_name";
  expect(await rows(world, 'staging', found)).toEqual([
    `${staging.root}/wp-content/cache/`,
    `${folder}-old/log.txt`,
    `a:1:{s:3:"log";s:${staging.root.length + 8}:"${staging.root}/log.txt";}`,
  ]);
}, 240_000);

describe("production's address in code", () => {
  const u = 'http://www.acme.test/';
  const definitions = (side: 'production' | 'staging'): Promise<string[]> =>
    rows(
      world,
      side,
      `SELECT view_definition FROM information_schema.views WHERE table_schema = DATABASE() AND table_name = 'wp_code_view'
       UNION ALL SELECT routine_definition FROM information_schema.routines WHERE routine_schema = DATABASE() AND routine_name = 'wp_code_home'
       UNION ALL SELECT action_statement FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND trigger_name = 'wp_code_trigger'
       UNION ALL SELECT event_definition FROM information_schema.events WHERE event_schema = DATABASE() AND event_name = 'wp_code_event'
       UNION ALL SELECT CONCAT_WS(' ', column_default, column_comment) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'wp_code'`,
    );

  test('is rewritten like values are', async () => {
    await world.production.server.query(
      `CREATE TABLE wp_code (url varchar(99) DEFAULT '${u}' COMMENT 'below ${u}');
       CREATE VIEW wp_code_view AS SELECT CONCAT('${u}', url) AS link FROM wp_code;
       CREATE DEFINER='${world.production.account.user}'@'%' FUNCTION wp_code_home() RETURNS text DETERMINISTIC RETURN 'it''s ${u}';
       CREATE TRIGGER wp_code_trigger BEFORE INSERT ON wp_code FOR EACH ROW SET NEW.url = '${u}trigger';
       CREATE EVENT wp_code_event ON SCHEDULE EVERY 1 DAY DO SELECT '${u}event';`,
      world.production.database,
    );
    changeSite(world, (text) => Object.assign(text, { database: { exclude: ['crm_*'] } }));
    const before = await definitions('production');
    expect(before.join('\n').match(/www\.acme\.test/g)).toHaveLength(6);
    expect(outcome(await understudy(world, 'sync', 'acme'))).toEqual({ code: 0 });
    const after = await definitions('staging');
    expect(after).toEqual(
      before.map((text) =>
        text.replaceAll('www.acme.test', 'staging.acme.test').replaceAll('acme_production', 'acme_staging'),
      ),
    );
    expect(await definitions('production')).toEqual(before);
  }, 240_000);

  test('is found by understudy leaks', async () => {
    expect(outcome(await understudy(world, 'leaks', 'acme'))).toEqual({ code: 0 });
    const { server, database } = world.staging;
    await server.query(`CREATE OR REPLACE VIEW wp_code_view AS SELECT '${u}' AS link`, database);
    const done = await understudy(world, 'leaks', 'acme');
    expect(outcome(done, 5)).toEqual({ code: 5 });
    expect(done.stderr).toContain('wp_code_view.definition: view, as in');
  }, 120_000);
});
