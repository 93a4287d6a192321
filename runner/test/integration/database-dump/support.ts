import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type DatabaseAccess } from '../../../src/database/connection/access.js';
import { openDatabase } from '../../../src/database/connection/open-database.js';
import { createBackup, type BackupOrder } from '../../../src/database/dump/create-backup.js';
import { type DumpTools, probeDumpTools } from '../../../src/database/dump/probe-tools.js';
import { expectedRawBytes, surveySchema } from '../../../src/database/dump/survey-schema.js';
import { Secret } from '../../../src/errors/index.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { type ProductionHost } from '../../../src/hosts/host.js';
import { restrictToReading } from '../../../src/hosts/guard/production-host.js';
import { openRoute } from '../../../src/hosts/route/open-route.js';
import { type OpenedRoute } from '../../../src/hosts/route/route.js';
import { type MariaDbServer } from '../../../../sandbox/servers/mariadb.js';

export const SCHEMA = 'acme shop';
export const RUN = '20261121T201500Z-3f9a1c';

export interface Production {
  readonly host: ProductionHost;
  readonly access: DatabaseAccess;
  readonly folder: string;
}

export const accessTo = (
  server: MariaDbServer,
  name: string,
  user: string,
  password: string,
): DatabaseAccess => ({
  server: { kind: 'socket', path: server.socket },
  name,
  user,
  password: new Secret(password),
  charset: 'utf8mb4',
  prefix: '',
  multisite: false,
});

/** A schema with one of everything, and an account that has what a backup needs and a password that needs quoting. */
export async function loadEveryKind(server: MariaDbServer, schema = SCHEMA): Promise<DatabaseAccess> {
  const fixture = new URL('fixtures/every-kind.sql', import.meta.url);
  const text = (await readFile(fixture, 'utf8')).replaceAll('acme shop', schema);
  await server.query(
    `DROP DATABASE IF EXISTS \`${schema}\`; CREATE DATABASE \`${schema}\` CHARACTER SET utf8mb4`,
  );
  execFileSync(
    'mariadb',
    [
      '--no-defaults',
      `--socket=${server.socket}`,
      '--default-character-set=utf8mb4',
      '--binary-mode',
      '--comments',
      "--init-command=SET sql_mode=''",
      schema,
    ],
    { input: text },
  );
  await server.query(`CREATE USER IF NOT EXISTS 'dump''er'@'localhost' IDENTIFIED BY 'pa"ss\\\\wo#rd ''x'`);
  await server.query(
    `GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON \`${schema}\`.* TO 'dump''er'@'localhost'`,
  );
  await server.query(`GRANT SELECT ON mysql.proc TO 'dump''er'@'localhost'`);
  return accessTo(server, schema, "dump'er", `pa"ss\\wo#rd 'x`);
}

export async function productionAt(access: DatabaseAccess, workDir?: string): Promise<Production> {
  const folder = workDir ?? (await mkdtemp(path.join(os.tmpdir(), 'understudy-backup-')));
  const host = restrictToReading(createLocalHost('production', 'production'), folder);
  return { host, access, folder };
}

export type OrderChanges = Partial<Omit<BackupOrder, 'tools'>> & { readonly tools?: Partial<DumpTools> };

export async function orderFor(
  { host, access, folder }: Production,
  changes: OrderChanges = {},
): Promise<BackupOrder> {
  const connection = await openDatabase(host, access);
  const survey = await surveySchema(connection, access.name);
  await connection.close();
  const tools = await probeDumpTools(host, folder, { isMariaDb: true });
  const { tools: toolChanges, ...rest } = changes;
  return {
    host,
    access,
    connect: () => openDatabase(host, access),
    database: survey,
    structureOnly: [],
    expectedRawBytes: expectedRawBytes(survey, []),
    site: 'acme',
    run: RUN,
    folder: path.join(folder, RUN, 'backup'),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onRetry: () => undefined,
    timeoutSeconds: 300,
    ...rest,
    tools: { ...tools, ...toolChanges },
  };
}

export const backUp = async (production: Production, changes: OrderChanges = {}) =>
  createBackup(await orderFor(production, changes));

/** Every file of a backup by name, decompressed; manifest.json as it is. */
export async function contents(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  )) {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file);
    const program = name.endsWith('.zst') ? 'zstd' : name.endsWith('.gz') ? 'gzip' : 'cat';
    const bytes = execFileSync(program, program === 'cat' ? [file] : ['-dcq', file], { maxBuffer: 1 << 30 });
    files.set(name.replace(/\.(zst|gz)$/, ''), bytes.toString('latin1'));
  }
  return files;
}

/** A route whose both ends are this machine. */
export const routeFrom = (production: Production): Promise<OpenedRoute> =>
  openRoute({
    kind: 'tunnel',
    client: production.host,
    clientAddress: { kind: 'local' },
    clientWorkDir: production.folder,
    target: { kind: 'local' },
    targetHost: createLocalHost('staging', 'staging'),
  });
