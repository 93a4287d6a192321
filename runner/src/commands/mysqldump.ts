import { caLines, firstOptions, TLS_OPTIONS, tlsLines } from './client-program.js';

/** Options that not every version knows; the host is asked with `--help` before they are used. */
export const PROBED_OPTIONS = [
  '--set-gtid-purged',
  '--column-statistics',
  '--ignore-table-data',
  '--no-tablespaces',
  '--skip-tz-utc',
  '--no-login-paths',
  '--init-command',
  ...TLS_OPTIONS,
] as const;

/**
 * Limits that a server gives every session (`max_join_size`, `max_execution_time`, `init_connect`) and that would leave
 * rows out or end a dump; taken off by the programs that can. MariaDB reads no comment of 50704, and no other server
 * one of M!.
 */
const UNLIMITED =
  'SET SESSION sql_select_limit=18446744073709551615, sql_big_selects=1 /*!50704 , max_execution_time=0 */ /*M!100101 , max_statement_time=0 */';
const session = (known: ReadonlySet<string>): readonly string[] =>
  known.has('--init-command') ? [`--init-command=${UNLIMITED}`] : [];

/** SQL that is true in a session without such limits. */
export const isUnlimited = (isMariaDb: boolean): string =>
  `(@@sql_select_limit = 18446744073709551615 AND @@sql_big_selects = 1 AND @@${isMariaDb ? 'max_statement_time' : 'max_execution_time'} = 0)`;

/** `bytes`: text as the columns store it. `utf8`: converted by the server, binary columns as hexadecimal digits. */
export type TextEncoding = 'bytes' | 'utf8';

export interface DumpOptions {
  readonly program: string;
  /** Of {@link PROBED_OPTIONS}, those that the program knows. */
  readonly known: ReadonlySet<string>;
  readonly textAs: TextEncoding;
  readonly schema: string;
  readonly structureOnly: readonly string[];
  /** Tables and views that are left out as a whole, with their triggers. */
  readonly leftOut?: readonly string[];
}

/**
 * The dump program and its options, without the account: that comes from a defaults file which the caller puts first.
 *
 * `utf8` is for MySQL, which takes no binary text for a JSON column; what it converts is reported by preflight
 * (DUMP_CONVERTS). --hex-blob only there: with the binary character set it would write every text as digits.
 * One row per line or one statement per line: the splitter reads both; 1 MB statements are what it was measured with.
 */
export function dumpArguments(options: DumpOptions): [string, ...string[]] {
  const has = (option: string) => options.known.has(option);
  return [
    options.program,
    ...firstOptions(options.known),
    ...session(options.known),
    '--single-transaction',
    '--quick',
    ...(options.textAs === 'bytes' ? [] : ['--hex-blob']),
    '--routines',
    '--triggers',
    '--events',
    '--opt',
    '--comments',
    `--default-character-set=${options.textAs === 'bytes' ? 'binary' : 'utf8mb4'}`,
    '--max-allowed-packet=1G',
    '--net-buffer-length=1046528',
    ...(has('--no-tablespaces') ? ['--no-tablespaces'] : []),
    ...(has('--set-gtid-purged') ? ['--set-gtid-purged=OFF'] : []),
    ...(has('--column-statistics') ? ['--column-statistics=0'] : []),
    ...(has('--ignore-table-data')
      ? options.structureOnly.map((table) => `--ignore-table-data=${options.schema}.${table}`)
      : []),
    ...(options.leftOut ?? []).map((table) => `--ignore-table=${options.schema}.${table}`),
    '--',
    options.schema,
  ];
}

/** A login of the dump program that reads one table's rows by `where`, or (without a table) the structure alone. */
export const loginArguments = (options: {
  readonly program: string;
  readonly known: ReadonlySet<string>;
  readonly schema: string;
  readonly table: string | undefined;
  readonly where: string;
}): [string, ...string[]] => [
  options.program,
  ...firstOptions(options.known),
  ...session(options.known),
  '--single-transaction',
  '--skip-lock-tables',
  '--skip-triggers',
  ...(options.known.has('--no-tablespaces') ? ['--no-tablespaces'] : []),
  ...(options.known.has('--set-gtid-purged') ? ['--set-gtid-purged=OFF'] : []),
  ...(options.known.has('--column-statistics') ? ['--column-statistics=0'] : []),
  ...(options.table === undefined ? ['--no-data'] : ['--no-create-info', `--where=${options.where}`]),
  '--',
  options.schema,
  ...(options.table === undefined ? [] : [options.table]),
];

/** Account, server and TLS as an option file. @param known of {@link TLS_OPTIONS}, those that the program knows */
export function clientOptionFile(
  access: {
    readonly server:
      | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
      | { readonly kind: 'socket'; readonly path: string };
    readonly user: string;
    readonly password: string;
    readonly ca?: string;
  },
  known: ReadonlySet<string>,
): string {
  const { server, ca } = access;
  const lines =
    server.kind === 'tcp'
      ? [`host=${quoted(server.host)}`, `port=${String(server.port)}`, 'protocol=tcp']
      : [`socket=${quoted(server.path)}`, 'protocol=socket'];
  const account = [`user=${quoted(access.user)}`, `password=${quoted(access.password)}`];
  const tls = tlsLines(server, known, ca);
  return ['[client]', ...account, ...lines, ...tls, ...(ca === undefined ? [] : caLines(ca)), ''].join('\n');
}

/** Escapes as option files know them: https://mariadb.com/kb/en/configuring-mariadb-with-option-files/ */
function quoted(value: string): string {
  if (value.includes('\0')) throw new TypeError('an option cannot contain a NUL byte');
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
