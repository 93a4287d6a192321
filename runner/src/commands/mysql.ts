import { CHECKSUM_PROGRAMS } from './checksum.js';
import { CLIENT_SCRIPT, firstOptions, TLS_OPTIONS } from './client-program.js';
import { shellScript, type Command, type ReadCommand } from './command.js';
import { quoteIdentifier } from './quote.js';

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
export function importArguments(client: ImportClient, schema: string): [string, ...string[]] {
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
    ...(client.known.has('--print-query-on-error') ? ['--skip-print-query-on-error'] : []),
    `--database=${schema}`,
  ];
}

/**
 * What a data shard needs of its session, because it holds nothing but INSERTs. Strict on purpose: a value that does
 * not fit its column is an error, never cut; zero and impossible dates that production has are let through. Dumps
 * write timestamps in UTC. The binary log is left as it is: staging's replicas, if any, follow.
 * `unique_checks` stays on: without it and foreign keys, MariaDB 10.6 locks an empty table as a whole for its first
 * INSERT, and two shards of one table that begin together are a deadlock; it saves nothing either (measured).
 */
const STRICT = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES';
const LENIENT = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';
export const importSettings = (asBytes: boolean, guard: GuardedMode = (mode) => mode): string =>
  `SET NAMES ${asBytes ? 'binary' : 'utf8mb4'}; ` +
  "SET SESSION foreign_key_checks=0, time_zone='+00:00', " +
  `sql_mode=${guard(`'${STRICT}'`)};`;

/** Makes of an sql_mode one that the server refuses to a client whose run lost its lock. */
export type GuardedMode = (mode: string) => string;

/**
 * LOAD DATA of a shard: mysqldump's rows, `(1,'a\'b',NULL)`, are fields of that statement too. What stands between two
 * rows, `INSERT INTO … VALUES` and commas, is skipped up to the next parenthesis. The server reads rows instead of
 * parsing statements and the client only passes bytes on: a third less processor time for both together (measured).
 *
 * LOCAL turns errors (a duplicate key, a value that does not fit) into warnings and goes on. So nothing is committed
 * where there is a single warning; the first one is printed, and the shard's INSERTs have the last word.
 * https://mariadb.com/kb/en/load-data-infile/
 */
const loadStatements = (table: string, guard?: GuardedMode): string =>
  [
    `${importSettings(true, guard)} SET SESSION autocommit=0`,
    `LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE ${quoteIdentifier(table)} CHARACTER SET binary ` +
      String.raw`FIELDS TERMINATED BY ',' ENCLOSED BY '\'' ESCAPED BY '\\' LINES STARTING BY '(' TERMINATED BY ')'`,
    'SELECT @@warning_count INTO @understudy_warnings',
    'SHOW WARNINGS LIMIT 1',
    "EXECUTE IMMEDIATE IF(@understudy_warnings = 0, 'COMMIT', 'ROLLBACK')",
  ].join('; ');

/**
 * The client as one that loads a file: no option of {@link importArguments} that keeps it from files, no statement but
 * ours. A server may ask such a client for any file, so it is for a server on the client's own host only.
 */
const loadArguments = (
  client: ImportClient,
  schema: string,
  table: string,
  guard?: GuardedMode,
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
  const start = (table: string) =>
    `INSERT INTO \`${table.replaceAll('`', '``').replaceAll(/[\\.*[\]^$/]/g, '\\$&')}\``;
  return [
    ...tables.map((table) => `/^${start(table)}/b lenient`),
    `s/^INSERT /SET SESSION sql_mode='${STRICT}'; &/`,
    'b',
    ': lenient',
    `s/^/SET SESSION sql_mode='${LENIENT}'; /`,
  ].join('\n');
}

/**
 * Imports one shard. Standard input: the option file. Arguments: decompressor, shard, session settings, sed program,
 * container, the client script, the client and its options. Exit code: 11 the client failed or printed something
 * (warnings of a LOAD DATA), 12 the decompressor. Every part of the pipe is asked, also in a shell without pipefail.
 */
const IMPORT_SCRIPT = `
unpack=$1 shard=$2 settings=$3 edit=$4 container=$5 client=$6; shift 6
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
heed() { IFS= read -r line || return 0; printf '%s\\n' "$line" >&2; echo "warned=1" >&3; cat >/dev/null; }
said=$({ { feed || echo "feed=1" >&3; } | { import "$@"; echo "import=$?" >&3; } | heed; } 3>&1)
case $said in *warned=1*) exit 11 ;; *import=0*) ;; *) exit 11 ;; esac
case $said in *unpack=1* | *feed=1*) exit 12 ;; esac
`;

export const IMPORT_FAILED_CODE = 11;
export const UNPACK_FAILED_CODE = 12;

export interface ShardImport {
  readonly compression: 'zstd' | 'gzip';
  /** Absolute. */
  readonly shard: string;
  /** Tables of the shard that have generated columns. */
  readonly generated: readonly string[];
  /**
   * The dump holds text as its columns store it, or all text columns of the shard are UTF-8, as the dump is: the server
   * takes the bytes as they are, checks them, and saves the conversion (a fifth of its work). Not for a dump of MySQL,
   * whose JSON columns take no bytes.
   */
  readonly asBytes?: boolean;
  /** The shard holds rows of this table alone, and LOAD DATA takes them; see `TableTraits.loadable`. Not in a container. */
  readonly load?: string;
  /** INSERTs go into this table after it was emptied. */
  readonly empty?: string;
  readonly container?: string;
  readonly client: ImportClient;
  readonly schema: string;
  readonly guard?: GuardedMode;
}

const settingsOf = ({ asBytes, empty, guard }: ShardImport): string =>
  importSettings(asBytes === true, guard) +
  (empty === undefined ? '' : ` TRUNCATE TABLE ${quoteIdentifier(empty)};`);

/** The command that imports one data shard; its standard input is the account as an option file. */
export const importShard = (options: ShardImport): Command<'write'> =>
  shellScript('write', IMPORT_SCRIPT, [
    options.compression,
    options.shard,
    options.load === undefined ? settingsOf(options) : '',
    lenientFor(options.generated),
    options.container ?? '',
    CLIENT_SCRIPT,
    ...(options.load === undefined
      ? importArguments(options.client, options.schema)
      : loadArguments(options.client, options.schema, options.load, options.guard)),
  ]);

/** Prints `program NAME`, `option --x`, `has NAME` and `cores N`. Argument: container, or ''. */
const PROBE_SCRIPT = `
inner='
for program in mariadb mysql; do
  command -v "$program" >/dev/null 2>&1 || continue
  echo "program $program"
  "$program" --no-defaults --help 2>/dev/null | tr -c "a-z-" "\\n" | grep "^--[a-z]" | sort -u | sed "s/^/option /"
  break
done'
if [ -n "$1" ]; then docker exec "$1" sh -c "$inner" </dev/null; else sh -c "$inner"; fi
for tool in zstd gzip ${CHECKSUM_PROGRAMS.join(' ')}; do command -v "$tool" >/dev/null 2>&1 && echo "has $tool"; done
echo "cores $(nproc 2>/dev/null || echo 1)"
`;

export const probeImport = (container: string | undefined): ReadCommand =>
  shellScript('read', PROBE_SCRIPT, [container ?? '']);

export interface ImportProbe {
  /** Undefined: neither `mariadb` nor `mysql` is there. */
  readonly client?: ImportClient;
  readonly tools: ReadonlySet<string>;
  readonly cores: number;
}

export function parseProbe(output: string): ImportProbe {
  const values = (word: string) =>
    output
      .split('\n')
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1).trim());
  const program = values('program')[0];
  const options = new Set(values('option'));
  // Some versions show `--print-query-on-error` in its `--skip-` form.
  const knows = (option: string) => options.has(option) || options.has(option.replace(/^--/, '--skip-'));
  return {
    ...(program === undefined
      ? {}
      : { client: { program, known: new Set(PROBED_CLIENT_OPTIONS.filter(knows)) } }),
    tools: new Set(values('has')),
    cores: Math.max(1, Number(values('cores')[0] ?? 1) || 1),
  };
}
