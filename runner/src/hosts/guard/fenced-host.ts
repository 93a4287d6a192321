import { randomBytes } from 'node:crypto';
import { type Command } from '../../commands/command.js';
import { FENCED_CODE, fenced, type FenceLine } from '../../commands/ssh.js';
import { UnderstudyError } from '../../errors/index.js';
import { type CommandResult, type ReadingHost, type RunOptions, type WritingHost } from '../host.js';
import { commandText } from '../process/run-command.js';
import { shareTransport } from '../process/transport.js';

/** Which acquisition of the lock a process works under. */
export interface HostFence {
  /** `RUN NUMBER`, as `lock/fence` in the work folder has it while it counts; undefined: the process holds no lock. */
  holder(): { readonly workDir: string; readonly text: string } | undefined;
}

const lineOf = ({ workDir, text }: { readonly workDir: string; readonly text: string }): FenceLine => ({
  file: `${workDir}/lock/fence`,
  text,
});

/** @param words the command under its fence. @throws what `lost` makes of a refusal */
async function runFenced(
  host: WritingHost,
  command: Command,
  words: readonly string[],
  { allowedExitCodes: allowed = [0], ...options }: RunOptions,
  lost: (result: CommandResult) => UnderstudyError,
): Promise<CommandResult> {
  const [first = '', ...rest] = words;
  const result = await host.run(
    { ...command, argv: [first, ...rest] },
    { ...options, allowedExitCodes: allowed === 'any' ? 'any' : [...allowed, FENCED_CODE] },
  );
  if (result.code === FENCED_CODE) throw lost(result);
  return result;
}

const lockLost = (host: ReadingHost, label: string): UnderstudyError =>
  new UnderstudyError(
    'LOCK_LOST',
    'This run no longer holds the lock of the site; the host refused the change.',
    { host: host.label, command: label },
  );

/**
 * A command of another host's connection that changes this one, because both are one account on one machine.
 * @throws LOCK_LOST
 */
export async function runForTarget(
  client: WritingHost,
  target: WritingHost,
  command: Command,
  options: RunOptions,
): Promise<CommandResult> {
  const words = target.underFence?.(command.argv) ?? command.argv;
  return runFenced(client, command, words, options, () =>
    lockLost(target, options.label ?? commandText(command)),
  );
}

/**
 * The same host for a process that works under a lock: every command that may change something first writes its process
 * id down, then compares whether the lock is still this acquisition's. So anyone who takes the lock over, and ends what
 * is written down, leaves nothing behind.
 * @throws LOCK_LOST (from `run`)
 */
export function fencedHost(host: WritingHost, fence: HostFence): WritingHost {
  let count = 0;
  const run: WritingHost['run'] = async (command, options = {}) => {
    const holder = fence.holder();
    if (holder === undefined || command.effect !== 'write') return host.run(command, options);
    const name = `change-${randomBytes(4).toString('hex')}-${String(++count)}`;
    const label = options.label ?? commandText(command);
    const job = options.job ?? { name, folder: holder.workDir };
    return runFenced(host, command, fenced(command.argv, lineOf(holder)), { ...options, label, job }, () =>
      lockLost(host, label),
    );
  };
  const underFence: NonNullable<WritingHost['underFence']> = (words) => {
    const holder = fence.holder();
    return holder === undefined ? words : fenced(words, lineOf(holder));
  };
  return shareTransport({ ...host, run, underFence }, host);
}

/**
 * A host of a promotion, on which a command that writes runs only under the claim: a process that was suspended or cut
 * off, and replaced meanwhile, changes nothing when it wakes up.
 * @param claim undefined: nothing was taken yet, everything runs
 * @throws PRODUCTION_CLAIM_LOST (from `run`)
 */
export function claimedHost(host: WritingHost, claim: () => FenceLine | undefined): WritingHost {
  const lost = ({ stderr }: CommandResult) =>
    new UnderstudyError('PRODUCTION_CLAIM_LOST', undefined, { host: host.label, stderr });
  const run: WritingHost['run'] = async (command, options = {}) => {
    const line = command.effect === 'read' ? undefined : claim();
    if (line === undefined) return host.run(command, options);
    const label = options.label ?? command.argv.slice(0, 2).join(' ');
    return runFenced(host, command, fenced(command.argv, line), { ...options, label }, lost);
  };
  return shareTransport({ ...host, run }, host);
}

/** For hosts without a lock of their own: each change is preceded by a look at it. @throws LOCK_LOST */
export function checkedHost(host: WritingHost, assertHeld: () => Promise<unknown>): WritingHost {
  const run: WritingHost['run'] = async (command, options) => {
    if (command.effect === 'write') await assertHeld();
    return host.run(command, options);
  };
  return shareTransport({ ...host, run }, host);
}
