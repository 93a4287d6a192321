import { SerializedParser } from './serialized/serialized-parser.js';

interface TextKey {
  readonly start: number;
  readonly end: number;
}

const HEAD = /s:7:"choices";a:(\d{1,6}):\{/g;
const KEY = /s:(\d{1,7}):"|i:-?\d+;/y;

/**
 * Lists of choices in a serialized value: Advanced Custom Fields keeps what can be chosen as
 * `choices => [value => label]`, and the values that were chosen as plain texts elsewhere, so that these keys are
 * addresses as much as those are.
 * @returns the text keys of each list
 */
export function choiceLists(bytes: Buffer): TextKey[][] {
  if (!bytes.includes('s:7:"choices";a:')) return [];
  const source = bytes.toString('latin1');
  return [...source.matchAll(HEAD)].map((head) =>
    keysOf(bytes, source, head.index + head[0].length, Number(head[1])),
  );
}

function keysOf(bytes: Buffer, source: string, from: number, count: number): TextKey[] {
  const parser = new SerializedParser();
  const keys: TextKey[] = [];
  let at = from;
  for (let index = 0; index < count; index += 1) {
    KEY.lastIndex = at;
    const found = KEY.exec(source);
    if (found === null) return [];
    const start = at + found[0].length;
    const end = found[1] === undefined ? start : start + Number(found[1]);
    if (found[1] !== undefined) keys.push({ start, end });
    if (!parser.parse(bytes, found[1] === undefined ? end : end + 2, bytes.length)) return [];
    at = parser.end;
  }
  return keys;
}
