import { shellScript, type ReadCommand } from './command.js';

/**
 * Runs a database program. Its account is an option file on stdin, up to the first empty line; the rest of stdin is the
 * program's own (`read` takes byte by byte).
 *
 * Other option files and variables could leave out rows or name another server, so it gets none. ~/.mylogin.cnf would win
 * even over --defaults-file: MYSQL_TEST_LOGIN_FILE names another place.
 *
 * Arguments: folder for the account where there is no /dev/fd ('': /dev/shm or /tmp), tag of the job ('': none; what a
 * killed job of that tag left there is removed), program, its arguments.
 */
export const CLIENT_SCRIPT = `
umask 077
place=$1 tag=$2 program=$3; shift 3
account= ca=
while IFS= read -r line && [ -n "$line" ]; do
  case $line in
    "#ca "*) ca="$ca\${line#"#ca "}
" ;;
    *) account="$account$line
" ;;
  esac
done
run() {
  exec env -i PATH="$PATH" LC_ALL=C MYSQL_TEST_LOGIN_FILE=/dev/null/none UNDERSTUDY_JOB="$tag" \\
    "$program" --defaults-file="$file" "$@"
}
if [ -d /dev/fd ]; then
  file=/dev/fd/3
  run "$@" 3<<EOF 4<<CA
$account
EOF
$ca
CA
fi
if [ -z "$place" ]; then place=/tmp; [ -d /dev/shm ] && [ -w /dev/shm ] && place=/dev/shm; fi
[ -z "$tag" ] || rm -f -- "$place/.understudy-$tag".*
file=$(mktemp "$place/.understudy-$tag.XXXXXX") || exit 1
trap 'rm -f -- "$file" "$file.ca"' EXIT
trap 'exit 143' HUP INT TERM
printf '%s' "$ca" >"$file.ca"
printf '%s' "$account" | sed "s|^ssl-ca=.*|ssl-ca=$file.ca|" >"$file"
(run "$@")
`;

/** What decides about TLS; asked for with `--help` like the others. */
export const TLS_OPTIONS = ['--ssl-mode', '--ssl-verify-server-cert', '--get-server-public-key'] as const;

/** A certificate authority travels in comments of the option file; {@link CLIENT_SCRIPT} puts it at this place. */
const CA_FILE = '/dev/fd/4';
export const caLines = (pem: string): readonly string[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [])
    .join('\n')
    .split('\n')
    .map((line) => `#ca ${line.trim()}`);

/**
 * How a connection is protected, in the words of either vendor. A socket needs no TLS (MariaDB 11.4 wants it there
 * unless told). Over TCP: verified with a CA, else where the server has it, unverified. MySQL's clients may have to ask
 * for the server's key to encrypt the password.
 */
export function tlsLines(
  server: { readonly kind: 'tcp' | 'socket'; readonly host?: string },
  known: ReadonlySet<string>,
  ca: string | undefined,
): readonly string[] {
  const verified = ca !== undefined && server.kind === 'tcp';
  const byName = verified && !/^[0-9.]+$|:/.test(server.host ?? '');
  if (known.has('--ssl-mode'))
    return [
      `ssl-mode=${byName ? 'VERIFY_IDENTITY' : verified ? 'VERIFY_CA' : 'PREFERRED'}`,
      ...(verified ? [`ssl-ca=${CA_FILE}`] : []),
      ...(!verified && known.has('--get-server-public-key') ? ['get-server-public-key=1'] : []),
    ];
  if (!known.has('--ssl-verify-server-cert')) return [];
  if (server.kind === 'socket') return ['ssl=0'];
  return [
    'ssl=1',
    `ssl-verify-server-cert=${verified ? '1' : '0'}`,
    ...(verified ? [`ssl-ca=${CA_FILE}`] : []),
  ];
}

/** Of the options that a program knows, those that have to come first; see {@link CLIENT_SCRIPT}. */
export const firstOptions = (known: ReadonlySet<string>): readonly string[] =>
  known.has('--no-login-paths') ? ['--no-login-paths'] : [];

/**
 * Standard input: the option file, an empty line, and what the program reads. Arguments: container, the client script,
 * pattern, program and its arguments. Prints how many lines of the program's output match, and `code=N`.
 */
const TRY_SCRIPT = `
container=$1 client=$2 pattern=$3; shift 3
try() {
  if [ -n "$container" ]; then docker exec -i "$container" sh -c "$client" understudy '' '' "$@"
  else sh -c "$client" understudy '' '' "$@"; fi
}
{ { try "$@"; echo "code=$?" >&4; } | LC_ALL=C grep -c -- "$pattern"; } 4>&1
exit 0
`;

/** Runs a database program and counts lines of what it prints; rows of a site stay on the host. */
export const tryProgram = (
  argv: readonly [string, ...string[]],
  options: { readonly pattern: string; readonly container: string | undefined },
): ReadCommand =>
  shellScript('read', TRY_SCRIPT, [options.container ?? '', CLIENT_SCRIPT, options.pattern, ...argv]);

export function parseTry(output: string): { readonly code: number; readonly lines: number } {
  const code = /^code=(\d+)$/m.exec(output)?.[1];
  const lines = /^(\d+)$/m.exec(output)?.[1];
  return { code: Number(code ?? 1), lines: Number(lines ?? 0) };
}

/** The programs for a database server, best first: MySQL's cannot dump a MariaDB's sequences, for instance. */
export const clientPrograms = (
  isMariaDb: boolean,
): { readonly dump: readonly string[]; readonly client: readonly string[] } =>
  isMariaDb
    ? { dump: ['mariadb-dump', 'mysqldump'], client: ['mariadb', 'mysql'] }
    : { dump: ['mysqldump', 'mariadb-dump'], client: ['mysql', 'mariadb'] };
