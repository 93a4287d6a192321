import { type Command } from '../../commands/command.js';
import { FENCED_CODE, fenced } from '../../commands/ssh.js';
import { randomBytes } from 'node:crypto';
import { UnderstudyError } from '../../errors/index.js';
import { type RunOptions, type WritingHost } from '../host.js';
import { commandText } from '../process/run-command.js';
import { shareTransport } from '../process/transport-registry.js';

/** Which acquisition of the lock a process works under. */
export interface HostFence {
  /** `RUN NUMBER`, as `lock/fence` in the work folder has it while it counts; undefined: the process holds no lock. */
  holder(): { readonly workDir: string; readonly text: string } | undefined;
}

/**
 * The same host for a process that works under a lock: every command that may change something compares first, on the
 * host itself, whether the lock is still this acquisition's. Its process id is written down before that. So anyone who
 * takes the lock over, and then ends what is written down, leaves nothing behind: a command either was written down
 * early enough to be ended, or it looks late enough to be refused.
 * @throws LOCK_LOST (from `run`)
 */
export function fencedHost(host: WritingHost, fence: HostFence): WritingHost {
  let count = 0;
  const run: WritingHost['run'] = async (command, options = {}) => {
    const holder = fence.holder();
    if (holder === undefined || command.effect !== 'write') return host.run(command, options);
    const name = `change-${randomBytes(4).toString('hex')}-${String(++count)}`;
    const result = await host.run(fencedCommand(command, holder), {
      ...options,
      label: options.label ?? commandText(command),
      job: options.job ?? { name, folder: holder.workDir },
      allowedExitCodes: withFenced(options.allowedExitCodes),
    });
    if (result.code === FENCED_CODE)
      throw new UnderstudyError(
        'LOCK_LOST',
        'This run no longer holds the lock of the site; the host refused the change.',
        { host: host.label, command: options.label ?? commandText(command) },
      );
    return result;
  };
  const underFence: NonNullable<WritingHost['underFence']> = (words) => {
    const holder = fence.holder();
    return holder === undefined ? words : fenced(words, holder.workDir, holder.text);
  };
  return shareTransport({ ...host, run, underFence }, host);
}

const fencedCommand = (
  command: Command,
  { workDir, text }: { readonly workDir: string; readonly text: string },
): Command => ({ ...command, argv: fenced(command.argv, workDir, text) });

const withFenced = (codes: RunOptions['allowedExitCodes']): NonNullable<RunOptions['allowedExitCodes']> =>
  codes === 'any' ? 'any' : [...(codes ?? [0]), FENCED_CODE];

/**
 * A host that has no lock of its own (production in a promotion, a container on staging): each change there is preceded
 * by a look at the lock. Not in one step with it.
 * @param assertHeld @throws LOCK_LOST
 */
export function checkedHost(host: WritingHost, assertHeld: () => Promise<unknown>): WritingHost {
  const run: WritingHost['run'] = async (command, options) => {
    if (command.effect === 'write') await assertHeld();
    return host.run(command, options);
  };
  return shareTransport({ ...host, run }, host);
}
