import { type Command } from '../../commands/command.js';
import { UnderstudyError } from '../../errors/index.js';
import { type CommandResult, type RunOptions, type WritingHost } from '../../hosts/host.js';

/** Runs a command that keeps something or puts it back. @throws `code`, with what the command said, when that failed */
export async function runSnapshotCommand(
  host: WritingHost,
  command: Command,
  code: 'SNAPSHOT_FAILED' | 'ITEM_NOT_RESTORED',
  message: string,
  options: RunOptions,
): Promise<CommandResult> {
  const result = await host.run(command, { ...options, allowedExitCodes: 'any' });
  if (result.code === 0) return result;
  throw new UnderstudyError(code, message, { host: host.label, stderr: result.stderr });
}
