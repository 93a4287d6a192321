import { randomBytes } from 'node:crypto';
import { type Command } from '../../commands/command.js';
import { quoteWords } from '../../commands/quote.js';
import { endJobWords, supervised } from '../../commands/ssh.js';
import { UnderstudyError } from '../../errors/index.js';
import { type CommandResult, type RunOptions } from '../host.js';
import { deferred, within } from '../deferred.js';
import { feedStdin, OutputCollector } from './process-streams.js';
import { shellRefused } from './shell-refused.js';
import { type ProcessEnd, type RemoteProcess, type Transport } from './transport.js';

/** How long the runner waits beyond the limit that the host itself enforces. */
const GRACE_SECONDS = 30;
/** How long a session on the host may take to open: others may have to end before it. */
const START_SECONDS = 120;
/** What a start that nobody waits for any more ends with does not matter. */
const ignoreLate = (): void => undefined;
/** A connection that has not answered an abort for so long may be dead; a new one is tried beside it. */
const FRESH_AFTER_MS = 3000;
/** setTimeout takes no more milliseconds than a signed 32-bit number holds: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** TERM, then this long until KILL, when a run is aborted. */
const ABORT_GRACE_SECONDS = 5;

type Stop = { readonly why: 'aborted' | 'timed-out' | 'failed'; readonly cause?: unknown };

/** Runs one command. Whatever way it ends (time-out, abort, broken stream), its process group ends with it. */
export async function runCommand(
  transport: Transport,
  command: Command,
  options: RunOptions = {},
): Promise<CommandResult> {
  const text = options.label ?? commandText(command);
  if (options.signal?.aborted) throw new UnderstudyError('INTERRUPTED', undefined, { host: transport.label });
  const running = new RunningCommand(transport, command, options, text);
  const end = await running.finish();
  const result: CommandResult = {
    code: exitCode(end),
    stdout: running.output.stdout(),
    stderr: running.output.stderr(),
  };
  running.throwIfStopped(result);
  if (end.shellSaid !== undefined) throw shellRefused(transport.label, end.shellSaid, result.code);
  if (end.lost || (end.code === null && end.signal === null))
    throw connectionLost(transport.label, text, result.stderr, end.lost);
  const ok = options.allowedExitCodes ?? [0];
  if (ok !== 'any' && !ok.includes(result.code)) throw commandFailed(transport.label, text, result);
  return result;
}

/** The command as a person would type it; a script of Understudy by its first line. */
export const commandText = (command: Command): string =>
  quoteWords([...environmentOf(command), ...command.argv]);

const environmentOf = ({ environment = {} }: Command): string[] =>
  Object.entries(environment).map(([name, value]) => `${name}=${value}`);

export function commandWords(command: Command): string[] {
  const environment = environmentOf(command);
  return environment.length > 0 ? ['env', ...environment, ...command.argv] : [...command.argv];
}

class RunningCommand {
  readonly output: OutputCollector;
  readonly #mark = `understudy-${randomBytes(9).toString('hex')}`;
  readonly #limit: number;
  readonly #pidKnown = deferred<{ pid: number; start: string }>();
  readonly #stopped = deferred<Stop>();
  #stop: Stop | undefined;

  constructor(
    readonly transport: Transport,
    readonly command: Command,
    readonly options: RunOptions,
    readonly text: string,
  ) {
    this.#limit = options.timeoutSeconds ?? 60;
    this.output = new OutputCollector(this.#mark, options, (line) => {
      this.#onMark(line);
    });
  }

  /** Starts, feeds, reads and waits; ends what is left when something stops it. */
  async finish(): Promise<ProcessEnd> {
    const onAbort = (): void => {
      this.stop({ why: 'aborted' });
    };
    this.options.signal?.addEventListener('abort', onAbort, { once: true });
    let timer: NodeJS.Timeout | undefined;
    try {
      const limit = (seconds: number): void => {
        clearTimeout(timer);
        if (this.#limit > 0)
          timer = setTimeout(
            () => {
              this.stop({ why: 'timed-out' });
            },
            Math.min(seconds * 1000, LONGEST_TIMER),
          );
      };
      // A host that accepts connections and opens no session would be waited for without end.
      limit(Math.max(this.#limit + GRACE_SECONDS, START_SECONDS));
      const starting = this.#start();
      const process = await Promise.race([starting, this.#stopped.promise]);
      if ('why' in process) {
        void starting.then((late) => {
          late.close();
        }, ignoreLate);
        return { code: null, signal: 'SIGTERM' };
      }
      limit(this.#limit + GRACE_SECONDS);
      const done = Promise.all([process.ended, this.#stream(process)]).then(([end]) => end);
      const first = await Promise.race([done, this.#stopped.promise]);
      if (!('why' in first)) return first;
      await this.#endOnHost(process);
      process.close();
      return { code: null, signal: 'SIGTERM' };
    } finally {
      clearTimeout(timer);
      this.options.signal?.removeEventListener('abort', onAbort);
    }
  }

  stop(stop: Stop): void {
    this.#stop ??= stop;
    this.#stopped.resolve(this.#stop);
  }

  throwIfStopped(result: CommandResult): void {
    const details = { host: this.transport.label, command: this.text, stderr: result.stderr };
    switch (this.#stop?.why) {
      case undefined:
        return;
      case 'aborted':
        throw new UnderstudyError('INTERRUPTED', undefined, details);
      case 'timed-out':
        throw new UnderstudyError(
          'COMMAND_TIMED_OUT',
          `${firstLine(this.text)} was ended after ${String(this.#limit)} s.`,
          details,
        );
      case 'failed':
        throw this.#stop.cause instanceof UnderstudyError
          ? this.#stop.cause
          : new UnderstudyError(
              'COMMAND_FAILED',
              `${firstLine(this.text)} was ended because its input or output broke off: ${String(this.#stop.cause)}.`,
              { ...details, cause: this.#stop.cause },
            );
    }
  }

  async #start(): Promise<RemoteProcess> {
    const { job, signal, longLived } = this.options;
    const words = supervised(commandWords(this.command), {
      timeoutSeconds: this.#limit,
      pidFile: job ? `${job.folder}/jobs/${job.name}.pid` : '',
      mark: this.#mark,
    });
    return this.transport.start(words, { signal, ...(longLived === undefined ? {} : { longLived }) });
  }

  async #stream(process: RemoteProcess): Promise<void> {
    try {
      await Promise.all([
        feedStdin(process.stdin, this.options.stdin, process.ended),
        this.output.read(process),
      ]);
    } catch (cause) {
      // A lost connection breaks the streams too; that is told better by its own error.
      if ((await within(1000, process.ended))?.lost) return;
      this.stop({ why: 'failed', cause });
      // `finish` acts on the stop; this promise must not win the race against it.
      await new Promise(() => undefined);
    }
  }

  #onMark(line: string): void {
    const [kind, pid, start] = line.split(' ');
    if (kind === 'pid') this.#pidKnown.resolve({ pid: Number(pid), start: start ?? '0' });
    // The group is gone already; the exit code comes in a moment.
    if (kind === 'timeout') this.#stop ??= { why: 'timed-out' };
  }

  /** Ends the process group through another channel, and when that does not answer, another connection. */
  async #endOnHost(process: RemoteProcess): Promise<void> {
    // A command that ended before it could be told who it was needs no ending.
    const known = await within(
      5000,
      Promise.race([this.#pidKnown.promise, process.ended.then(() => undefined)]),
    );
    if (known === undefined) return;
    const usual = this.#sendEnd(known, false);
    if (!(await within(FRESH_AFTER_MS, usual)))
      await within(20_000, firstTrue([usual, this.#sendEnd(known, true)]));
    await within(1000, process.ended);
  }

  async #sendEnd(known: { pid: number; start: string }, fresh: boolean): Promise<boolean> {
    try {
      const process = await this.transport.start(endJobWords(known.pid, known.start, ABORT_GRACE_SECONDS), {
        fresh,
        urgent: true,
      });
      process.stdin.end();
      process.stdout.resume();
      process.stderr.resume();
      const end = await process.ended;
      return end.code === 0;
    } catch {
      return false;
    }
  }
}

/** True as soon as one of them is true; false when none is. */
const firstTrue = (answers: readonly Promise<boolean>[]): Promise<boolean> =>
  Promise.any(
    answers.map(async (answer) => {
      if (!(await answer)) throw new Error('no');
      return true;
    }),
  ).catch(() => false);

const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};
const exitCode = (end: ProcessEnd): number => end.code ?? 128 + (SIGNALS[end.signal ?? ''] ?? 0);

const firstLine = (text: string): string => {
  const line = text.split('\n')[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
};

function commandFailed(host: string, text: string, result: CommandResult): UnderstudyError {
  const how =
    result.code === 127
      ? 'was not found (exit code 127)'
      : result.code > 128 && result.code < 160
        ? `was ended by signal ${String(result.code - 128)}`
        : `ended with exit code ${String(result.code)}`;
  return new UnderstudyError('COMMAND_FAILED', `${firstLine(text)} ${how}.`, {
    host,
    command: text,
    stderr: result.stderr,
  });
}

function connectionLost(
  host: string,
  text: string,
  stderr: string,
  cause: Error | undefined,
): UnderstudyError {
  return new UnderstudyError(
    'CONNECTION_LOST',
    `The connection to ${host} was lost before ${firstLine(text)} finished${cause ? ` (${cause.message})` : ''}.`,
    { host, command: text, stderr, cause },
  );
}
