import { type Command } from 'commander';
import { asUsageError, createProgram } from '../../../src/cli/program.js';

/** The words of a shell line: quotes are taken off, a redirection ends it. */
const wordsOf = (line: string): string[] =>
  (line.split(/ [>|] /)[0] ?? '')
    .match(/"[^"]*"|'[^']*'|\S+/g)
    ?.map((word) => word.replace(/^["']|["']$/g, '')) ?? [];

/** What the command line says where a sentence names a command or an option without what belongs to it. */
const STOPS_SHORT =
  /^(?:[Rr]equired option|Missing required argument|Option '.*' argument missing|No command was given).*/;

/** As {@link parses}, for a command in a sentence: it may stop before what the command needs. */
export const parsesSoFar = (line: string): string => parses(line).replace(STOPS_SHORT, '');

/**
 * What the real command line says against a line of Understudy (without `understudy`); '' when it takes it. Nothing is run.
 * Placeholders such as `<site>` and `…` stand for words.
 */
export function parses(line: string): string {
  const program = createProgram();
  for (const command of program.commands) command.action(() => undefined);
  try {
    (program as Command).parse(['node', 'understudy', ...wordsOf(line)]);
    return '';
  } catch (error) {
    const problem = asUsageError(error);
    return problem instanceof Error ? problem.message : '';
  }
}
