import { type EscapeDialect, type EscapeStep } from './escape-dialect.js';

const BACKSLASH = 0x5c;
const hexAt = (raw: Buffer, at: number, length: number): number => {
  const digits = raw.toString('latin1', at, at + length);
  return digits.length === length && /^[0-9a-fA-F]+$/.test(digits) ? Number.parseInt(digits, 16) : -1;
};
const backslash = (raw: Buffer, at: number): number => {
  const found = raw.indexOf(BACKSLASH, at);
  return found < 0 ? raw.length : found;
};

const JSON_CONTROLS = new Map([
  [0x6e, 10],
  [0x72, 13],
  [0x74, 9],
  [0x62, 8],
  [0x66, 12],
  [0x30, 0],
]);

function readUnicode(raw: Buffer, at: number, out: EscapeStep): void {
  const unit = hexAt(raw, at + 2, 4);
  if (unit < 0) return out.set(2, 0x75);
  let length = 6;
  let point = unit;
  if (unit >= 0xd800 && unit < 0xdc00 && raw[at + 6] === BACKSLASH && raw[at + 7] === 0x75) {
    const low = hexAt(raw, at + 8, 4);
    if (low >= 0xdc00 && low < 0xe000) {
      point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      length = 12;
    }
  }
  out.rawLength = length;
  out.length = out.bytes.write(String.fromCodePoint(point));
}

/** How slashes are written in a piece of JSON: its own first slash tells, else the text before it. */
function slashStyle(old: Buffer, before: Buffer): string {
  for (const piece of [old.toString('latin1'), before.toString('latin1')]) {
    const found = /\\u002[fF]|\\\/|\//.exec(piece);
    if (found !== null) return found[0];
  }
  return '/';
}

/** The inside of a JSON string; also PHP's `addslashes`. */
export const jsonDialect: EscapeDialect = {
  next: backslash,
  read(raw, at, out) {
    const letter = raw[at + 1];
    if (letter === undefined) return out.set(1, BACKSLASH);
    if (letter === 0x75) return readUnicode(raw, at, out);
    out.set(2, JSON_CONTROLS.get(letter) ?? letter);
  },
  encode(text, old, before) {
    const style = slashStyle(old, before);
    const quote = old.includes('\\u0022') ? '\\u0022' : '\\"';
    const written = text.toString('latin1').replace(/[\\"/]/g, (letter) => {
      if (letter === '/') return style;
      return letter === '"' ? quote : '\\\\';
    });
    return Buffer.from(written, 'latin1');
  },
};

/** The inside of PHP's `S:` strings. */
export const phpEscapedDialect: EscapeDialect = {
  next: backslash,
  read(raw, at, out) {
    const code = hexAt(raw, at + 1, 2);
    if (code < 0) out.set(1, BACKSLASH);
    else out.set(3, code);
  },
  encode: (text) =>
    Buffer.from(
      text
        .toString('latin1')
        .replace(
          /[^\x20-\x5b\x5d-\x7e]/g,
          (letter) => `\\${letter.charCodeAt(0).toString(16).padStart(2, '0')}`,
        ),
      'latin1',
    ),
};
