import { SerializedParser } from './serialized-parser.js';

/** What becomes of one key: its new text, and whether it is added where it is not there. */
export interface ArrayChange {
  readonly key: string;
  readonly value: string;
  readonly add: boolean;
}

const KEY = /s:(\d+):"|i:-?\d+;/y;
/** Texts, numbers, booleans and null: what has other values in it keeps its place in references. */
const isScalar = (text: string): boolean => /^[sidbN]/.test(text);

const text = (value: string): string => `s:${String(Buffer.byteLength(value))}:"${value}";`;

/** Changes texts at the top of a serialized PHP array. @returns undefined when it is something else */
export function changeSerializedArray(bytes: Buffer, changes: readonly ArrayChange[]): Buffer | undefined {
  const source = bytes.toString('latin1');
  const header = /^a:(\d+):\{/.exec(source);
  if (header === null) return undefined;
  const parser = new SerializedParser();
  const left = new Map(changes.map((change) => [change.key, change]));
  const parts: string[] = [];
  let at = header[0].length;
  for (let index = 0; index < Number(header[1]); index += 1) {
    KEY.lastIndex = at;
    const found = KEY.exec(source);
    if (found === null) return undefined;
    const start = at + found[0].length;
    const valueAt = found[1] === undefined ? start : start + Number(found[1]) + 2;
    const key = found[1] === undefined ? undefined : source.slice(start, valueAt - 2);
    if (!parser.parse(bytes, valueAt, bytes.length)) return undefined;
    const value = source.slice(valueAt, parser.end);
    const change = key === undefined ? undefined : left.get(key);
    if (change !== undefined && !isScalar(value)) return undefined;
    parts.push(source.slice(at, valueAt), change === undefined ? value : text(change.value));
    left.delete(key ?? '');
    at = parser.end;
  }
  if (source.slice(at) !== '}') return undefined;
  const added = [...left.values()].filter(({ add }) => add);
  const count = Number(header[1]) + added.length;
  const more = added.map(({ key, value }) => text(key) + text(value));
  return Buffer.from(`a:${String(count)}:{${parts.join('')}${more.join('')}}`, 'latin1');
}
