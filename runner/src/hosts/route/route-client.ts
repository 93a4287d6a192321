import { type Command, shellScript } from '../../commands/command.js';
import { knownHostsLine, type RemoteShell } from '../../commands/remote-shell.js';
import { UnderstudyError } from '../../errors/index.js';
import {
  type CommandResult,
  type ProductionHost,
  type ReadingHost,
  type RunOptions,
  type WritingHost,
} from '../host.js';

export interface ClientCapabilities {
  /** `KnownHostsCommand`, OpenSSH 8.5. */
  readonly takesKnownHostsCommand: boolean;
  /** It tells the agent whom it talks to (`session-bind`), OpenSSH 8.9: the agent can limit a key to one host. */
  readonly bindsSessions: boolean;
}

const PROBE = `command -v ssh >/dev/null 2>&1 || exit 53
command -v rsync >/dev/null 2>&1 || exit 52
[ -x /bin/echo ] && echo echo
ssh -V 2>&1`;

export async function askClient(client: Pick<ReadingHost, 'label' | 'run'>): Promise<ClientCapabilities> {
  const result = await client.run(shellScript('read', PROBE), {
    allowedExitCodes: [0, 52, 53],
    label: 'ask for the versions of ssh and rsync',
  });
  if (result.code !== 0) throw missingProgram(client.label, result.code === 52 ? 'rsync' : 'ssh');
  const text = result.stdout.toString();
  const version = opensshVersion(text);
  return {
    takesKnownHostsCommand: version >= 805 && text.startsWith('echo\n'),
    bindsSessions: version >= 809,
  };
}

/** `OpenSSH_9.2p1 …` → 902; 0 for other programs. */
export function opensshVersion(text: string): number {
  const match = /OpenSSH_(\d+)\.(\d+)/.exec(text);
  return match ? Number(match[1]) * 100 + Number(match[2]) : 0;
}

const missingProgram = (label: string, program: 'rsync' | 'ssh'): UnderstudyError =>
  new UnderstudyError('ROUTE_REFUSED', `${program} is missing on ${label}.`, {
    host: label,
    next: `Install it there (Debian: apt-get install ${program === 'ssh' ? 'openssh-client' : 'rsync'}).`,
  });

const LEAVE = 'umask 077; mkdir -p -- "$1" && rm -f -- "$1"/known_hosts.* && cat >"$2"';
const REMOVE = 'rm -f -- "$1"/known_hosts.*';

/** Writes the target's host key into the client's work folder, for an OpenSSH that takes it no other way. */
export async function leaveHostKey(
  client: ProductionHost | WritingHost,
  workDir: string,
  file: string,
  shell: RemoteShell,
): Promise<() => Promise<void>> {
  await runVerb(client, shellScript('own-file', LEAVE, [workDir, file], workDir), {
    stdin: knownHostsLine(shell),
    label: `write ${file}`,
  });
  return async () => {
    await runVerb(client, shellScript('own-file', REMOVE, [workDir], workDir), {
      label: `remove ${file}`,
    });
  };
}

/** Both kinds of connection take this verb; a union of their `run` methods does not say so. */
const runVerb = (
  client: ProductionHost | WritingHost,
  command: Command<'own-file'>,
  options: RunOptions,
): Promise<CommandResult> => client.run(command, options);
