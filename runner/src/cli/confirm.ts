import { createInterface } from 'node:readline/promises';
import { UnderstudyError } from '../errors/index.js';
import { type Call } from './define-command.js';
import { interruption } from './interruption.js';

/** A person sits there: both ends are a terminal, and the answer is not for a program. */
export const isAttended = ({ globals }: Pick<Call, 'globals'>): boolean =>
  process.stdin.isTTY === true && process.stdout.isTTY === true && !globals.json;

/** One question on the terminal. @throws INTERRUPTED */
export async function askLine(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C belongs to readline while it reads, Ctrl-D ends the input.
  const ended = new AbortController();
  terminal.once('SIGINT', () => {
    ended.abort();
  });
  terminal.once('close', () => {
    ended.abort();
  });
  try {
    return (
      await terminal.question(question, { signal: AbortSignal.any([ended.signal, interruption()]) })
    ).trim();
  } catch (cause) {
    throw new UnderstudyError('INTERRUPTED', 'The question was not answered; nothing was changed.', {
      cause,
    });
  } finally {
    terminal.close();
  }
}

/**
 * Asks before something is replaced that people rely on, where a person is at the terminal. Elsewhere (Jenkins, cron, a
 * pipe) nobody could answer: the command line was the decision.
 * @throws INTERRUPTED when the answer is not yes
 */
export async function confirm(call: Pick<Call, 'globals' | 'flags'>, question: string): Promise<void> {
  if (call.flags.yes === true || !isAttended(call)) return;
  const answer = await askLine(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer))
    throw new UnderstudyError('INTERRUPTED', 'Not confirmed; nothing was changed.', {
      next: 'Answer y, or give --yes to skip the question.',
    });
}
