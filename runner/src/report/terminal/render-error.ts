import { shownLine, UnderstudyError } from '../../errors/index.js';

/** An error as people see it, last in the log: what, where, the last lines, what to do next. */
export function renderError(error: unknown): string {
  if (!(error instanceof UnderstudyError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `BUG: ${text}\nNext: this is a bug of Understudy; please report it with the lines above.`;
  }
  const lines = [`${error.code}: ${error.message}`];
  if (error.details.length > 0)
    lines.push(...error.details.map((detail) => `  ${detail.replaceAll('\n', '\n  ')}`));
  if (error.host !== undefined) lines.push(`Host: ${shownLine(error.host)}`);
  if (error.command !== undefined && !error.message.includes(error.command))
    lines.push(`Command: ${shownLine(firstLine(error.command))}`);
  if (error.stderr !== undefined && error.stderr.trim() !== '') {
    lines.push('Last lines of stderr:', ...error.stderr.split('\n').map((line) => `  | ${line}`));
  }
  lines.push(`Next: ${error.next.replaceAll('\n', '\n  ')}`);
  return lines.join('\n');
}

const firstLine = (text: string): string => {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};
