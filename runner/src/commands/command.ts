/** A command as values. `effect` is what the connections check: one to production in a sync takes no `write`. */
export type Effect =
  /** Changes nothing on the host that runs it. */
  | 'read'
  /** Production's three writing verbs; `writesTo` must lie in production's own work folder. */
  | 'create-backup'
  | 'remove-own-backup'
  | 'own-file'
  /** Anything else. */
  | 'write';

export interface Command<E extends Effect = Effect> {
  readonly effect: E;
  /** argv[0] is the program. No element is shell text unless argv[0] is `sh`. */
  readonly argv: readonly [string, ...string[]];
  /** Environment for the program. Never a secret: `ps e` shows it. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** The one folder a production verb writes to; the connection refuses any other. */
  readonly writesTo?: string | undefined;
}

export type ReadCommand = Command<'read'>;
export type ProductionCommand = Command<'read' | 'create-backup' | 'remove-own-backup' | 'own-file'>;

export const readCommand = (...argv: [string, ...string[]]): ReadCommand => ({ effect: 'read', argv });
export const writeCommand = (...argv: [string, ...string[]]): Command<'write'> => ({ effect: 'write', argv });

/** The words that start a script: see {@link shellScript}. */
export const scriptWords = (text: string, ...args: readonly string[]): [string, ...string[]] => [
  'sh',
  '-c',
  text,
  'understudy',
  ...args,
];

/** A POSIX sh script. `text` is a constant of Understudy: values travel as `$1`, `$2` …, never inside the text. */
export function shellScript<E extends Effect>(
  effect: E,
  text: string,
  args: readonly string[] = [],
  writesTo?: string,
): Command<E> {
  return {
    effect,
    argv: scriptWords(text, ...args),
    writesTo,
  };
}
