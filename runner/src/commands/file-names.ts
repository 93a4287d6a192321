/**
 * Names of files are bytes on the hosts and text here. Bytes that are no UTF-8 become lone surrogates, U+DC80 to U+DCFF, which
 * no valid name holds, so that every name comes back as the bytes that it was (PEP 383 does the same). JSON keeps them.
 */
export function fileNameOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  // U+FFFD may be in the name itself; else it stands for something that was lost.
  if (!text.includes('\ufffd') || Buffer.from(text).equals(bytes)) return text;
  let name = '';
  for (let at = 0; at < bytes.length;) {
    const length = validLength(bytes, at);
    name +=
      length === 0
        ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
        : bytes.subarray(at, at + length).toString('utf8');
    at += Math.max(length, 1);
  }
  return name;
}

/** Bytes of the character that begins here; 0 where none does. */
function validLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const part = bytes.subarray(at, at + length);
  return part.length === length && Buffer.from(part.toString('utf8')).equals(part) ? length : 0;
}

/** The bytes of a name that {@link fileNameOf} gave; of names that never were bytes, UTF-8. */
export function bytesOfName(name: string): Buffer {
  if (isPlainName(name)) return Buffer.from(name);
  const parts: Buffer[] = [];
  let from = 0;
  for (const { 0: found, index } of name.matchAll(/\p{Surrogate}/gu)) {
    parts.push(Buffer.from(name.slice(from, index)), Buffer.from([found.charCodeAt(0) - 0xdc00]));
    from = index + 1;
  }
  return Buffer.concat([...parts, Buffer.from(name.slice(from))]);
}

/** Whether the name is text: it can stand in an argument and in a message as it is. */
export const isPlainName = (name: string): boolean => !/\p{Surrogate}/u.test(name);

/** Names each ended by NUL, as xargs -0, rsync --from0 and git -z take them. */
export const nulList = (names: readonly string[]): Buffer =>
  Buffer.concat(names.map((name) => bytesOfName(`${name}\0`)));

/** What such a list was. */
export const namesIn = (list: Buffer): string[] =>
  fileNameOf(list)
    .split('\0')
    .filter((name) => name !== '');
