import { runUnderstudy, type RunnerResult } from '../runner.js';
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

/** Variables of a server that somebody has set globally, and their values as SQL. */
export type Settings = Readonly<Record<string, string>>;

export interface CellOptions {
  /** In force while the runner works, on each side; not for what the sandbox itself asks and does. */
  readonly settings?: { readonly production?: Settings; readonly staging?: Settings };
  /** Further tables: SQL for production. */
  readonly more?: string;
}

const IMPORTING = ['sync-content', 'backup-database', 'transfer-backup', 'drop-database', 'import-database'];

/**
 * Syncs WordPress and tables of every kind from one server to another: first with the kinds that staging cannot hold,
 * which the preflight must name; then without them, which must come over row by row. What is wrong is in the result,
 * not thrown.
 */
export async function runCell(
  world: EngineWorld,
  pair: Pair,
  options: CellOptions = {},
): Promise<CellResult> {
  const production = world.side('production', pair.production);
  const staging = world.side('staging', pair.staging);
  const call = await world.site(pair);
  const understudy: Understudy = (...words) =>
    withSettings(production, options.settings?.production ?? {}, () =>
      withSettings(staging, options.settings?.staging ?? {}, () => runUnderstudy(call, ...words)),
    );
  await Promise.all([production.reset(), staging.reset()]);
  const kinds = (await readKinds()).filter((kind) => isOneOf(kind.madeOn, production.server));
  const held = kinds.filter(
    (kind) =>
      isOneOf(kind.heldBy, staging.server) &&
      kind.dumpedBy.includes(pair.clients[0]) &&
      (pair.mode === 'replace' || isOneOf(kind.swappedBy, staging.server)),
  );
  const tooMuch = kinds.filter((kind) => !held.includes(kind));
  await makeKinds(production.server, production.database, held);
  await production.server.query(options.more ?? '', production.database);
  const problems: string[] = [];
  const refusals: string[] = [];
  if (tooMuch.length > 0) {
    await makeKinds(production.server, production.database, tooMuch);
    const plan = await understudy('plan', 'acme');
    refusals.push(...messagesIn(plan.stdout, '✗'));
    problems.push(...untold(plan, refusals, tooMuch));
    await dropKinds(production, tooMuch);
  }
  const warnings: string[] = [];
  const ok = await syncAndCompare(understudy, pair, { production, staging }, problems, warnings);
  if (ok) problems.push(...(await wrongPage(staging)), ...unwarned(held, staging, warnings));
  return { refused: tooMuch.map(({ name }) => name), refusals, warnings, problems };
}

type Understudy = (...words: string[]) => Promise<RunnerResult>;

async function withSettings<Result>(
  { server }: EngineSide,
  settings: Settings,
  work: () => Promise<Result>,
): Promise<Result> {
  const names = Object.keys(settings);
  if (names.length === 0) return work();
  const set = (values: readonly (readonly [string, string])[]) =>
    server.query(values.map(([name, value]) => `SET GLOBAL ${name} = ${value};`).join(' '));
  const before = await server.query(`SELECT ${names.map((name) => `QUOTE(@@GLOBAL.${name})`).join(', ')}`);
  const former = before
    .trimEnd()
    .split('\t')
    .map((value, index): [string, string] => [names[index] ?? '', value.replace(/^'(\d+)'$/, '$1')]);
  await set(Object.entries(settings));
  try {
    return await work();
  } finally {
    await set(former.reverse());
  }
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
    return ![...tablesOf(kind), ...othersOf(kind).map(([, name]) => name)].some(isNamed);
  });
  const problems = silent.map(
    ({ name }) => `${name}: staging cannot hold it, and the preflight does not say so`,
  );
  if (code !== 3)
    problems.push(`the preflight ends with exit code ${String(code)} instead of 3: ${stderr.slice(-1500)}`);
  return problems;
}

/** Kinds that do not come over whole without a warning of the preflight. */
const unwarned = (held: readonly Kind[], staging: EngineSide, warnings: readonly string[]): string[] =>
  held.flatMap(({ warnedOf }) =>
    warnedOf === undefined ||
    !isOneOf(warnedOf.on, staging.server) ||
    warnings.some((warning) => warning.includes(warnedOf.table))
      ? []
      : [`${warnedOf.table} does not come over whole, and the preflight does not say so`],
  );

async function dropKinds({ server, database }: EngineSide, kinds: readonly Kind[]): Promise<void> {
  for (const kind of kinds) {
    const drops = tablesOf(kind).map((table) => `DROP TABLE \`${table.replaceAll('`', '``')}\`;`);
    const others = othersOf(kind).map(
      ([what, name]) => `SET sql_mode = 'ORACLE'; DROP ${what} ${name}; SET sql_mode = '';`,
    );
    await server.query(['SET foreign_key_checks = 0;', ...others, ...drops].join('\n'), database);
  }
}

/** What a kind makes beside tables. */
const othersOf = ({ sql }: Kind): readonly (readonly [what: string, name: string])[] =>
  [...sql.matchAll(/^CREATE (SEQUENCE|PACKAGE|VIEW) (?!BODY)(\w+)/gm)].map(
    ([, what = '', name = '']) => [what, name] as const,
  );

async function syncAndCompare(
  understudy: Understudy,
  pair: Pair,
  sides: { readonly production: EngineSide; readonly staging: EngineSide },
  problems: string[],
  warnings: string[],
): Promise<boolean> {
  const { production, staging } = sides;
  const step = async (...words: string[]) => {
    const { code, stdout, stderr } = await understudy(...words, 'acme');
    const said = messagesIn(stdout, '!').filter((line) => line.startsWith('Staging will not hold all of'));
    warnings.push(...said.filter((line) => !warnings.includes(line)));
    if (code !== 0) problems.push(`${words.join(' ')}: exit code ${String(code)}: ${stderr.slice(-1500)}`);
    return code === 0;
  };
  const json = new Set(await jsonColumns(production.server, production.database));
  const compare = async (schema: string, which: (hashes: TableHashes) => TableHashes) => {
    const all = new Set([...json, ...(await jsonColumns(staging.server, schema))]);
    const wanted = await hashTables(production.server, production.database, all);
    problems.push(...differences(which(wanted), which(await hashTables(staging.server, schema, all))));
  };
  // One process does it all; stage by stage, the copy can be looked at before its addresses are rewritten.
  if (pair.mode === 'replace') {
    if (!(await step('sync'))) return false;
  } else {
    for (const name of IMPORTING) if (!(await step('stage', name))) return false;
    await compare(await incomingSchema(staging), (hashes) => hashes);
    if (!(await step('stage', 'rewrite-urls'))) return false;
  }
  await compare(staging.database, kindsIn);
  problems.push(...(await wrongSchemaNames(staging)));
  return problems.length === 0;
}

/** Rewriting changes WordPress' own tables. */
const kindsIn = (hashes: TableHashes): TableHashes =>
  new Map([...hashes].filter(([table]) => table.startsWith('wp_k')));

async function incomingSchema({ server, database }: EngineSide): Promise<string> {
  const found = await server.query(
    `SELECT table_schema FROM information_schema.tables
     WHERE table_schema LIKE '${database}\\_understudy\\_in\\_%' LIMIT 1`,
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
