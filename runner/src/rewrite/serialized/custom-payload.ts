import { SerializedParser } from './serialized-parser.js';

const COLON = 0x3a;

/** Whether a `C:` payload is wholly made of serialized values, as those of PHP's own classes are. */
export function holdsValuesAlone(bytes: Buffer, start: number, end: number): boolean {
  const reader = new SerializedParser();
  let at = start;
  while (at < end) {
    const code = bytes[at] as number;
    const next = bytes[at + 1];
    if (code === 0x3b || code === 0x2c || code === COLON) at++;
    else if ((code === 0x78 || code === 0x6d) && next === COLON) at += 2;
    else if (reader.parse(bytes, at, end)) at = reader.end;
    else return false;
  }
  return true;
}
