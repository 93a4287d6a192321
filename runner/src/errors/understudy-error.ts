import { catalogue, type ErrorCode } from './catalogue.js';
import { type ExitCode, EXIT } from './exit-codes.js';
import { maskSecrets } from './masking.js';
import { shownLine, shownText } from './shown-text.js';

export interface ErrorDetails {
  /** Where it happened, as a person names the host: `production application (deploy@app.acme.net)`. */
  readonly host?: string | undefined;
  /** The command as text; masked here. */
  readonly command?: string | undefined;
  /** The last lines that the command wrote to stderr; masked here. */
  readonly stderr?: string | undefined;
  /** What to do next; replaces the catalogue's general advice. */
  readonly next?: string | undefined;
  /** Lines shown below the sentence: one per problem, table, file … */
  readonly details?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** An error that a user can act on. Anything else that is thrown is a bug in Understudy. */
export class UnderstudyError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: ExitCode;
  readonly host: string | undefined;
  readonly command: string | undefined;
  readonly stderr: string | undefined;
  readonly details: readonly string[];
  #next: string;

  /** @param sentence one sentence with the details of the case; without it the catalogue's title is used. */
  constructor(code: ErrorCode, sentence?: string, details: ErrorDetails = {}) {
    super(shownLine(maskSecrets(sentence ?? catalogue[code].title)), { cause: details.cause });
    this.name = 'UnderstudyError';
    this.code = code;
    this.exitCode = catalogue[code].exit;
    this.host = details.host;
    this.command = details.command === undefined ? undefined : maskSecrets(details.command);
    this.stderr =
      details.stderr === undefined ? undefined : lastLines(shownText(maskSecrets(details.stderr)), 20);
    this.#next = shownText(maskSecrets(details.next ?? catalogue[code].next));
    this.details = (details.details ?? []).map((detail) => shownText(maskSecrets(detail)));
  }

  /** What a person does next. */
  get next(): string {
    return this.#next;
  }

  /** The commands in the advice name this site from now on: they can be pasted. */
  about(site: string): this {
    this.#next = nameSite(this.#next, site);
    return this;
  }
}

/** Advice of the catalogue says `<site>`. */
export const nameSite = (text: string, site: string): string => text.replaceAll('<site>', site);

/** The last `count` lines, each cut at 500 characters: enough to see what failed, too little to leak a table. */
export function lastLines(text: string, count: number): string {
  return text
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => (line.length > 500 ? `${line.slice(0, 500)}…` : line))
    .join('\n');
}

/**
 * What a command ends with when a signal came before this was thrown: exit code 130, with what the error says. Only a
 * state that needs repair, and a lost lock, stay errors of their own.
 */
export function asInterrupted(error: unknown): unknown {
  if (!(error instanceof UnderstudyError))
    return new UnderstudyError('INTERRUPTED', undefined, { cause: error });
  const { code, exitCode } = error;
  if (code === 'INTERRUPTED' || code === 'LOCK_LOST' || exitCode === EXIT.needsRepair) return error;
  const { message, details, next } = error;
  return new UnderstudyError('INTERRUPTED', `Interrupted. ${message}`, { details, next, cause: error });
}

/** The sentence of whatever was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
