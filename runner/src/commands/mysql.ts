import { escapePattern } from '../basics/patterns.js';
import { CLIENT_SCRIPT, clientPrograms, firstOptions, TLS_OPTIONS } from './client-program.js';
import { shellScript, type Command, type ReadCommand } from './command.js';
import { type HostProbe, parseHostProbe, probeCommand } from './probe.js';
import { quoteIdentifier } from './quote.js';
import { type GuardedMode, LENIENT_MODE, sessionAssignments, STRICT_MODE } from './sql-session.js';

/** Options of the client that not every version knows; asked for with `--help` before they are used. */
const PROBED_CLIENT_OPTIONS = [
  // MariaDB's client prints the whole failing statement to stderr, up to a megabyte of rows, unless told not to.
  '--print-query-on-error',
  // MariaDB 10.5.25 and later: no command that touches files.
  '--sandbox',
  '--no-login-paths',
  ...TLS_OPTIONS,
] as const;

export interface ImportClient {
  readonly program: string;
  /** Of {@link PROBED_CLIENT_OPTIONS}, those that the program knows. */
  readonly known: ReadonlySet<string>;
}

/**
 * The client as an importer: it runs no client commands (`\!`, `source`; --binary-mode), reads no other option file,
 * sends no local files, and stops at the first error. The account comes through the option file that is named first.
 */
export function importArguments(
  client: ImportClient,
  schema: string,
  showWarnings = false,
): [string, ...string[]] {
  return [
    client.program,
    ...firstOptions(client.known),
    '--binary-mode',
    '--batch',
    '--skip-reconnect',
    '--local-infile=0',
    // What the client itself reads the statements as: UTF-8 read byte by byte, which saves it a third of its work.
    // The session's own character set comes with `SET NAMES`.
    '--default-character-set=binary',
    '--max-allowed-packet=1G',
    ...(client.known.has('--sandbox') ? ['--sandbox'] : []),
    ...(showWarnings ? ['--show-warnings'] : []),
    ...(client.known.has('--print-query-on-error') ? ['--skip-print-query-on-error'] : []),
    `--database=${schema}`,
  ];
}

/**
 * What a data shard needs of its session, which holds nothing but INSERTs. Dumps write timestamps in UTC.
 * `unique_checks` stays on: without it, MariaDB 10.6 locks an empty table as a whole for its first INSERT, and two
 * shards of one table that begin together are a deadlock; it saves nothing either (measured).
 */
export const importSettings = (asBytes: boolean, isMariaDb: boolean, guard?: GuardedMode): string => {
  const names = asBytes ? 'binary' : 'utf8mb4';
  const policy = {
    isMariaDb,
    names,
    foreignKeyChecks: false,
    guard,
  } as const;
  const own = isMariaDb ? ['SESSION check_constraint_checks=OFF'] : [];
  return `SET ${[...sessionAssignments(policy), ...own].join(', ')};`;
};

/**
 * LOAD DATA of a shard: mysqldump's rows, `(1,'a\'b',NULL)`, are fields of that statement too; what stands between two
 * rows is skipped up to the next parenthesis. Saves the server parsing: a third less processor time (measured).
 * LOCAL turns errors (a duplicate key, a value that does not fit) into warnings. So nothing is committed where there is
 * one; the first is printed, and the shard's INSERTs have the last word.
 */
const loadStatements = (table: string, guard: GuardedMode | undefined): string =>
  [
    `${importSettings(true, true, guard)} SET SESSION autocommit=0`,
    `LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE ${quoteIdentifier(table)} CHARACTER SET binary ` +
      String.raw`FIELDS TERMINATED BY ',' ENCLOSED BY '\'' ESCAPED BY '\\' LINES STARTING BY '(' TERMINATED BY ')'`,
    'SELECT @@warning_count INTO @understudy_warnings',
    'SHOW WARNINGS LIMIT 1',
    "EXECUTE IMMEDIATE IF(@understudy_warnings = 0, 'COMMIT', 'ROLLBACK')",
  ].join('; ');

/** A server may ask such a client for any file, so it is for a server on the client's own host only. */
const loadArguments = (
  client: ImportClient,
  schema: string,
  table: string,
  guard: GuardedMode | undefined,
): [string, ...string[]] => [
  client.program,
  ...firstOptions(client.known),
  '--batch',
  '--skip-column-names',
  '--skip-reconnect',
  '--local-infile=1',
  '--default-character-set=binary',
  '--max-allowed-packet=1G',
  `--database=${schema}`,
  `--execute=${loadStatements(table, guard)}`,
];

/**
 * A sed program for shards with generated columns; '' for others. mariadb-dump writes their values into the INSERT;
 * MariaDB ignores these with a warning, but refuses them in strict mode (error 1906). So the INSERTs of these tables,
 * and no others, run without it. A line that begins with INSERT is a statement: newlines in values are escaped.
 */
export function lenientFor(tables: readonly string[]): string {
  if (tables.length === 0) return '';
  return [
    ...tables.map((table) => `/^${sedPattern(insertInto(table))}/b lenient`),
    `s/^INSERT /SET SESSION sql_mode='${STRICT_MODE}'; &/`,
    'b',
    ': lenient',
    `s/^/SET SESSION sql_mode='${LENIENT_MODE}'; /`,
  ].join('\n');
}

/**
 * Imports one shard. Stdin: the option file. Arguments: decompressor, shard, session settings, sed program, pattern of
 * warnings that do not count and how many are too many, container, the client script, the client and its options. Exit
 * code: 11 the client failed or printed a warning, 12 the decompressor (also in a shell without pipefail).
 */
const IMPORT_SCRIPT = `
unpack=$1 shard=$2 settings=$3 edit=$4 allowed=$5 limit=$6 container=$7 client=$8; shift 8
account=$(cat)
exec </dev/null
unpacked() { "$unpack" -d -c -q -- "$shard" || echo "unpack=1" >&3; }
feed() {
  printf '%s\\n\\n%s\\n' "$account" "$settings"
  if [ -n "$edit" ]; then unpacked | LC_ALL=C sed -e "$edit"; else unpacked; fi
}
import() {
  if [ -n "$container" ]; then docker exec -i "$container" sh -c "$client" understudy '' '' "$@"
  else sh -c "$client" understudy '' '' "$@"; fi
}
# The server keeps only a limited number of warnings of a statement.
allow() {
  if [ -z "$allowed" ]; then cat; return; fi
  allowed="$allowed" limit="$limit" LC_ALL=C awk '$0 !~ ENVIRON["allowed"] || ++seen >= ENVIRON["limit"] { print }'
}
heed() { IFS= read -r line || return 0; printf '%s\\n' "$line" >&2; echo "warned=1" >&3; cat >/dev/null; }
said=$({ { feed || echo "feed=1" >&3; } | { import "$@"; echo "import=$?" >&3; } | allow | heed; } 3>&1)
case $said in *warned=1*) exit 11 ;; *import=0*) ;; *) exit 11 ;; esac
case $said in *unpack=1* | *feed=1*) exit 12 ;; esac
`;

export const IMPORT_FAILED_CODE = 11;
export const UNPACK_FAILED_CODE = 12;

export interface ShardImport {
  readonly compression: 'zstd' | 'gzip';
  /** Absolute. */
  readonly shard: string;
  /** Of the server. */
  readonly isMariaDb: boolean;
  /** Tables of the shard that have generated columns whose values the INSERTs hold, and the server ignores. */
  readonly generated: readonly string[];
  /**
   * Tables of the shard with ENUM columns, and these columns. Their error value (0, shown as '') has no other spelling
   * than one that a strict session refuses: their INSERTs run without strictness, and every warning but the one for
   * such a column is a failure.
   */
  readonly enums?: { readonly tables: readonly string[]; readonly columns: readonly string[] } | undefined;
  /** Table of the INSERTs → the table that gets their rows instead. */
  readonly redirected?: Readonly<Record<string, string>>;
  /**
   * The dump holds text as its columns store it, or all text columns of the shard are UTF-8, as the dump is: the server
   * takes the bytes as they are, checks them, and saves the conversion (a fifth of its work). Not for a dump of MySQL,
   * whose JSON columns take no bytes.
   */
  readonly asBytes?: boolean;
  /** The shard holds rows of this table alone, and LOAD DATA takes them; see `TableCapabilities.loadable`. Not in a container. */
  readonly load?: string;
  /** INSERTs go into this table after it was emptied. */
  readonly empty?: string;
  readonly container?: string | undefined;
  readonly client: ImportClient;
  readonly schema: string;
  readonly guard?: GuardedMode | undefined;
}

const settingsOf = ({ asBytes, empty, isMariaDb, guard, enums }: ShardImport): string =>
  importSettings(asBytes === true, isMariaDb, guard) +
  // MySQL lets only an administrator raise it.
  (enums !== undefined && isMariaDb ? ' SET SESSION max_error_count=65535;' : '') +
  (empty === undefined ? '' : ` TRUNCATE TABLE ${quoteIdentifier(empty)};`);

/** Warnings that say nothing is wrong, as an extended regular expression; '' where the session is strict. */
function allowedWarnings({ enums, generated, isMariaDb }: ShardImport): string {
  if (enums === undefined) return '';
  const escaped = enums.columns.map(escapePattern);
  const known = [`\\(Code 1265\\): Data truncated for column '(${escaped.join('|')})' at row [0-9]+`];
  // MySQL's remark on every mode that is not strict.
  if (!isMariaDb) known.push('\\(Code 3135\\): .*');
  if (generated.length > 0) known.push('\\(Code 1906\\): The value specified for generated column .*');
  return `^(Warning|Note) (${known.join('|')})$`;
}

/** A sed program; '' where the INSERTs run as they are. */
function editOf({ generated, redirected = {}, enums }: ShardImport): string {
  const renamed = Object.entries(redirected).map(
    ([from, to]) => `s/^${sedPattern(insertInto(from))}/${insertInto(to).replaceAll(/[\\/&]/g, '\\$&')}/`,
  );
  const tables = new Set([...generated, ...(enums?.tables ?? [])]);
  const lenient = lenientFor([...tables].map((table) => redirected[table] ?? table));
  return [...renamed, ...(lenient === '' ? [] : [lenient])].join('\n');
}

const insertInto = (table: string): string => `INSERT INTO ${quoteIdentifier(table)}`;
const sedPattern = (text: string): string => text.replaceAll(/[\\.*[\]^$/]/g, '\\$&');

/** The command that imports one data shard; its standard input is the account as an option file. */
export const importShard = (options: ShardImport): Command<'write'> =>
  shellScript('write', IMPORT_SCRIPT, [
    options.compression,
    options.shard,
    options.load === undefined ? settingsOf(options) : '',
    editOf(options),
    allowedWarnings(options),
    // max_error_count: MariaDB lets every account raise it, MySQL's is 1024.
    options.isMariaDb ? '65000' : '1000',
    options.container ?? '',
    CLIENT_SCRIPT,
    ...(options.load === undefined
      ? importArguments(options.client, options.schema, options.enums !== undefined)
      : loadArguments(options.client, options.schema, options.load, options.guard)),
  ]);

/** The beginning of one line of a shard: where a statement starts. Arguments: decompressor, shard, number of the line. */
const LINE_SCRIPT = `
"$1" -d -c -q -- "$2" 2>/dev/null | LC_ALL=C awk -v line="$3" 'NR == line + 0 { print substr($0, 1, 300); exit }'
exit 0
`;

/** @param line as the client counts: the settings of the session are the first one */
export const readStatement = (
  options: Pick<ShardImport, 'compression' | 'shard'>,
  line: number,
): ReadCommand => shellScript('read', LINE_SCRIPT, [options.compression, options.shard, String(line - 1)]);

export const probeImport = (container: string | undefined, isMariaDb: boolean): ReadCommand =>
  probeCommand({ container, programs: clientPrograms(isMariaDb).client });

export interface ImportProbe extends Pick<HostProbe, 'tools' | 'cores'> {
  /** Undefined: neither `mariadb` nor `mysql` is there. */
  readonly client: ImportClient | undefined;
}

export function parseProbe(output: string): ImportProbe {
  const { program, options, tools, cores } = parseHostProbe(output);
  // Some versions show `--print-query-on-error` in its `--skip-` form.
  const knows = (option: string) => options.has(option) || options.has(option.replace(/^--/, '--skip-'));
  const known = new Set(PROBED_CLIENT_OPTIONS.filter(knows));
  return { client: program === undefined ? undefined : { program, known }, tools, cores };
}
