import { maskSecrets, shownLine, shownText } from '../../errors/index.js';
import { colourText } from './colour.js';
import { wrapLines } from './wrap-text.js';

/** Where people read. On a terminal the last line may be transient (progress); in a log every line stays. */
export interface Console {
  /** One line: a line break in it is shown as `\\n`, so that no name can look like a line of Understudy. */
  line(text: string): void;
  /** Several lines that a renderer of Understudy has put together. */
  block(text: string): void;
  /** A line about how the work goes on, which `--quiet` leaves out. */
  note(text: string): void;
  /** Replaced by the next line; in a log it is an ordinary line. Left out by `--quiet`. */
  transient(text: string): void;
  /** What `--json` shows under `data`: merged over what was given before. */
  data(values: Readonly<Record<string, unknown>>): void;
  readonly terminal: boolean;
  /** Signs of a line; where nobody knows, as many as are read well in a log. */
  readonly columns: number;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const LOG_COLUMNS = 120;

export interface ConsoleStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ConsoleOptions {
  readonly colour?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly onData?: Console['data'];
}

export function createConsole(stream: ConsoleStream, options: ConsoleOptions = {}): Console {
  const { colour = false, quiet = false, verbose = false, onData = () => undefined } = options;
  const terminal = stream.isTTY === true;
  // Marks are coloured after everything that came from elsewhere was masked.
  const dressed = (text: string): string => (colour ? colourText(text) : text);
  let open = false;
  const clear = (): string => (open ? '\r\u001b[K' : '');
  const columns = terminal ? Math.max(40, stream.columns || LOG_COLUMNS) : LOG_COLUMNS;
  // A log stays as it is: anyone who searches it wants whole lines.
  const fitted = (text: string): string => (terminal ? wrapLines(text, columns) : text);
  const print = (text: string): void => {
    stream.write(`${clear()}${dressed(fitted(text))}\n`);
    open = false;
  };
  const line = (text: string): void => {
    print(shownLine(maskSecrets(text)));
  };
  return {
    terminal,
    columns,
    quiet,
    verbose,
    line,
    block: (text) => {
      print(shownText(maskSecrets(text)));
    },
    note: quiet ? () => undefined : line,
    transient(text) {
      if (quiet) return;
      const shown = shownLine(maskSecrets(text));
      if (!terminal) {
        stream.write(`${dressed(shown)}\n`);
        return;
      }
      stream.write(`${clear()}${dressed(shown.slice(0, Math.max(20, (stream.columns || 100) - 1)))}`);
      open = true;
    },
    data: onData,
  };
}
