import { type Command } from '../../commands/command.js';
import { gitRead, gitWrite, type GitTarget } from '../../commands/git.js';
import { UnderstudyError } from '../../errors/index.js';
import { type CommandResult, type RunOptions, type WritingHost } from '../../hosts/host.js';
import { type GitRemote } from './git-remote.js';

const TIMEOUT_SECONDS = 4 * 3600;

/** How git is called on the archive host: its time limit, its end with the run, and what its failures are. */
export class GitCalls {
  constructor(
    private readonly host: WritingHost,
    private readonly target: GitTarget,
    private readonly workDir: string,
    private readonly remote: GitRemote,
    private readonly signal: AbortSignal,
  ) {}

  read(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    return this.run(gitRead(this.target, ...args), args, options);
  }

  write(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    return this.run(gitWrite(this.target, args), args, options);
  }

  /** @returns what git printed, without white space around it; undefined where it found nothing */
  async tryRead(...args: string[]): Promise<string | undefined> {
    const { code, stdout } = await this.read(args, { allowedExitCodes: [0, 1, 128] });
    return code === 0 ? stdout.toString().trim() : undefined;
  }

  /** A command that calls git. @param args by which a failure is named @throws PUBLISH_FAILED */
  async run(command: Command, args: readonly string[], options: RunOptions): Promise<CommandResult> {
    const label = `git ${args.find((arg) => /^[a-z]/.test(arg) && !arg.includes('=')) ?? ''}`;
    const ok = options.allowedExitCodes ?? [0];
    const result = await this.host.run(command, {
      ...this.#long('git'),
      label,
      ...options,
      allowedExitCodes: 'any',
    });
    if (ok === 'any' || ok.includes(result.code)) return result;
    throw new UnderstudyError('PUBLISH_FAILED', `${label} ended with exit code ${String(result.code)}.`, {
      host: this.host.label,
      command: label,
      stderr: result.stderr,
    });
  }

  /** Reads from the repository. @throws PUBLISH_REJECTED, PUBLISH_FAILED with what it said */
  async network(args: readonly string[], label: string): Promise<CommandResult> {
    const result = await this.askRemote('git-fetch', args, label);
    if (result.code === 0) return result;
    throw networkFailed(this.host.label, label, result.stderr);
  }

  /** @param job names the process on the host, so that a later run finds it */
  askRemote(job: string, args: readonly string[], label: string): Promise<CommandResult> {
    return this.remote.run(this.target, args, { ...this.#long(job), allowedExitCodes: 'any', label });
  }

  #long(job: string): RunOptions {
    return { timeoutSeconds: TIMEOUT_SECONDS, signal: this.signal, job: { name: job, folder: this.workDir } };
  }
}

/** Whether git says that the branch got other commits meanwhile. */
export const isMoved = (said: string): boolean =>
  /\[rejected\].*\((?:fetch first|non-fast-forward|stale info)|cannot lock ref|incorrect old value|failed to update ref/.test(
    said,
  );

/** @param signs whether the commits were signed */
export function pushFailed(host: string, said: string, signs: boolean): UnderstudyError {
  if (!/\[(?:remote )?rejected\]|remote: error|pre-receive hook declined|protected branch/.test(said))
    return networkFailed(host, 'git push', said);
  return new UnderstudyError('PUBLISH_REJECTED', undefined, {
    host,
    command: 'git push',
    stderr: said,
    ...(/signed|signature/i.test(said) && !signs
      ? {
          next: 'The branch requires signed commits: set publish.signingKey to an SSH key that is a signing key of the author’s account.',
        }
      : {}),
  });
}

function networkFailed(host: string, command: string, stderr: string): UnderstudyError {
  const next = /Authentication failed|could not read Username|Permission denied|denied to|403/.test(stderr)
    ? 'Check that the deploy key (with write access) or the token may write to the repository.'
    : /not found|does not appear to be a git repository/i.test(stderr)
      ? 'Check publish.repository.'
      : undefined;
  return new UnderstudyError('PUBLISH_FAILED', `${command} failed.`, {
    host,
    command,
    stderr,
    next,
  });
}
