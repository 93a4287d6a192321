import { runUnderstudy, type RunnerCall, type RunnerResult } from '../runner.js';
import { getPage } from '../world/get-page.js';
import { type EngineSide, type EngineWorld, type Pair } from './engine-world.js';
import { isOneOf, type Kind, makeKinds, readKinds, tablesOf } from './kinds.js';
import { differences, hashTables, jsonColumns, type TableHashes } from './row-hashes.js';

/** What became of one cell of the matrix. */
export interface CellResult {
  /** Kinds that staging cannot hold, or the client cannot dump, and that the preflight named; the sync ran without them. */
  readonly refused: readonly string[];
  /** What the preflight said of them, a sentence each. */
  readonly refusals: readonly string[];
  /** Warnings of the preflight about what the copy will lack. */
  readonly warnings: readonly string[];
  /** Whatever is not as it should be, one line each; none: the cell is good. */
  readonly problems: readonly string[];
}

const IMPORTING = ['sync-content', 'backup-database', 'transfer-backup', 'drop-database', 'import-database'];

/**
 * Syncs WordPress and tables of every kind from one server to another: first with the kinds that staging cannot hold,
 * which the preflight must name; then without them, which must come over row by row. What is wrong is in the result,
 * not thrown.
 */
export async function runCell(world: EngineWorld, pair: Pair): Promise<CellResult> {
  const production = world.side('production', pair.production);
  const staging = world.side('staging', pair.staging);
  const call = await world.site(pair);
  await production.reset();
  const kinds = (await readKinds()).filter((kind) => isOneOf(kind.madeOn, production.server));
  const held = kinds.filter(
    (kind) =>
      isOneOf(kind.heldBy, staging.server) &&
      kind.dumpedBy.includes(pair.clients[0]) &&
      (pair.mode === 'replace' || isOneOf(kind.swappedBy, staging.server)),
  );
  const tooMuch = kinds.filter((kind) => !held.includes(kind));
  await makeKinds(production.server, production.database, held);
  const problems: string[] = [];
  const refusals: string[] = [];
  if (tooMuch.length > 0) {
    await makeKinds(production.server, production.database, tooMuch);
    const plan = await runUnderstudy(call, 'plan', 'acme');
    refusals.push(...messagesIn(plan.stdout, '✗'));
    problems.push(...untold(plan, refusals, tooMuch));
    await dropKinds(production, tooMuch);
  }
  const warnings: string[] = [];
  const ok = await syncAndCompare(call, pair, { production, staging }, problems, warnings);
  if (ok) problems.push(...(await wrongPage(staging)), ...unwarned(held, warnings));
  return { refused: tooMuch.map(({ name }) => name), refusals, warnings, problems };
}

/** The sentences of the findings that the runner marked so. */
const messagesIn = (stdout: string, mark: '✗' | '!'): string[] =>
  [...stdout.matchAll(new RegExp(`^ *${mark} \\w+: (.*)$`, 'gm'))].map((match) => match[1] ?? '');

/** Kinds of which no error of the preflight names a table, or a run that goes on in spite of them. */
function untold(
  { code, stderr }: RunnerResult,
  refusals: readonly string[],
  kinds: readonly Kind[],
): string[] {
  const isNamed = (name: string) =>
    refusals.some((line) => new RegExp(`(?<![\\w])${name.replaceAll(/\W/g, '.')}(?!\\w)`).test(line));
  const silent = kinds.filter((kind) => {
    const others = [...kind.sql.matchAll(/CREATE (?:PACKAGE|SEQUENCE) (\w+) /g)].map(
      (match) => match[1] ?? '',
    );
    return ![...tablesOf(kind), ...others].some(isNamed);
  });
  const problems = silent.map(
    ({ name }) => `${name}: staging cannot hold it, and the preflight does not say so`,
  );
  if (code !== 3)
    problems.push(`the preflight ends with exit code ${String(code)} instead of 3: ${stderr.slice(-1500)}`);
  return problems;
}

/** Kinds that do not come over whole without a warning of the preflight. */
const unwarned = (held: readonly Kind[], warnings: readonly string[]): string[] =>
  held.flatMap(({ warnedOf }) =>
    warnedOf === undefined || warnings.some((warning) => warning.includes(warnedOf))
      ? []
      : [`${warnedOf} does not come over whole, and the preflight does not say so`],
  );

async function dropKinds({ server, database }: EngineSide, kinds: readonly Kind[]): Promise<void> {
  for (const kind of kinds) {
    const drops = tablesOf(kind).map((table) => `DROP TABLE \`${table.replaceAll('`', '``')}\`;`);
    const others = [...kind.sql.matchAll(/^CREATE (SEQUENCE|PACKAGE) (?!BODY)(\w+)/gm)].map(
      ([, what, name]) => `SET sql_mode = 'ORACLE'; DROP ${String(what)} ${String(name)}; SET sql_mode = '';`,
    );
    await server.query([...drops, ...others].join('\n'), database);
  }
}

async function syncAndCompare(
  call: RunnerCall,
  pair: Pair,
  sides: { readonly production: EngineSide; readonly staging: EngineSide },
  problems: string[],
  warnings: string[],
): Promise<boolean> {
  const { production, staging } = sides;
  const stage = async (name: string) => {
    const { code, stdout, stderr } = await runUnderstudy(call, 'stage', name, 'acme');
    if (name === 'sync-content')
      warnings.push(
        ...messagesIn(stdout, '!').filter((line) => line.startsWith('Staging will not hold all of')),
      );
    if (code !== 0) problems.push(`${name}: exit code ${String(code)}: ${stderr.slice(-1500)}`);
    return code === 0;
  };
  for (const name of IMPORTING) if (!(await stage(name))) return false;
  const schema = pair.mode === 'swap' ? await incomingSchema(staging) : staging.database;
  const json = new Set([
    ...(await jsonColumns(production.server, production.database)),
    ...(await jsonColumns(staging.server, schema)),
  ]);
  const wanted = await hashTables(production.server, production.database, json);
  problems.push(...differences(wanted, await hashTables(staging.server, schema, json)));
  if (!(await stage('rewrite-urls'))) return false;
  const served = await hashTables(staging.server, staging.database, json);
  problems.push(...differences(kindsIn(wanted), kindsIn(served)), ...(await wrongSchemaNames(staging)));
  return problems.length === 0;
}

/** Rewriting changes WordPress' own tables. */
const kindsIn = (hashes: TableHashes): TableHashes =>
  new Map([...hashes].filter(([table]) => table.startsWith('wp_k')));

async function incomingSchema({ server, database }: EngineSide): Promise<string> {
  // What a cell that failed left behind is older.
  const found = await server.query(
    `SELECT table_schema FROM information_schema.tables
     WHERE table_schema LIKE '${database}\\_understudy\\_in\\_%' ORDER BY create_time DESC LIMIT 1`,
  );
  return found.trim();
}

/** Definitions in the schema that is served which still name the one that they were imported into. */
async function wrongSchemaNames({ server, database }: EngineSide): Promise<string[]> {
  const found = await server.query(
    `SELECT CONCAT('column ', table_name, '.', column_name) FROM information_schema.columns
       WHERE table_schema = '${database}' AND CONCAT_WS(' ', column_default, generation_expression) LIKE '%\\_understudy\\_in\\_%'
     UNION ALL SELECT CONCAT('view ', table_name) FROM information_schema.views
       WHERE table_schema = '${database}' AND view_definition LIKE '%\\_understudy\\_in\\_%'
     UNION ALL SELECT CONCAT('routine ', routine_name) FROM information_schema.routines
       WHERE routine_schema = '${database}' AND routine_definition LIKE '%\\_understudy\\_in\\_%'
     UNION ALL SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers
       WHERE trigger_schema = '${database}' AND action_statement LIKE '%\\_understudy\\_in\\_%'`,
  );
  return found
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `${line} names the schema that it was imported into`);
}

async function wrongPage(staging: EngineSide): Promise<string[]> {
  const page = await getPage(staging, '/');
  const isCopy =
    page.status === 200 && page.body.includes('Acme Theatre') && !page.body.includes('last season');
  return isCopy ? [] : [`staging's front page has status ${String(page.status)} and is not the copy`];
}
