/**
 * Whether bytes are exactly one PHP-serialized value. Written apart from the rewriter's own reader, with PHP's
 * grammar as its only source (php-src, ext/standard/var_unserializer.re), so that a proof does not trust the code
 * that it proves.
 */
export function isValidSerialized(bytes: Buffer): boolean {
  const last = bytes[bytes.length - 1];
  if (bytes.length < 2 || (last !== 0x3b && last !== 0x7d)) return false;
  const reader = new Reader(bytes);
  return reader.value() && reader.at === bytes.length;
}

const SCALAR = /(?:i:[+-]?\d+|b:[01]|d:(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NAN)|[rR]:\d+|N);/y;
const HEADER = /(?:([sS]):(\d+):"|a:(\d+):\{|([OEC]):(\d+):")/y;
const WINDOW = 512;

class Reader {
  at = 0;
  constructor(private readonly bytes: Buffer) {}

  /** One value and all below it; `pending` holds how many keys and values each open container still has. */
  value(): boolean {
    const pending: number[] = [];
    do {
      const isKey = pending.length > 0 && (pending[pending.length - 1] as number) % 2 === 0;
      if (pending.length > 0) pending[pending.length - 1] = (pending[pending.length - 1] as number) - 1;
      const children = this.#one(isKey);
      if (children === undefined) return false;
      if (children >= 0) pending.push(children * 2);
      while (pending.length > 0 && pending[pending.length - 1] === 0) {
        if (!this.#literal('}')) return false;
        pending.pop();
      }
    } while (pending.length > 0);
    return true;
  }

  /** Reads one token; the number of pairs that follow it, -1 for a scalar, undefined for nonsense. */
  #one(isKey: boolean): number | undefined {
    const window = this.bytes.toString('latin1', this.at, this.at + WINDOW);
    SCALAR.lastIndex = HEADER.lastIndex = 0;
    const scalar = SCALAR.exec(window);
    if (scalar !== null) {
      this.at += scalar[0].length;
      return isKey && !scalar[0].startsWith('i') ? undefined : -1;
    }
    const header = HEADER.exec(window);
    if (header === null) return undefined;
    this.at += header[0].length;
    const [, string, length, count, named, nameLength] = header;
    if (string !== undefined)
      return this.#content(string, Number(length)) && this.#literal('";') ? -1 : undefined;
    if (isKey) return undefined;
    if (count !== undefined) return Number(count);
    return this.#named(named ?? '', Number(nameLength));
  }

  #content(type: string, length: number): boolean {
    if (type === 's') this.at += length;
    else for (let left = length; left > 0; left--) this.at += this.bytes[this.at] === 0x5c ? 3 : 1;
    return this.at <= this.bytes.length;
  }

  #named(type: string, nameLength: number): number | undefined {
    this.at += nameLength;
    if (type === 'E') return this.#literal('";') ? -1 : undefined;
    const rest = /^":(\d+):\{/.exec(this.bytes.toString('latin1', this.at, this.at + 32));
    if (rest === null) return undefined;
    this.at += rest[0].length;
    if (type === 'O') return Number(rest[1]);
    this.at += Number(rest[1]);
    return this.#literal('}') ? -1 : undefined;
  }

  #literal(text: string): boolean {
    const found = this.bytes.toString('latin1', this.at, this.at + text.length) === text;
    this.at += text.length;
    return found;
  }
}
