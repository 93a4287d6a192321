import { compareVersions } from '../../schema/server-version.js';
import { quoteIdentifier } from '../../../commands/quote.js';
import { type CataloguedColumn, type SchemaCatalogue } from '../../schema/catalogue.js';
import { type SqlConnection } from '../../connection/sql-connection.js';
import { SqlError } from '../../connection/sql-error.js';
import { isGlobal, type Grant } from '../../schema/grants.js';
import { SEQUENCE_ADVICE } from './sequence-defaults.js';

export interface Holder {
  readonly isMariaDb: boolean;
  readonly version: string;
  /** Upper case; those that a table can be made with. */
  readonly engines: ReadonlySet<string>;
  /** InnoDB refuses rows that may become too long, and the account may not change that. */
  readonly strictInnoDb: boolean;
  readonly needsPrimaryKey: boolean;
  /** The account can give a default another sequence after the exchange of schemas, as far as is known. */
  readonly movesSequences: boolean;
  /** The server writes the names of tables in lower case (lower_case_table_names=1). */
  readonly lowersNames: boolean;
}

/** A part of production's schema that staging cannot hold as it is. */
export interface Unheld {
  /** `error`: the import would fail. `warning`: the copy lacks something. */
  readonly severity: 'error' | 'warning';
  /** `table.column`, `table`, or `sequence x`. */
  readonly place: string;
  readonly why: string;
  readonly next: string;
}

/** Types that one vendor or version has and another does not: the least version that has it. */
const OWN_TYPES: Readonly<Record<string, { readonly mariadb?: string; readonly mysql?: string }>> = {
  inet6: { mariadb: '10.5' },
  uuid: { mariadb: '10.7' },
  inet4: { mariadb: '10.10' },
  vector: { mariadb: '11.7', mysql: '9.0' },
  xmltype: { mariadb: '12.3' },
};

/** All that is known without asking: types, engines, keys, objects. Pure. */
export function findUnheld(production: SchemaCatalogue, staging: Holder): readonly Unheld[] {
  return [
    ...production.columns.flatMap((column) => unheldType(column, staging)),
    ...unheldTables(production, staging),
    ...unheldKeys(production, staging),
    ...unheldNames(production, staging),
    ...(staging.strictInnoDb ? tooWide(production) : []),
    ...(staging.isMariaDb ? toMariaDb(production) : toMySql(production)),
    ...(staging.isMariaDb && !staging.movesSequences ? heldSequences(production) : []),
    ...(staging.lowersNames ? loweredNames(production) : []),
  ];
}

export const serverName = ({ isMariaDb, version }: Pick<Holder, 'isMariaDb' | 'version'>): string =>
  `${isMariaDb ? 'MariaDB' : 'MySQL'} ${/^[\d.]+/.exec(version)?.[0] ?? version}`;

function unheldType({ table, name, type }: CataloguedColumn, staging: Holder): readonly Unheld[] {
  const own = OWN_TYPES[type];
  if (own === undefined) return [];
  const least = staging.isMariaDb ? own.mariadb : own.mysql;
  if (least !== undefined && compareVersions(staging.version, least) >= 0) return [];
  const next = [
    ...(own.mariadb === undefined ? [] : [`MariaDB ${own.mariadb}`]),
    ...(own.mysql === undefined ? [] : [`MySQL ${own.mysql}`]),
  ];
  return [
    {
      severity: 'error',
      place: `${table}.${name}`,
      why: `${serverName(staging)} has no type ${type}`,
      next: `Use ${next.join(' or ')} or later on staging, or another type on production.`,
    },
  ];
}

/** Whether followSequences will be allowed: known of MariaDB 10.5; the import tries it again on tables of its own. */
export const canMoveSequences = (
  mode: 'swap' | 'replace',
  version: string,
  grants: readonly Grant[],
): boolean =>
  mode === 'replace' ||
  compareVersions(version, '10.6') >= 0 ||
  grants.some((grant) => isGlobal(grant, ['ALTER']));

function unheldTables({ tables, columns }: SchemaCatalogue, staging: Holder): readonly Unheld[] {
  const server = serverName(staging);
  return tables.flatMap((table): Unheld[] => {
    const place = table.name;
    if (table.engine !== '' && !staging.engines.has(table.engine.toUpperCase()))
      return [{ severity: 'error', place, why: `${server} has no engine ${table.engine}`, next: 'Install the engine on staging, or convert the table on production.' }]; // prettier-ignore
    // A table with a counter that is not its primary key can get no other one.
    const isStuck = table.isPartitioned || columns.some((each) => each.table === place && each.isCounter);
    if (staging.needsPrimaryKey && !table.hasPrimaryKey && isStuck)
      return [{ severity: 'error', place, why: `${server} insists on a primary key (sql_require_primary_key or sql_generate_invisible_primary_key)`, next: 'Give the table a primary key on production, or ask an administrator to grant SESSION_VARIABLES_ADMIN to the staging account.' }]; // prettier-ignore
    return [];
  });
}

function unheldKeys({ keys, tables, isMariaDb }: SchemaCatalogue, staging: Holder): readonly Unheld[] {
  if (isMariaDb === staging.isMariaDb) return [];
  const server = serverName(staging);
  const inMemory = new Set(tables.filter(({ engine }) => engine === 'MEMORY').map(({ name }) => name));
  return keys.flatMap(({ table, name, type, isUnique, isFunctional }): Unheld[] => {
    const why = isFunctional
      ? 'is on an expression'
      : type === 'VECTOR'
        ? 'is a vector index'
        : isUnique && type === 'HASH' && isMariaDb && !inMemory.has(table)
          ? 'is a unique key by hash'
          : undefined;
    if (why === undefined) return [];
    return [{ severity: 'error', place: table, why: `the key ${name} ${why}, which ${server} does not have`, next: 'Drop the key on production, or use the same server on staging.' }]; // prettier-ignore
  });
}

/** Older MariaDB writes a backquote in the name of a foreign key as it is, so no dump of the copy could be read again. */
const unheldNames = ({ tickedConstraints }: SchemaCatalogue, staging: Holder): readonly Unheld[] =>
  !staging.isMariaDb || compareVersions(staging.version, '10.6') >= 0
    ? []
    : tickedConstraints.map((place) => ({
        severity: 'error',
        place,
        why: `${serverName(staging)} does not quote the backquote in the name of a foreign key, so no dump of staging could be read again`,
        next: 'Give the constraint another name on production, or use MariaDB 10.6 or later on staging.',
      }));

/** InnoDB's page of 16 KB takes rows up to this; 40 bytes of a long column stay in the row. */
const LONGEST_ROW = 8126;
const KEPT_IN_ROW = 40;

function tooWide({ columns, tables }: SchemaCatalogue): readonly Unheld[] {
  return tables.flatMap(({ name, engine }): Unheld[] => {
    if (engine.toLowerCase() !== 'innodb') return [];
    const bytes = columns
      .filter(({ table }) => table === name)
      .reduce((sum, column) => sum + Math.min(column.bytes === 0 ? 8 : column.bytes, KEPT_IN_ROW), 0);
    if (bytes <= LONGEST_ROW) return [];
    return [{ severity: 'error', place: name, why: 'its rows may become longer than InnoDB takes, and the staging account may not switch innodb_strict_mode off', next: 'GRANT SESSION_VARIABLES_ADMIN ON *.* to the staging account, or turn columns of the table into TEXT.' }]; // prettier-ignore
  });
}

function toMySql(production: SchemaCatalogue): readonly Unheld[] {
  const next = 'Use MariaDB on staging.';
  const error = (place: string, why: string): Unheld => ({ severity: 'error', place, why, next });
  return [
    ...production.tables
      .filter(({ isVersioned }) => isVersioned)
      .map(({ name }) => error(name, 'MySQL has no system-versioned tables')),
    ...production.columns
      .filter(({ expression }) => takesNumber(expression))
      .map(({ table, name }) => error(`${table}.${name}`, 'MySQL has no sequences')),
    ...production.sequences.map((name) => error(`sequence ${name}`, 'MySQL has no sequences')),
    ...production.packages.map((name) => error(`package ${name}`, 'MySQL has no packages')),
  ];
}

function toMariaDb(production: SchemaCatalogue): readonly Unheld[] {
  const warning = (place: string, why: string): Unheld => ({
    severity: 'warning',
    place,
    why,
    next: 'Nothing, if staging can do without it.',
  });
  const lost = production.isMariaDb
    ? []
    : [
        ...production.looseChecks.map((place) => warning(place, 'a CHECK that is not enforced is left out')),
        ...production.columns
          .filter(({ srid }) => srid !== '')
          .map(({ table, name, srid }) => warning(`${table}.${name}`, `the rule SRID ${srid} is left out`)),
      ];
  return [
    ...lost,
    ...production.tables
      .filter(({ isVersioned }) => isVersioned)
      .map(({ name }) => warning(name, 'the history of a system-versioned table is not copied')),
  ];
}

const heldSequences = ({ columns }: SchemaCatalogue): readonly Unheld[] =>
  columns
    .filter(({ expression }) => takesNumber(expression))
    .map(({ table, name }) => ({
      severity: 'error',
      place: `${table}.${name}`,
      why: 'this MariaDB does not let the account alter a default that takes a number from a sequence, so it could not follow when schemas are exchanged',
      next: SEQUENCE_ADVICE,
    }));

/** Names that the backup has and that the server would change: nothing would be found under its name again. */
const loweredNames = ({ tables }: SchemaCatalogue): readonly Unheld[] =>
  tables
    .filter(({ name }) => name !== name.toLowerCase())
    .map(({ name }) => ({
      severity: 'error',
      place: name,
      why: 'the server writes the names of tables in lower case (lower_case_table_names=1)',
      next: 'Rename the table on production, or use a staging server with lower_case_table_names=0.',
    }));

/** The next number of a sequence. */
const takesNumber = (expression: string): boolean => /\bnextval\s*\(/i.test(expression);

/** Functions that expressions name and staging does not have: staging's own server is asked; nothing is read or written. */
export async function findUnknownFunctions(
  production: SchemaCatalogue,
  staging: SqlConnection,
): Promise<readonly Unheld[]> {
  const found: Unheld[] = [];
  for (const { table, name, expression } of production.columns) {
    if (expression === '' || takesNumber(expression)) continue;
    const columns = production.columns
      .filter((each) => each.table === table)
      .map((each) => `NULL AS ${quoteIdentifier(each.name)}`);
    try {
      await staging.query(`SELECT ${expression} FROM (SELECT ${columns.join(', ')}) AS one LIMIT 0`);
    } catch (cause) {
      if (!(cause instanceof SqlError) || ![...UNKNOWN_FUNCTION, SYNTAX_ERROR].includes(cause.errno))
        continue;
      found.push({
        // What one server writes, another may read after the translation of its definition.
        severity: cause.errno === SYNTAX_ERROR ? 'warning' : 'error',
        place: `${table}.${name}`,
        why: `the expression of the column may not work there: ${cause.message}`,
        next: 'Change the expression on production, or use a server on staging that has the function.',
      });
    }
  }
  return found;
}

const SYNTAX_ERROR = 1064;
/** Errors that say that there is no such function: 1305 (stored), 1128 (loadable), 1630 (in another schema). */
export const UNKNOWN_FUNCTION = [1305, 1128, 1630];
