/** How much a column holds, in characters or in bytes. */
export interface ColumnLimit {
  readonly size: number;
  readonly unit: 'characters' | 'bytes';
}

/** The columns and keys between the parentheses of a CREATE TABLE, however it is laid out; comments removed. */
export function tableItems(body: string): string[] {
  const items: string[] = [];
  let item = '';
  let depth = 0;
  const tokens = body.matchAll(
    /--[ \t][^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?\*\/|`(?:[^`]|``)*`|'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|[\s\S]/g,
  );
  for (const [token] of tokens) {
    if (/^(?:-- |--\t|#|\/\*)/.test(token)) continue;
    if (token === '(') depth++;
    else if (token === ')') depth--;
    else if (token === ',' && depth === 0) {
      items.push(item.trim());
      item = '';
      continue;
    }
    item += token;
  }
  return [...items, item.trim()].filter((one) => one !== '');
}

const BYTES: Readonly<Record<string, number>> = { tinytext: 255, tinyblob: 255, text: 65_535, blob: 65_535 };

/** What a column of this type holds at most; undefined where that is no concern (MySQL manual, 11.3). */
export function columnLimit(type: string): ColumnLimit | undefined {
  const sized = /^(?:national\s+)?(var)?(char|binary)(?:acter(?:\s+varying)?)?\s*\(\s*(\d+)\s*\)/i.exec(type);
  if (sized !== null)
    return { size: Number(sized[3]), unit: sized[2]?.toLowerCase() === 'binary' ? 'bytes' : 'characters' };
  const size = BYTES[/^\w+/.exec(type)?.[0].toLowerCase() ?? ''];
  return size === undefined ? undefined : { size, unit: 'bytes' };
}
