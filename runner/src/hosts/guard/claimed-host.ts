import { type Command } from '../../commands/command.js';
import { UnderstudyError } from '../../errors/index.js';
import { type WritingHost } from '../host.js';
import { shareTransport } from '../process/transport-registry.js';

/** Arguments: file, token, the command. Exit 42 with the mark: somebody else has taken over. */
const FENCE = `if [ "$(head -n 1 -- "$1" 2>/dev/null)" != "$2" ]; then echo "understudy-fenced $1" >&2; exit 42; fi
shift 2; exec "$@"`;

/**
 * A host on which a command that writes runs only while the first line of a file is the token: a process that was
 * suspended or cut off, and replaced meanwhile, changes nothing when it wakes up.
 * @param fence the file and the token; undefined: nothing was taken yet, everything runs
 */
export function claimedHost(
  host: WritingHost,
  fence: () => { readonly file: string; readonly token: string } | undefined,
): WritingHost {
  const claimed: WritingHost = {
    ...host,
    run: async (command, options = {}) => {
      const current = command.effect === 'read' ? undefined : fence();
      if (current === undefined) return host.run(command, options);
      const argv: Command['argv'] = [
        'sh',
        '-c',
        FENCE,
        'understudy',
        current.file,
        current.token,
        ...command.argv,
      ];
      try {
        const result = await host.run(
          { ...command, argv },
          { label: command.argv.slice(0, 2).join(' '), ...options },
        );
        if (result.code === 42 && result.stderr.includes(`understudy-fenced ${current.file}`))
          throw replaced(host, result.stderr);
        return result;
      } catch (error) {
        if (
          error instanceof UnderstudyError &&
          error.stderr?.includes(`understudy-fenced ${current.file}`) === true
        )
          throw replaced(host, error.stderr);
        throw error;
      }
    },
  };
  return shareTransport(claimed, host);
}

const replaced = (host: WritingHost, stderr: string): UnderstudyError =>
  new UnderstudyError('PRODUCTION_CLAIM_LOST', undefined, { host: host.label, stderr });
