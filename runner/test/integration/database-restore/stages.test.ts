import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { access, appendFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { type Site } from '../../../src/config/site.js';
import { listGenerations } from '../../../src/cutover/journal/generations.js';
import { readJournal } from '../../../src/cutover/journal/journal.js';
import { recoverIfNeeded } from '../../../src/cutover/recover-cutover.js';
import { rollback } from '../../../src/cutover/cutover.js';
import { dropIncomingSchemas } from '../../../src/database/restore/import-schema.js';
import { dropDatabase } from '../../../src/stages/drop-database.js';
import { importDatabase } from '../../../src/stages/import-database.js';
import { type StageContext } from '../../../src/stages/stage.js';
import { backUp, loadEveryKind, type Production, productionAt, RUN } from '../database-dump/support.js';
import {
  createStagingAccount,
  dyingHost,
  makeWorld,
  PASSWORD,
  type World,
} from '../cutover/cutover-world.js';

const SECOND = '20261122T201500Z-aaaaaa';
const THIRD = '20261123T201500Z-bbbbbb';
const MAKE_FORMER = `CREATE DATABASE acme; USE acme;
  CREATE TABLE notes (id INT PRIMARY KEY, body TEXT); INSERT INTO notes VALUES (1, 'of staging');
  CREATE TABLE log (t TEXT);
  CREATE DEFINER=plain@localhost TRIGGER kept AFTER INSERT ON notes FOR EACH ROW INSERT INTO log VALUES ('x');`;

let productionServer: MariaDbServer;
let stagingServer: MariaDbServer;
let production: Production;
let world: World;

beforeAll(async () => {
  [productionServer, stagingServer] = await Promise.all([startMariaDb(), startMariaDb()]);
  production = await productionAt(await loadEveryKind(productionServer));
  await backUp(production);
  await createStagingAccount(stagingServer);
  await stagingServer.query(
    `CREATE USER plain@localhost IDENTIFIED BY '${PASSWORD}'; GRANT ALL ON acme.* TO plain@localhost`,
  );
}, 120_000);
afterAll(async () => {
  await rm(production.folder, { recursive: true, force: true });
  await Promise.all([productionServer.stop(), stagingServer.stop()]);
});
beforeEach(async () => {
  const schemas = (await stagingServer.query("SHOW DATABASES LIKE 'acme%'")).trim().split('\n');
  await stagingServer.query(
    schemas
      .filter(Boolean)
      .map((name) => `DROP DATABASE \`${name}\`;`)
      .join(' ') + MAKE_FORMER,
  );
});
afterEach(() => world.remove());

const php =
  (scrub: readonly string[] = []) =>
  (site: Site): Site => ({
    ...site,
    type: 'php',
    file: path.join(path.dirname(site.staging.path), 'acme.yaml'),
    staging: { ...site.staging, settings: ['.env'], scrub: { ...site.staging.scrub, sql: scrub } },
    content: { ...site.content, keepOnStaging: [], mediaMode: 'excluded', media: [] },
    run: { ...site.run, stageTimeoutSeconds: 300 },
  });

/** A run whose backup has arrived on staging. */
async function startRun(
  options: Partial<NonNullable<Parameters<typeof makeWorld>[1]>> & {
    readonly scrub?: readonly string[];
  } = {},
): Promise<StageContext> {
  world = await makeWorld(stagingServer, { ...options, site: php(options.scrub) });
  return contextOf(world);
}

async function contextOf(from: World): Promise<StageContext> {
  const folder = from.context.run.stagingFolder;
  await mkdir(folder, { recursive: true });
  const own = await from.context.database.staging();
  await writeFile(
    path.join(from.context.site.staging.path, '.env'),
    `DB_DATABASE=${own.name}\nDB_USERNAME=${own.user}\nDB_PASSWORD=${own.password.reveal()}\n`,
  );
  await cp(path.join(production.folder, RUN, 'backup'), path.join(folder, 'backup'), { recursive: true });
  const manifest = await readFile(path.join(folder, 'backup', 'manifest.json'));
  const manifestSha256 = createHash('sha256').update(manifest).digest('hex');
  const outputs: Record<string, unknown> = { manifestSha256 };
  const run = {
    ...from.context.run,
    record: () => ({}),
    outputs: () => outputs,
    update: async () => undefined,
  } as unknown as StageContext['run'];
  const { wordpress: _wordpress, ...context } = from.context;
  return {
    ...context,
    reporter: { ...from.context.reporter, progress: () => undefined, counts: () => undefined },
    run,
    database: {
      staging: async () => ({ ...(await from.context.database.staging()), prefix: '' }),
      production: async () => production.access,
    },
    hosts: {
      ...from.context.hosts,
      productionDatabase: async () => production.host,
    } as StageContext['hosts'],
    dryRun: false,
  };
}

async function runStages(context: StageContext): Promise<void> {
  for (const stage of [dropDatabase, importDatabase])
    try {
      Object.assign(context.run.outputs('drop-database'), (await stage.run(context)).outputs);
    } catch (cause) {
      await stage.undo?.(context);
      throw cause;
    }
}

const served = async () => ({
  tables: (await stagingServer.query('SHOW TABLES', 'acme')).split('\n').filter(Boolean).length,
  notes: await stagingServer.query('SELECT body FROM notes', 'acme').catch(() => 'none'),
  triggers: await stagingServer.query(
    "SELECT GROUP_CONCAT(trigger_name ORDER BY 1) FROM information_schema.triggers WHERE trigger_schema = 'acme'",
  ),
});
const FORMER = { tables: 2, notes: 'of staging\n', triggers: 'kept\n' };
const NEW = { tables: 20, notes: 'none', triggers: 'child_before,utf_log\n' };

describe.each([
  ['swap', 'staging'],
  ['replace', 'plain'],
])('stages 4 and 5 in %s mode', (mode, user) => {
  test('bring the backup in place; rollback, and rollback of the rollback', async () => {
    const context = await startRun({ user });
    expect((await dropDatabase.preflight(context)).filter(({ severity }) => severity === 'error')).toEqual(
      [],
    );
    expect(await importDatabase.preflight(context)).toEqual([]);
    await runStages(context);
    expect(context.run.outputs('drop-database')['mode']).toBe(mode);
    const now = await served();
    expect(now).toEqual({ ...NEW, tables: now.tables });
    expect(now.tables).toBeGreaterThan(10);
    expect(await listGenerations(context)).toMatchObject([
      { number: 1, kept: mode === 'swap' ? 'schema' : 'backup' },
    ]);
    const { folder } = world;
    const next = async (run: string) =>
      (await makeWorld(stagingServer, { folder, user, run, site: php() })).context;
    await rollback(await next(SECOND));
    expect(await served()).toEqual(FORMER);
    expect(await listGenerations(context)).toMatchObject([{ number: 2 }]);
    await rollback(await next(THIRD));
    expect(await served()).toEqual(now);
    expect(await readJournal(context)).toBeUndefined();
  });

  test('a backup that does not prove itself leaves staging as it was', async () => {
    const context = await startRun({ user });
    Object.assign(context.run.outputs('drop-database'), (await dropDatabase.run(context)).outputs);
    await writeFile(path.join(context.run.stagingFolder, 'backup', 'objects.sql.zst'), 'x');
    await expect(importDatabase.run(context)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
    await importDatabase.undo?.(context);
    expect(await served()).toEqual(FORMER);
  });

  test('a manifest that is not the one of the run record is refused before anything is changed', async () => {
    const context = await startRun({ user });
    await appendFile(path.join(context.run.stagingFolder, 'backup', 'manifest.json'), ' ');
    await expect(dropDatabase.run(context)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    expect(await served()).toEqual(FORMER);
  });

  test('scrub SQL runs on the new data only, and one that fails leaves staging as it was', async () => {
    const context = await startRun({ user, scrub: ['scrub.sql'] });
    const file = path.join(world.folder, 'scrub.sql');
    await writeFile(file, "UPDATE utf SET body = 'scrubbed'; DELETE FROM nowhere;");
    await expect(runStages(context)).rejects.toMatchObject({
      code: 'SCRUB_FAILED',
      message: expect.stringContaining('scrub.sql, line 1'),
    });
    expect(await served()).toEqual(FORMER);
    await writeFile(file, "UPDATE utf SET body = 'scrubbed';");
    await runStages(context);
    expect(await stagingServer.query('SELECT DISTINCT body FROM utf', 'acme')).toBe('scrubbed\n');
  });

  test('what scrub SQL replaced is not left in the history of a table, or staging is left as it was', async () => {
    const context = await startRun({ user, scrub: ['scrub.sql'] });
    await writeFile(
      path.join(world.folder, 'scrub.sql'),
      "ALTER TABLE utf ADD SYSTEM VERSIONING; UPDATE utf SET body = 'scrubbed';",
    );
    const right = (verb: 'GRANT' | 'REVOKE') =>
      stagingServer.query(
        `${verb} DELETE HISTORY ON \`${mode === 'swap' ? 'acme\\_understudy\\_%' : 'acme'}\`.* ${verb === 'GRANT' ? 'TO' : 'FROM'} ${user}@localhost`,
      );
    await right('REVOKE');
    try {
      await expect(runStages(context)).rejects.toMatchObject({ code: 'HISTORY_KEPT' });
      expect(await served()).toEqual(FORMER);
    } finally {
      await right('GRANT');
    }
    await runStages(context);
    expect(await stagingServer.query('SELECT DISTINCT body FROM utf FOR SYSTEM_TIME ALL', 'acme')).toBe(
      'scrubbed\n',
    );
  });

  test('killed anywhere, the next command leaves the former staging or the new one', async () => {
    const outcomes = new Set<string>();
    let complete = false;
    for (let at = 3; !complete; at += process.env['UNDERSTUDY_ALL_FAULTS'] === '1' ? 7 : 47) {
      await stagingServer.query(
        `DROP DATABASE IF EXISTS acme_understudy_old_1; DROP DATABASE IF EXISTS acme_understudy_new;
         DROP DATABASE acme; ${MAKE_FORMER}`,
      );
      const dying = dyingHost(at, at % 2 === 0);
      const context = await startRun({ user, host: dying.wrap });
      complete = await runStages(context).then(
        () => true,
        () => false,
      );
      const { folder } = world;
      world = await makeWorld(stagingServer, { folder, user, run: SECOND, site: php() });
      await recoverIfNeeded(world.context);
      const now = await served();
      const which = now.notes === 'none' ? 'new' : 'former';
      expect({ at, ...now }).toEqual({ at, ...(which === 'new' ? { ...NEW, tables: now.tables } : FORMER) });
      expect(await readJournal(world.context)).toBeUndefined();
      await expect(access(path.join(folder, 'html', '.maintenance'))).rejects.toThrow();
      outcomes.add(which);
      await world.remove();
    }
    expect([...outcomes]).toEqual(['former', 'new']);
  }, 300_000);
});

test('what a failed import left goes without what staging serves', async () => {
  const context = await startRun();
  await dropDatabase.run(context);
  const schemas = () => stagingServer.query("SHOW DATABASES LIKE 'acme%'");
  expect(await schemas()).toBe('acme\nacme_understudy_in_3f9a1c\n');
  await dropIncomingSchemas(context, 'acme');
  expect(await schemas()).toBe('acme\n');
  expect(await served()).toEqual(FORMER);
  await dropIncomingSchemas(context, 'acme');
});

test('tables that belong to nothing in the site file, and missing rights, stop the preflight', async () => {
  const context = await startRun({ user: 'plain' });
  const wordpress: StageContext = {
    ...context,
    site: { ...context.site, database: { ...context.site.database, mode: 'swap', alsoInSchema: ['l?g'] } },
    database: {
      ...context.database,
      staging: async () => ({ ...(await world.context.database.staging()), prefix: 'wp_' }),
    },
  };
  expect(await dropDatabase.preflight(wordpress)).toMatchObject([
    {
      severity: 'error',
      code: 'DATABASE_RIGHTS_MISSING',
      next: "GRANT ALL PRIVILEGES ON `acme\\_understudy\\_%`.* TO 'plain'@'localhost';",
    },
    { severity: 'error', code: 'DATABASE_UNKNOWN_TABLES', message: expect.stringMatching(/: notes\.$/) },
  ]);
});
