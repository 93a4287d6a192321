import { maskSecrets, shownLine, shownText } from '../errors/index.js';

/** Where people read. On a terminal the last line may be transient (progress); in a log every line stays. */
export interface Console {
  /** One line: a line break in it is shown as `\\n`, so that no name can look like a line of ours. */
  line(text: string): void;
  /** Several lines that a renderer of ours has put together. */
  block(text: string): void;
  /** Replaced by the next line; in a log it is an ordinary line. */
  transient(text: string): void;
  readonly terminal: boolean;
}

export interface ConsoleStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export function createConsole(stream: ConsoleStream): Console {
  const terminal = stream.isTTY === true;
  let open = false;
  const clear = (): string => (open ? '\r\u001b[K' : '');
  const print = (text: string): void => {
    stream.write(`${clear()}${text}\n`);
    open = false;
  };
  return {
    terminal,
    line: (text) => {
      print(shownLine(maskSecrets(text)));
    },
    block: (text) => {
      print(shownText(maskSecrets(text)));
    },
    transient(text) {
      const shown = shownLine(maskSecrets(text));
      if (!terminal) {
        stream.write(`${shown}\n`);
        return;
      }
      stream.write(`${clear()}${shown.slice(0, Math.max(20, (stream.columns ?? 100) - 1))}`);
      open = true;
    },
  };
}
