import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { UnderstudyError } from '../../../src/errors/index.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { shellScript } from '../../../src/commands/command.js';
import { createBackup } from '../../../src/database/dump/create-backup.js';
import { backupFindings } from '../../../src/database/dump/findings.js';
import { DUMP_PRIVILEGES, missingPrivileges, readGrants } from '../../../src/database/schema/grants.js';
import { openDatabase } from '../../../src/database/connection/open-database.js';
import { CLIENT_SCRIPT } from '../../../src/commands/client-program.js';
import { PRUNE_SCRIPT } from '../../../src/commands/scripts/backup-scripts.js';
import { type MariaDbServer, startMariaDb } from '../../../../sandbox/servers/mariadb.js';
import { accessTo, backUp, contents, loadEveryKind, type OrderChanges, orderFor, type Production, productionAt, SCHEMA } from './support.js'; // prettier-ignore

let server: MariaDbServer;
let production: Production;
let programs: string;

beforeAll(async () => {
  server = await startMariaDb();
  production = await productionAt(await loadEveryKind(server));
  programs = await mkdtemp(path.join(os.tmpdir(), 'understudy-programs-'));
});
afterAll(async () => {
  await rm(production.folder, { recursive: true, force: true });
  await rm(programs, { recursive: true, force: true });
  await server.stop();
});

/** A dump program that passes the real dump through `filter` (sh) and ends with `code`. */
async function dumpProgram(name: string, filter: string, code = 0): Promise<string> {
  const file = path.join(programs, name);
  await writeFile(file, `#!/bin/sh\nmariadb-dump "$@" | { ${filter}; }\nexit ${String(code)}\n`);
  await chmod(file, 0o755);
  return file;
}

async function failureOf(changes: OrderChanges): Promise<{ code: string; message: string } | undefined> {
  const order = await orderFor(production, changes);
  const outcome = await createBackup(order).catch((error: unknown) => error);
  expect(await readdir(order.folder)).not.toContain('manifest.json');
  return outcome instanceof UnderstudyError ? { code: outcome.code, message: outcome.message } : undefined;
}

describe.each(['perl', 'awk'] as const)('a dump that is not complete is no backup (%s)', (splitter) => {
  test('cut at the end of a statement: only the trailer is missing', async () => {
    const program = await dumpProgram('no-trailer', "sed '/^-- Dump completed/d'");
    expect(await failureOf({ tools: { program, splitter } })).toMatchObject({
      code: 'DUMP_FAILED',
      message: 'The dump is of no use: the trailer is missing: the dump is cut off',
    });
  });

  test('cut among the rows', async () => {
    const program = await dumpProgram('cut', "sed '/^(1,1999),$/q'");
    expect(await failureOf({ tools: { program, splitter } })).toMatchObject({
      code: 'DUMP_FAILED',
      message: expect.stringMatching(/table parted/),
    });
  });

  test('whole, but the program failed', async () => {
    const program = await dumpProgram('fails', 'cat', 3);
    expect(await failureOf({ tools: { program, splitter } })).toMatchObject({ code: 'DUMP_FAILED' });
  });

  test('more after the trailer', async () => {
    const program = await dumpProgram('appended', "cat; echo 'DROP DATABASE x;'");
    expect(await failureOf({ tools: { program, splitter } })).toMatchObject({ code: 'DUMP_FAILED' });
  });

  test.each([
    ['a statement behind an INSERT', "sed 's/^(1,1999),$/(1,1999);DROP TABLE x;/'", 'parted'],
    ['a function call as a value', "sed 's/^(1,1999),$/(1,SLEEP(9)),/'", 'parted'],
    ['rows of another table', "sed 's/^INSERT INTO `parted`/INSERT INTO `utf`/'", 'parted'],
    ['a statement among the rows', "sed 's/^UNLOCK TABLES;$/GRANT ALL ON *.* TO x;/'", 'acme shop'],
    ['a comment among the values', "sed 's/^(1,1999),$/(1,1999 -- x),/'", 'parted'],
  ])('%s ends it with the name of the table', async (name, filter, table) => {
    const program = await dumpProgram(name.replaceAll(' ', '-'), filter);
    expect(await failureOf({ tools: { program, splitter } })).toMatchObject({
      code: 'DUMP_FAILED',
      message: expect.stringContaining(`table ${table}`),
    });
  });

  test('a compressor that fails', async () => {
    const compressor = {
      compression: 'gzip',
      text: `sh -c 'head -c 5; exit 1'` as 'gzip -1 -c',
      ending: 'gz',
    } as const;
    expect(await failureOf({ tools: { compressor, splitter } })).toMatchObject({ code: 'DUMP_FAILED' });
  });

  test('less space than must stay free', async () => {
    const program = await dumpProgram(
      'long',
      'cat; head -c 20000000 /dev/zero | tr "\\0" A | fold -w 100000; echo; echo "-- Dump completed"',
    );
    const tools = { program, splitter, totalKilobytes: 1e13 };
    expect(await failureOf({ tools })).toMatchObject({
      code: 'DUMP_DISK_SHORT',
      message: expect.stringMatching(/stopped itself: only \d+ KB are left/),
    });
  });
});

test('error 1412 is tried once more', async () => {
  const marker = path.join(programs, 'tried');
  const program = path.join(programs, 'changed');
  await writeFile(
    program,
    `#!/bin/sh\nif [ ! -e ${marker} ]; then : >${marker}; echo 'mariadb-dump: Error 1412: Table definition has changed, please retry transaction when dumping table \`utf\` at row: 0' >&2; exit 2; fi\nexec mariadb-dump "$@"\n`,
  );
  await chmod(program, 0o755);
  const retries: string[] = [];
  const { manifest } = await backUp(production, { tools: { program }, onRetry: (why) => retries.push(why) });
  expect(retries).toHaveLength(1);
  expect(manifest.tables.length).toBeGreaterThan(10);
});

test('error 1412 twice is an error that names the table', async () => {
  const program = await dumpProgram('changed-always', "cat >/dev/null; echo 'mariadb-dump: Error 1412: Table definition has changed, please retry transaction when dumping table `utf` at row: 0' >&2", 2); // prettier-ignore
  expect(await failureOf({ tools: { program } })).toMatchObject({
    code: 'DUMP_TABLE_CHANGED',
    message: `Table utf of ${SCHEMA} was altered while it was dumped, twice.`,
  });
});

test('an unknown database is named', async () => {
  expect(await failureOf({ access: { ...production.access, name: 'nowhere' } })).toMatchObject({
    code: 'DUMP_FAILED',
  });
  const root = accessTo(server, 'nowhere', os.userInfo().username, '');
  expect(await failureOf({ access: root })).toMatchObject({ message: 'The server has no database nowhere.' });
});

test('an abort stops the dump and leaves no backup', async () => {
  const program = await dumpProgram('slow', 'cat; sleep 60');
  const abort = new AbortController();
  setTimeout(() => { abort.abort(); }, 1500); // prettier-ignore
  expect(await failureOf({ tools: { program }, signal: abort.signal })).toMatchObject({
    code: 'INTERRUPTED',
  });
  const processes = execFileSync('ps', ['-eo', 'args'], { maxBuffer: 1 << 28 }).toString();
  expect(processes.split('\n').filter((line) => line.includes(program))).toEqual([]);
});

test('a full disk is an error, not a backup', async () => {
  const disk = await mkdtemp(path.join(os.tmpdir(), 'understudy-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
  try {
    const small = await productionAt(production.access, disk);
    const program = await dumpProgram('noise', `sed "s/^(1,'plain'),$/&\\n$(printf '(2,0x')$(head -c 100 \\/dev\\/zero | tr '\\\\\\\\0' A)),/"; cat`); // prettier-ignore
    const compressor = {
      compression: 'gzip',
      text: 'cat /dev/urandom' as 'gzip -1 -c',
      ending: 'gz',
    } as const;
    const order = await orderFor(small, { tools: { program, compressor, totalKilobytes: 0 } });
    expect(await createBackup(order).catch((error: unknown) => error)).toMatchObject({
      code: 'DUMP_DISK_SHORT',
    });
    expect(await readdir(order.folder)).not.toContain('manifest.json');
  } finally {
    execFileSync('umount', ['-l', disk]);
    await rm(disk, { recursive: true, force: true });
  }
});

test('an empty database is a backup without tables', async () => {
  await server.query('CREATE DATABASE `bare`');
  const root = accessTo(server, 'bare', os.userInfo().username, '');
  const { manifest } = await backUp(production, { access: root });
  expect(manifest).toMatchObject({ tables: [], views: [], triggers: [], routines: [], events: [] });
});

test('a row of 20 MB survives, in perl and in awk', async () => {
  await server.query('CREATE DATABASE `long`; CREATE TABLE `long`.t (id int PRIMARY KEY, b longtext)');
  await server.query("INSERT INTO `long`.t VALUES (1, REPEAT('ab\\n\\'\\\\', 4000000)), (2, 'short')");
  const root = accessTo(server, 'long', os.userInfo().username, '');
  for (const splitter of ['perl', 'awk'] as const) {
    const { manifest } = await backUp(production, { access: root, tools: { splitter } });
    expect(manifest.tables).toMatchObject([{ name: 't', rows: 2, rawBytes: expect.any(Number) }]);
    expect(manifest.tables[0]?.rawBytes).toBeGreaterThan(32_000_000);
  }
});

test('what is missing is reported before the dump', async () => {
  await server.query(
    `CREATE USER weak@localhost IDENTIFIED BY 'weak-password'; GRANT SELECT ON \`${SCHEMA}\`.* TO weak@localhost`,
  );
  const access = accessTo(server, SCHEMA, 'weak', 'weak-password');
  const connection = await openDatabase(production.host, access);
  const missingRights = missingPrivileges(await readGrants(connection), SCHEMA, DUMP_PRIVILEGES);
  await connection.close();
  const order = await orderFor({ ...production, access });
  const findings = backupFindings({
    ...order,
    host: production.host,
    missingRights,
    login: [],
  });
  expect(findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
    'error DUMP_RIGHTS_MISSING',
    'error DUMP_FAILED',
    'warning DUMP_NOT_TRANSACTIONAL',
  ]);
  expect(findings[0]?.message).toContain('lacks SHOW VIEW, TRIGGER, EVENT');
  expect(findings[1]?.message).toContain('calls: ');
});

test('of the backups only our own old ones go, and what was never complete', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-prune-'));
  const day = (number: number) => `2026010${String(number)}T000000Z-aaaaaa`;
  for (const name of [1, 2, 3, 4, 5].map(day).concat('jobs', 'precious'))
    await mkdir(path.join(folder, name, 'backup'), { recursive: true });
  for (const number of [1, 2, 4, 5])
    await writeFile(path.join(folder, day(number), 'backup', 'manifest.json'), '{}');
  await symlink(path.join(folder, 'precious'), path.join(folder, '20250101T000000Z-aaaaaa'));
  const host = (await productionAt(production.access, folder)).host;
  await host.run(shellScript('remove-own-backup', PRUNE_SCRIPT, [folder, '3', '.'], folder));
  expect((await readdir(folder)).sort()).toEqual(
    ['20250101T000000Z-aaaaaa', day(2), day(4), day(5), 'jobs', 'precious'].sort(),
  );
  expect(await readdir(path.join(folder, 'precious'))).toEqual(['backup']);
  await rm(folder, { recursive: true });
});

test('the dump program runs in the container, the rest on the host', async () => {
  const log = path.join(programs, 'docker.log');
  const docker = path.join(programs, 'docker');
  // Stands in for `docker exec [-i] NAME …`.
  await writeFile(docker, `#!/bin/sh\necho "$*" >>${log}\nshift; [ "$1" = -i ] && shift; shift\nexec "$@"\n`);
  await chmod(docker, 0o755);
  const before = process.env['PATH'] ?? '';
  process.env['PATH'] = `${programs}:${before}`;
  try {
    const { manifest } = await backUp(production, { access: { ...production.access, container: 'db' } });
    expect(manifest.tables.length).toBeGreaterThan(10);
    const calls = await readFile(log, 'utf8');
    expect(calls).toContain('exec -i db sh -c');
    expect(calls).not.toContain('wo#rd');
  } finally {
    process.env['PATH'] = before;
  }
});

test('where there is no /dev/fd the account is a file of its own, gone afterwards', async () => {
  const text = CLIENT_SCRIPT.replace('[ -d /dev/fd ]', 'false');
  const show = path.join(programs, 'show');
  await writeFile(
    show,
    '#!/bin/sh\nfile=${1#--defaults-file=}; stat -c %a "$file"; cat "$file" -; [ "$2" = ok ]\n',
  );
  await chmod(show, 0o755);
  const host = createLocalHost('staging', 'staging');
  for (const outcome of ['ok', 'fails']) {
    const place = await mkdtemp(path.join(os.tmpdir(), 'understudy-account-'));
    await writeFile(path.join(place, '.understudy-tag.left'), 'by a run that was killed');
    const script = shellScript('write', text, [place, 'tag', show, outcome]);
    const { stdout, code } = await host.run(script, { stdin: '[client]\n\nrows', allowedExitCodes: 'any' });
    expect(`${String(code)} ${stdout.toString()}`).toBe(
      `${outcome === 'ok' ? '0' : '1'} 600\n[client]\nrows`,
    );
    expect(await readdir(place)).toEqual([]);
    await rm(place, { recursive: true });
  }
});

test('no password is seen in the process list, and none stays in a file', async () => {
  const program = path.join(programs, 'looks');
  const seen = path.join(programs, 'seen');
  await writeFile(
    program,
    `#!/bin/sh\nps -eo args >${seen}; cat /proc/*/environ >>${seen} 2>/dev/null\nexec mariadb-dump "$@"\n`,
  );
  await chmod(program, 0o755);
  const { manifest } = await backUp(production, { tools: { program } });
  expect(
    execFileSync('sh', ['-c', `grep -c 'mariadb-dump\\|splitter' ${seen}`])
      .toString()
      .trim(),
  ).not.toBe('0');
  expect(
    execFileSync('sh', ['-c', `grep -ac 'wo#rd' ${seen} || true`])
      .toString()
      .trim(),
  ).toBe('0');
  expect(manifest.files.map(({ name }) => name)).not.toContain('failed');
  const order = await orderFor(production);
  expect((await readdir(order.folder)).sort()).toEqual([
    'data',
    'manifest.json',
    'objects.sql.zst',
    'schema.sql.zst',
  ]);
  expect([...(await contents(order.folder)).values()].join('')).not.toContain('wo#rd');
});
