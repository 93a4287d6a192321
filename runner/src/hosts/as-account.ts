import { scriptWords } from '../commands/command.js';
import { sudoWords } from '../commands/sudo.js';
import { type WritingHost } from './host.js';
import { commandWords } from './process/run-command.js';
import { shareTransport } from './process/transport.js';

/**
 * Arguments: uid, gid, the command. For root alone: everybody else stays who they are. Groups of root's own do not come
 * along. HOME is the account's; one that nobody made for it would be read as its settings, so there is none then.
 */
const AS_OWNER = `uid=$1 gid=$2; shift 2
HOME=$(getent passwd "$uid" 2>/dev/null | cut -d: -f6); export HOME="\${HOME:-/nonexistent}"
if setpriv --reuid "$uid" --regid "$gid" --clear-groups true 2>/dev/null; then
  exec setpriv --reuid "$uid" --regid "$gid" --clear-groups "$@"
fi
if command -v perl >/dev/null 2>&1; then
  exec perl -e 'my ($uid, $gid) = splice @ARGV, 0, 2; use POSIX (); $) = "$gid $gid"; POSIX::setgid($gid) or die "setgid: $!\\n"; POSIX::setuid($uid) or die "setuid: $!\\n"; exec { $ARGV[0] } @ARGV; die "$ARGV[0]: $!\\n"' "$uid" "$gid" "$@"
fi
echo 'neither setpriv nor perl is there to run a program as the owner of the files' >&2
exit 126`;

/** Every command runs as this account, by sudo, which must not ask for a password. */
export const asAccount = (host: WritingHost, name: string): WritingHost =>
  wrapped(host, (words) => sudoWords(name, words));

/** Every command of root's runs as this account, which need not have a name on the host. */
export const asOwner = (host: WritingHost, uid: string, gid: string): WritingHost =>
  wrapped(host, (words) => scriptWords(AS_OWNER, uid, gid, ...words));

function wrapped(
  host: WritingHost,
  around: (words: readonly string[]) => readonly [string, ...string[]],
): WritingHost {
  const inside: WritingHost = {
    ...host,
    run: (command, options = {}) => {
      const { environment: _, ...rest } = command;
      const argv = [...around(commandWords(command))] as [string, ...string[]];
      return host.run({ ...rest, argv }, { label: command.argv.slice(0, 3).join(' '), ...options });
    },
  };
  return shareTransport(inside, host);
}
