import { maskDocument, maskValues } from '../errors/index.js';
import { type WrittenError } from '../report/events/event-log.js';
import { type CommandOutcome, exitCodeOf, type Outcome, writtenError } from '../run/result.js';

/** What `--json` prints: one document, whatever the command and however it ends. Fields are only ever added. */
export interface Envelope extends Pick<
  CommandOutcome,
  'version' | 'command' | 'site' | 'run' | 'exitCode' | 'summary'
> {
  readonly lines: readonly string[];
  /** What the command found, by its own keys: docs/commands.md. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly error?: WrittenError | undefined;
}

/** Gathers what the envelope needs while a command works. */
export class Reply {
  command = '';
  site = '';
  /** The command writes something else to stdout. */
  taken = false;
  outcome: Outcome | undefined;
  #data: Record<string, unknown> = {};

  readonly add = (values: Readonly<Record<string, unknown>>): void => {
    this.#data = { ...this.#data, ...values };
  };

  /** @param error what the command failed with; undefined: nothing */
  envelope(error: unknown): Envelope {
    const { run = '', summary = '', lines = [] } = this.outcome ?? {};
    const problem = error === undefined ? undefined : writtenError(error);
    return {
      version: 1,
      command: this.command,
      site: this.site,
      run,
      exitCode: error === undefined ? 0 : exitCodeOf(error),
      summary: problem?.message ?? summary,
      lines,
      data: this.#data,
      error: problem,
    };
  }

  /** One line, masked value by value. */
  render(error?: unknown): string {
    return `${maskDocument(JSON.stringify(maskValues(this.envelope(error))))}\n`;
  }
}
