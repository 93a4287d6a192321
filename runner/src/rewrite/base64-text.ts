const EQUALS = 0x3d;

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
}

/** What stands around `at`; undefined where it is not exactly what encoding its bytes gives. */
export function base64Around(bytes: Buffer, at: number, low: number, high: number): Base64Text | undefined {
  let start = at;
  let end = at;
  while (start > low && isBase64(bytes[start - 1] as number)) start--;
  while (end < high && isBase64(bytes[end] as number)) end++;
  while (end < high && bytes[end] === EQUALS) end++;
  const text = bytes.toString('latin1', start, end);
  const decoded = Buffer.from(text, 'base64');
  const plain = text.replace(/=+$/, '').replace(/-/g, '+').replace(/_/g, '/');
  const isExact = decoded.toString('base64').replace(/=+$/, '') === plain;
  return isExact ? { start, end, text, decoded } : undefined;
}

/** Base64 of `bytes`, in the alphabet and with the padding of `text`. */
export function encodedLike(text: string, bytes: Buffer): string {
  const written = bytes.toString(/[-_]/.test(text) ? 'base64url' : 'base64');
  return text.endsWith('=') || text.length % 4 === 0 ? written : written.replace(/=+$/, '');
}
