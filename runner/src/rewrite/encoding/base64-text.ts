const EQUALS = 0x3d;
const PERCENT = 0x25;

const isBase64 = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x2f && code <= 0x39) ||
  code === 0x2b ||
  code === 0x2d ||
  code === 0x5f;

/** Base64 in a text, in either alphabet (RFC 4648, 4 and 5), with or without padding. */
export interface Base64Text {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly decoded: Buffer;
  /** Whether nothing of base64's alphabet stands beside it, so that it can be written anew. */
  readonly isWhole: boolean;
}

/** What stands around `at`; a group of four starts at `group`. Letters before the first whole one belong elsewhere. */
export function base64Around(
  bytes: Buffer,
  at: number,
  group: number,
  low: number,
  high: number,
): Base64Text | undefined {
  let first = at;
  let end = at;
  while (first > low && isBase64(bytes[first - 1] as number)) first--;
  while (end < high && isBase64(bytes[end] as number)) end++;
  if (group < first) return undefined;
  const start = group - Math.floor((group - first) / 4) * 4;
  const rest = (end - start) % 4;
  // A last group of one letter, or of letters that leave bits over, is not base64's.
  if (rest !== 0 && !isExact(bytes.toString('latin1', end - rest, end))) end -= rest;
  const isWhole =
    (start === first || bytes[start - 3] === PERCENT) && !(end < high && isBase64(bytes[end] as number));
  while (end < high && bytes[end] === EQUALS) end++;
  const text = bytes.toString('latin1', start, end);
  const decoded = Buffer.from(text, 'base64');
  return decoded.length < 4 ? undefined : { start, end, text, decoded, isWhole };
}

function isExact(group: string): boolean {
  const plain = group.replace(/-/g, '+').replace(/_/g, '/');
  return Buffer.from(plain, 'base64').toString('base64').replace(/=+$/, '') === plain;
}

/** Base64 of `bytes`, in the alphabet and with the padding of `text`. */
export function encodedLike(text: string, bytes: Buffer): string {
  const written = bytes.toString(/[-_]/.test(text) ? 'base64url' : 'base64');
  return text.endsWith('=') || text.length % 4 === 0 ? written : written.replace(/=+$/, '');
}
