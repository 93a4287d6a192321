import { maskSecrets } from '../errors/index.js';

/** Where people read. On a terminal the last line may be transient (progress); in a log every line stays. */
export interface Console {
  line(text: string): void;
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
  return {
    terminal,
    line(text) {
      stream.write(`${clear()}${printable(maskSecrets(text))}\n`);
      open = false;
    },
    transient(text) {
      const shown = printable(maskSecrets(text));
      if (!terminal) {
        stream.write(`${shown}\n`);
        return;
      }
      stream.write(`${clear()}${shown.slice(0, Math.max(20, (stream.columns ?? 100) - 1))}`);
      open = true;
    },
  };
}

/** Control characters from file names or servers must not drive the terminal. Newlines and tabs stay. */
export const printable = (text: string): string =>
  // eslint has no-control-regex off: these bytes are the point.
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
