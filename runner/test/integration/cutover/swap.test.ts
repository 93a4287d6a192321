import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { temporaryFolder } from '../../../../sandbox/servers/server-process.js';
import { access, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OpenFileSwap } from '../../../src/cutover/exchange/file-swap.js';
import { readJournal } from '../../../src/cutover/journal/journal.js';
import { listGenerations } from '../../../src/cutover/journal/generations.js';
import { planSwap } from '../../../src/cutover/exchange/plan-swap.js';
import { type SchemaObject } from '../../../src/database/restore/objects/schema-objects.js';
import {
  recoverSwap,
  swapGenerations,
  type Swapping,
} from '../../../src/cutover/exchange/swap-generations.js';
import { openDatabase } from '../../../src/database/connection/open-database.js';
import { type SqlConnection } from '../../../src/database/connection/sql-connection.js';
import {
  createStagingAccount,
  dyingHost,
  makeWorld,
  oneFileSwap,
  placeFiles,
  servedFile,
  type World,
} from './cutover-world.js';

const RUN = '20261121T201500Z-3f9a1c';
const FORMER = `
  DROP DATABASE IF EXISTS acme; DROP DATABASE IF EXISTS acme_understudy_new;
  DROP DATABASE IF EXISTS acme_understudy_old_1; DROP DATABASE IF EXISTS acme_understudy_old_2;
  CREATE DATABASE acme CHARACTER SET latin1; USE acme;
  CREATE TABLE parent (id INT PRIMARY KEY, v TEXT) ENGINE=InnoDB;
  CREATE TABLE child (id INT PRIMARY KEY, p INT, CONSTRAINT fk_p FOREIGN KEY (p) REFERENCES parent (id)) ENGINE=InnoDB;
  CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, t TEXT) ENGINE=MyISAM;
  CREATE TABLE \`odd name-\`\`x\` (id INT);
  INSERT INTO parent VALUES (1, 'former'); INSERT INTO child VALUES (1, 1);
  CREATE DEFINER=staging@localhost VIEW versions AS SELECT v FROM parent;
  CREATE DEFINER=staging@localhost VIEW stale AS SELECT id FROM parent;
  CREATE DEFINER=staging@localhost FUNCTION which() RETURNS TEXT DETERMINISTIC RETURN 'former';
  CREATE DEFINER=staging@localhost TRIGGER noted AFTER INSERT ON parent FOR EACH ROW INSERT INTO log (t) VALUES ('former');
  CREATE DEFINER=staging@localhost EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM log;`;
const NEW = `
  CREATE DATABASE acme_understudy_new CHARACTER SET utf8mb4; USE acme_understudy_new;
  CREATE TABLE parent (id INT PRIMARY KEY, v TEXT) ENGINE=InnoDB;
  CREATE TABLE child (id INT PRIMARY KEY, p INT, CONSTRAINT fk_p FOREIGN KEY (p) REFERENCES parent (id)) ENGINE=InnoDB;
  CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, t TEXT) ENGINE=MyISAM;
  CREATE TABLE added (id INT);
  INSERT INTO parent VALUES (1, 'new'), (2, 'new'); INSERT INTO child VALUES (1, 2);
  CREATE VIEW versions AS SELECT v FROM parent;`;
const OBJECTS: readonly SchemaObject[] = [
  { kind: 'view', name: 'outer', settings: [], statement: 'CREATE VIEW `outer` AS SELECT v FROM versions' },
  { kind: 'view', name: 'versions', settings: [], statement: 'CREATE VIEW versions AS SELECT v FROM parent' },
  {
    kind: 'routine',
    name: 'which',
    settings: [],
    statement: "CREATE FUNCTION which() RETURNS TEXT DETERMINISTIC RETURN 'new'",
  },
  {
    kind: 'trigger',
    name: 'noted',
    settings: [],
    statement: "CREATE TRIGGER noted AFTER INSERT ON parent FOR EACH ROW INSERT INTO log (t) VALUES ('new')",
  },
];

let folder: string;
let server: MariaDbServer;
let world: World;

beforeAll(async () => {
  folder = await temporaryFolder('swap');
  server = await startMariaDb({ folder });
  await createStagingAccount(server);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await server.query(FORMER);
  await server.query(NEW);
});
afterEach(() => world.remove());

const SEEN = {
  tables: 'SHOW FULL TABLES',
  rows: 'SELECT v FROM parent',
  function: 'SELECT which()',
  triggers:
    "SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema = 'acme'",
  events: "SELECT event_name, status FROM information_schema.events WHERE event_schema = 'acme'",
  keys: `SELECT constraint_name, unique_constraint_schema, referenced_table_name
    FROM information_schema.referential_constraints WHERE constraint_schema = 'acme'`,
  charset: "SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name = 'acme'",
  schemas: "SHOW DATABASES LIKE 'acme%'",
};

/** Everything a visitor or an administrator could see of staging's state. */
async function picture() {
  const asked = Object.values(SEEN).join(";\nSELECT '---';\n");
  const answers = (await server.query(asked, 'acme')).split(/^---$/m).map((rows) => rows.trim().split('\n'));
  const seen = Object.fromEntries(Object.keys(SEEN).map((name, index) => [name, answers[index] ?? []]));
  return {
    ...(seen as Record<keyof typeof SEEN, string[]>),
    file: await servedFile(world.folder),
    page: await access(path.join(world.folder, 'html', '.maintenance')).then(
      () => 'on',
      () => 'off',
    ),
  };
}

async function withSwapping<Result>(work: (swapping: Swapping) => Promise<Result>): Promise<Result> {
  const connection = await connect();
  try {
    const journal = await planSwap(world.context, connection, 'acme', {
      schema: 'acme_understudy_new',
      objects: OBJECTS,
      files: { run: RUN, direction: 'apply' },
    });
    return await work({
      context: world.context,
      connection,
      tools: {
        openFiles: oneFileSwap(world.folder),
        patience: { seconds: 1, tries: 2 },
        drain: async () => undefined,
      },
      journal,
    });
  } finally {
    await connection.close();
  }
}

const connect = async (): Promise<SqlConnection> =>
  openDatabase(await world.context.hosts.stagingDatabase(), await world.context.database.staging());

/** As the next command does it: a new process, the journal from disk, nothing else. */
async function recover(): Promise<'new' | 'former' | 'nothing'> {
  const journal = await readJournal(world.context);
  if (journal?.kind !== 'swap') return 'nothing';
  const connection = await connect();
  try {
    return await recoverSwap({
      context: world.context,
      connection,
      tools: { openFiles: oneFileSwap(world.folder) },
      journal,
    });
  } finally {
    await connection.close();
  }
}

describe('the swap', () => {
  test('puts files, tables, views, routines and triggers in place together, and keeps the former ones', async () => {
    world = await makeWorld(server);
    await placeFiles(world.folder, RUN);
    await withSwapping(swapGenerations);
    expect(await picture()).toEqual({
      file: 'new',
      tables: [
        'added\tBASE TABLE',
        'child\tBASE TABLE',
        'log\tBASE TABLE',
        'outer\tVIEW',
        'parent\tBASE TABLE',
        'versions\tVIEW',
      ],
      rows: ['new', 'new'],
      function: ['new'],
      triggers: ["noted\tINSERT INTO log (t) VALUES ('new')"],
      events: [''],
      keys: ['fk_p\tacme\tparent'],
      charset: ['utf8mb4'],
      schemas: ['acme', 'acme_understudy_old_1'],
      page: 'off',
    });
    expect(await server.query('SELECT v FROM parent', 'acme_understudy_old_1')).toBe('former\n');
    const [generation] = await listGenerations(world.context);
    expect(generation).toMatchObject({ number: 1, kept: 'schema', files: { run: RUN, direction: 'undo' } });
    expect(await readJournal(world.context)).toBeUndefined();
    // Foreign keys and triggers work where they are now.
    await expect(server.query('INSERT INTO child VALUES (9, 9)', 'acme')).rejects.toThrow(/foreign key/i);
    await server.query("INSERT INTO parent VALUES (3, 'x')", 'acme');
    expect(await server.query('SELECT t FROM log', 'acme')).toBe('new\n');
  });

  test('a failure after the RENAME puts everything back', async () => {
    world = await makeWorld(server);
    await placeFiles(world.folder, RUN);
    const before = await picture();
    const broken = {
      kind: 'view',
      name: 'broken',
      settings: [],
      statement: 'CREATE VIEW broken AS SELECT x FROM nowhere',
    } as const;
    await expect(
      withSwapping((swapping) =>
        swapGenerations({
          ...swapping,
          journal: { ...swapping.journal, incomingObjects: [...OBJECTS, broken] },
        }),
      ),
    ).rejects.toMatchObject({ code: 'OBJECT_REFUSED' });
    expect(await picture()).toEqual({ ...before, schemas: ['acme', 'acme_understudy_new'] });
    expect(await readJournal(world.context)).toBeUndefined();
  });

  test('what its proof refuses goes back, files and tables', async () => {
    world = await makeWorld(server);
    await placeFiles(world.folder, RUN);
    const before = await picture();
    const verify = async (): Promise<void> => {
      expect(await picture()).toMatchObject({ file: 'new', rows: ['new', 'new'], function: ['new'] });
      throw new Error('refused');
    };
    await expect(
      withSwapping((swapping) =>
        swapGenerations({ ...swapping, tools: { ...swapping.tools, proof: { verify } } }),
      ),
    ).rejects.toThrow('refused');
    expect(await picture()).toEqual({ ...before, schemas: ['acme', 'acme_understudy_new'] });
    expect(await readJournal(world.context)).toBeUndefined();
  });

  test('what was not proven when its process was killed goes back; what was proven goes forwards', async () => {
    for (const proven of [false, true]) {
      await server.query(FORMER);
      await server.query(NEW);
      world = await makeWorld(server);
      await placeFiles(world.folder, RUN);
      const before = await picture();
      let end: () => void = () => undefined;
      let ended: Promise<unknown> = Promise.resolve();
      const killed = new Promise<void>((resolve) => {
        const hang = (): Promise<void> =>
          new Promise((_resolve, reject) => {
            end = () => {
              reject(new Error('killed'));
            };
            resolve();
          });
        const proof = { verify: proven ? () => Promise.resolve() : hang };
        const afterSwap = proven ? [hang] : [];
        ended = withSwapping((swapping) =>
          swapGenerations({ ...swapping, tools: { ...swapping.tools, proof, afterSwap } }),
        ).catch(() => undefined);
      });
      await killed;
      expect(await recover()).toBe(proven ? 'new' : 'former');
      if (proven)
        expect(await picture()).toMatchObject({ file: 'new', rows: ['new', 'new'], function: ['new'] });
      else expect(await picture()).toEqual({ ...before, schemas: ['acme', 'acme_understudy_new'] });
      // What a process does that was not killed after all is not to meet the next world.
      end();
      await ended;
    }
  });

  test.each([
    ['a table with triggers', 'parent'],
    ['a table without', 'child'],
  ])(
    'a connection that reads %s in a transaction is named, and staging stays as it was',
    async (_name, table) => {
      world = await makeWorld(server);
      await placeFiles(world.folder, RUN);
      const before = await picture();
      const reader = await connect();
      await reader.execute('START TRANSACTION');
      await reader.query(`SELECT * FROM ${table}`);
      const failed = await withSwapping(swapGenerations).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      // A reader that is left would block the tests that follow.
      await reader.close();
      expect(failed).toMatchObject({
        code: 'CUTOVER_BLOCKED',
        // An account that sees no locks names every session of the schema.
        details: expect.arrayContaining([
          expect.stringContaining(`connection ${String(reader.threadId)} of staging@localhost`),
        ]),
      });
      expect(await picture()).toEqual({ ...before, schemas: ['acme', 'acme_understudy_new'] });
    },
  );
});

/** Every point takes a minute; every fifth, ten seconds. Neighbours are the answers between two changes. */
const STRIDE = process.env['UNDERSTUDY_ALL_FAULTS'] === '1' ? 1 : 5;

describe('a swap that is killed', () => {
  test.each([
    ['before', false],
    ['after', true],
  ])(
    'at any command or statement (%s it arrives) is undone or finished by the next command',
    async (_name, late) => {
      const outcomes = new Map<string, number>();
      let complete = false;
      for (let at = 1; !complete; at += STRIDE) {
        await server.query(FORMER);
        await server.query(NEW);
        const dying = dyingHost(at, late);
        world = await makeWorld(server, { host: dying.wrap });
        await placeFiles(world.folder, RUN);
        const former = await picture();
        complete = await withSwapping(swapGenerations).then(
          () => true,
          () => false,
        );
        const folder = world.folder;
        world = await makeWorld(server, { folder });
        const recovered = await recover();
        const after = await picture();
        const isNew = after.rows.length === 2;
        expect({ at, journal: await readJournal(world.context) }).toEqual({ at, journal: undefined });
        if (isNew)
          expect({ at, ...after }).toMatchObject({
            at,
            file: 'new',
            function: ['new'],
            triggers: ["noted\tINSERT INTO log (t) VALUES ('new')"],
            schemas: ['acme', 'acme_understudy_old_1'],
            page: 'off',
          });
        else expect({ at, ...after }).toEqual({ at, ...former, schemas: ['acme', 'acme_understudy_new'] });
        outcomes.set(
          `${recovered}, ${isNew ? 'new' : 'former'}`,
          (outcomes.get(`${recovered}, ${isNew ? 'new' : 'former'}`) ?? 0) + 1,
        );
        await world.remove();
      }
      expect([...outcomes.keys()]).toEqual(
        expect.arrayContaining(['former, former', 'new, new', 'nothing, former']),
      );
    },
    180_000,
  );
});

describe('a server that restarts during the exchange', () => {
  const restart = async (): Promise<void> => {
    await server.stop();
    // Anyone who asks meanwhile gets no answer at all.
    void sleep(1500).then(async () => {
      server = await startMariaDb({ folder, port: server.port });
    });
  };
  const isBack = async (): Promise<void> => {
    while ((await server.query('SELECT 1').catch(() => '')) !== '1\n') await sleep(100);
  };

  test('before the tables have changed places: staging is as it was', async () => {
    world = await makeWorld(server);
    await placeFiles(world.folder, RUN);
    const before = await picture();
    const openFiles: OpenFileSwap = async (context, run) => {
      const swap = await oneFileSwap(world.folder)(context, run);
      if (swap === undefined) return undefined;
      const apply = async () => {
        await swap.apply();
        await restart();
      };
      return { ...swap, apply };
    };
    const swap = withSwapping((swapping) =>
      swapGenerations({ ...swapping, tools: { ...swapping.tools, openFiles } }),
    );
    await expect(swap).rejects.toThrow();
    await isBack();
    expect(await picture()).toEqual(before);
    expect(await readJournal(world.context)).toBeUndefined();
  });

  test('afterwards: the new generation is whole, and nothing waits for a recovery', async () => {
    world = await makeWorld(server);
    await placeFiles(world.folder, RUN);
    await withSwapping((swapping) =>
      swapGenerations({ ...swapping, tools: { ...swapping.tools, afterSwap: [once(restart)] } }),
    );
    await isBack();
    const now = await picture();
    expect(now).toMatchObject({ file: 'new', rows: ['new', 'new'], function: ['new'], page: 'off' });
    expect(now.schemas).toEqual(['acme', 'acme_understudy_old_1']);
    expect(await readJournal(world.context)).toBeUndefined();
  });

  /** The hooks run again when what follows them is tried again. */
  const once = (work: () => Promise<void>): (() => Promise<void>) => {
    let done = false;
    return async () => {
      if (done) return;
      done = true;
      await work();
    };
  };
});
