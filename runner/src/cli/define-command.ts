import type { Option } from 'commander';
import type { Console } from '../report/terminal/console.js';
import type { Outcome } from '../run/result.js';
import type { Reply } from './reply.js';

/** In the order of the help. */
export const GROUPS = [
  'Every day',
  'To begin',
  'To look',
  'To repair',
  'Maintenance',
  'Jenkins',
  'Tools',
] as const;

/** What `--help`, `docs/commands.md`, shell completion and the parser are made from. One per file beside this one. */
export interface CommandDefinition<Flags extends object = object> {
  readonly name: string;
  readonly group: (typeof GROUPS)[number];
  /** One sentence without a full stop. */
  readonly summary: string;
  readonly words?: readonly WordDefinition[];
  /** Of its own; the common ones are in program.ts. */
  readonly options?: readonly Option[];
  readonly examples: readonly Example[];
  /** It replaces what somebody relies on: on a terminal a person is asked first. Adds `--yes`. */
  readonly asks?: true;
  /** Keys of `data` in its `--json`, for the documentation. Without it the command has the common part alone. */
  readonly data?: Readonly<Record<string, string>>;
  /** What it writes to stdout is not for people: there is no `--json` envelope. */
  readonly writesStdout?: true;
  run(call: Call<Flags>): Promise<Outcome | undefined>;
}

/** A command line word that is no option. */
export interface WordDefinition {
  readonly name: string;
  readonly about: string;
  readonly required?: true;
  readonly several?: true;
  /** What shell completion offers. */
  readonly completes?: 'site' | readonly string[];
}

interface Example {
  /** Without `understudy`. */
  readonly words: string;
  readonly about: string;
}

export interface GlobalFlags {
  readonly sites: string;
  readonly workspace: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

export interface Call<Flags extends object = object> {
  readonly name: string;
  readonly words: readonly string[];
  readonly flags: Flags & { readonly yes?: true };
  readonly globals: GlobalFlags;
  readonly console: Console;
  readonly reply: Reply;
}

/** Keeps the type of the flags while the definition is written. */
export const defineCommand = <Flags extends object = object>(
  definition: CommandDefinition<Flags>,
): CommandDefinition<Flags> => definition;

export const SITE_WORD: WordDefinition = { name: 'site', about: 'name of the site', completes: 'site' };
