import { decodeEscapes, type EscapeDialect } from './escape-dialect.js';
import { SerializedParser } from '../serialized/serialized-parser.js';
import { textDialects, type TextEncoding } from './text-encodings.js';

const BACKSLASH = 0x5c;
/** Encodings that may leave a quote as it is. */
const PARTIAL_ENCODINGS: readonly TextEncoding[] = ['html', 'url', 'quotedPrintable', 'json'];
/** Whether `\.` or `\-` stands at `at`: in JSON a dot needs no backslash. */
export const isRegex = (bytes: Buffer, at: number): boolean =>
  bytes[at] === BACKSLASH && (bytes[at + 1] === 0x2e || bytes[at + 1] === 0x2d);
const MAX_PARTIAL = 3;

/** The encoding to remove first, so that a serialized value becomes whole; at most `depth` of them. */
export function outerEncoding(raw: Buffer, depth = MAX_PARTIAL): TextEncoding | undefined {
  const reader = new SerializedParser();
  return PARTIAL_ENCODINGS.find((encoding) => {
    const decoded = decodeEscapes(raw, textDialects[encoding]);
    if (decoded.length === raw.length) return false;
    return (
      reader.parse(decoded, 0, decoded.length) ||
      (depth > 1 && outerEncoding(decoded, depth - 1) !== undefined)
    );
  });
}

const WINDOW_BEFORE = 96;
const WINDOW_AFTER = 160;
const MAX_TRIES = 200;

/** The encoding to remove first so that one of `hosts` (ASCII, lower case) shows near `at`; undefined: none shows. */
export function encodingNear(bytes: Buffer, at: number, hosts: readonly string[]): TextEncoding | undefined {
  const window = bytes.subarray(Math.max(0, at - WINDOW_BEFORE), at + WINDOW_AFTER);
  const seen = new Set<string>();
  const queue: { readonly text: Buffer; readonly first?: TextEncoding }[] = [{ text: window }];
  for (let next = queue.shift(); next !== undefined && seen.size < MAX_TRIES; next = queue.shift()) {
    const text = next.text.toString('latin1').toLowerCase();
    if (seen.has(text)) continue;
    seen.add(text);
    if (next.first !== undefined && hosts.some((host) => text.includes(host))) return next.first;
    for (const [encoding, dialect] of Object.entries(textDialects) as [TextEncoding, EscapeDialect][]) {
      const decoded = decodeEscapes(next.text, dialect);
      if (decoded.length < next.text.length) queue.push({ text: decoded, first: next.first ?? encoding });
    }
  }
  return undefined;
}
