import { type EscapeDialect } from '../encoding/escape-dialect.js';

const BACKSLASH = 0x5c;
const SINGLE = 0x27;

/** What `\x` stands for in MySQL; every other letter stands for itself (manual, 11.1.1 "String Literals"). */
const CONTROLS = new Map([
  [0x30, 0],
  [0x62, 8],
  [0x6e, 10],
  [0x72, 13],
  [0x74, 9],
  [0x5a, 26],
]);
/** The byte that each letter stands for behind a backslash. */
export const MEANINGS = Uint8Array.from({ length: 256 }, (_, letter) => CONTROLS.get(letter) ?? letter);
const WRITTEN = new Map([
  [0, '\\0'],
  [10, '\\n'],
  [13, '\\r'],
  [26, '\\Z'],
  [BACKSLASH, '\\\\'],
]);

/** Whether a text may have to be written with escapes. */
export function needsEscape(text: Buffer): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = text[i] as number;
    if (byte <= 0x27 || byte === BACKSLASH) return true;
  }
  return false;
}

/** The inside of a quoted literal. @param hasBackslashEscapes false under `sql_mode=NO_BACKSLASH_ESCAPES` */
export function sqlDialect(quote: number, hasBackslashEscapes: boolean): EscapeDialect {
  return {
    next(raw, at) {
      let found = at;
      while (found < raw.length) {
        const byte = raw[found] as number;
        if (byte === quote || (hasBackslashEscapes && byte === BACKSLASH)) return found;
        found++;
      }
      return found;
    },
    read(raw, at, out) {
      if (raw[at] === quote) return out.set(raw[at + 1] === quote ? 2 : 1, quote);
      const letter = raw[at + 1];
      if (letter === undefined) return out.set(1, BACKSLASH);
      // `\%` and `\_` keep their backslash outside of patterns.
      if (letter === 0x25 || letter === 0x5f) return out.set(1, BACKSLASH);
      out.set(2, CONTROLS.get(letter) ?? letter);
    },
    encode(text) {
      const written = text.toString('latin1').replace(/[\x00\n\r\x1a\\"']/g, (letter) => {
        const code = letter.charCodeAt(0);
        if (code === quote) return hasBackslashEscapes ? `\\${letter}` : letter + letter;
        if (!hasBackslashEscapes) return letter;
        return code === SINGLE ? `\\'` : (WRITTEN.get(code) ?? letter);
      });
      return Buffer.from(written, 'latin1');
    },
  };
}
