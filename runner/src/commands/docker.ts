import { scriptWords } from './command.js';

/**
 * Runs words inside a container. `-i` keeps stdin. No `-e`: the environment of `docker exec` shows in `ps`.
 * @param container name or id, as `docker ps` prints it.
 * @param user name, or `uid:gid`; default: the image's own
 */
export function dockerExecWords(
  container: string,
  words: readonly string[],
  user?: string,
): [string, ...string[]] {
  if (!isContainerName(container)) throw new TypeError(`not a container name: ${container}`);
  if (user !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/.test(user))
    throw new TypeError(`not an account: ${user}`);
  return ['docker', 'exec', '-i', ...(user === undefined ? [] : ['-u', user]), container, ...words];
}

/** What Docker itself accepts as a name (moby: daemon/names), which also keeps options out. */
export const isContainerName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name);

function inspectWords(container: string, format: string): [string, ...string[]] {
  if (!isContainerName(container)) throw new TypeError(`not a container name: ${container}`);
  return ['docker', 'inspect', '--type', 'container', '--format', format, container];
}

/** Prints the container's network mode and its addresses, in one line. */
export const dockerInspectWords = (container: string): [string, ...string[]] =>
  inspectWords(
    container,
    '{{.HostConfig.NetworkMode}}{{range .NetworkSettings.Networks}} {{.IPAddress}}{{end}}',
  );

/** Prints whether it runs, its health (`none` without a check), and since when, with its id: `true healthy 2026-… 4f0c…`. */
export const dockerStateWords = (container: string): [string, ...string[]] =>
  inspectWords(
    container,
    '{{.State.Running}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} {{.State.StartedAt}} {{.Id}}',
  );

/** Says `ready` once it is connected, then copies both ways. perl, php or bash: database images have one of them. */
const RELAY = `kind=$1 host=$2 port=$3
if command -v perl >/dev/null 2>&1; then exec perl -e "$4" "$kind" "$host" "$port"; fi
if command -v php >/dev/null 2>&1; then exec php -r "$5" -- "$kind" "$host" "$port"; fi
if [ "$kind" = tcp ] && command -v bash >/dev/null 2>&1; then exec bash -c "$6" understudy "$host" "$port"; fi
echo 'neither perl, php nor bash is there to relay the connection' >&2
exit 127`;

const PERL_RELAY = `use strict; use IO::Socket::INET; eval { require IO::Socket::IP }; use IO::Socket::UNIX; use IO::Select;
my ($kind, $host, $port) = @ARGV;
my $peer = $kind eq 'tcp' ? (IO::Socket::IP->can('new') ? 'IO::Socket::IP' : 'IO::Socket::INET')->new(PeerAddr => $host, PeerPort => $port, Timeout => 20)
  : IO::Socket::UNIX->new(Peer => $host);
die "cannot connect: $!\\n" unless $peer;
sub all { my ($to, $data) = @_; my $at = 0;
  while ($at < length $data) { my $n = syswrite($to, $data, length($data) - $at, $at); exit 0 unless defined $n; $at += $n } }
all(\\*STDOUT, "ready\\n");
my $ready = IO::Select->new(\\*STDIN, $peer);
while (1) { for my $from ($ready->can_read) {
  my $n = sysread($from, my $data, 65536);
  if (!$n) { exit 0 if $from == $peer; $ready->remove($from); shutdown($peer, 1); next }
  all($from == $peer ? \\*STDOUT : $peer, $data) } }`;

const PHP_RELAY = `[, $kind, $host, $port] = $argv;
$peer = @stream_socket_client($kind === 'tcp' ? 'tcp://' . (strpos($host, ':') === false ? $host : "[$host]") . ":$port" : "unix://$host", $code, $why, 20);
if (!$peer) { fwrite(STDERR, "cannot connect: $why\\n"); exit(1); }
fwrite(STDOUT, "ready\\n");
$open = [STDIN, $peer];
while (true) { $read = $open; $none = null; stream_select($read, $none, $none, null);
  foreach ($read as $from) { $data = fread($from, 65536);
    if ($data === '' || $data === false) { if ($from === $peer) exit(0); $open = [$peer]; stream_socket_shutdown($peer, STREAM_SHUT_WR); continue; }
    $to = $from === $peer ? STDOUT : $peer; for ($at = 0; $at < strlen($data); $at += $n) { $n = fwrite($to, substr($data, $at)); if (!$n) exit(0); } } }`;

const BASH_RELAY = `exec 4<&0 3<>"/dev/tcp/$1/$2" || exit 1
echo ready
cat <&4 >&3 & feeder=$!
cat <&3
kill "$feeder"`;

/** Connects to a port or socket from where it runs and copies between it and its own stdin and stdout. */
export function relayWords(
  target: { kind: 'tcp'; host: string; port: number } | { kind: 'socket'; path: string },
): string[] {
  const where = target.kind === 'tcp' ? [target.host, String(target.port)] : [target.path, '-'];
  return scriptWords(RELAY, target.kind, ...where, PERL_RELAY, PHP_RELAY, BASH_RELAY);
}
