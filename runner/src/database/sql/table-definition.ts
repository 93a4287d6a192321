import { type Edit } from './literal-edits.js';
import { type SqlToken } from './sql-lexer.js';
import { nameOf } from './sql-names.js';

/** What decides how a table is written, of the server that the dump is of. */
export interface SourceServer {
  readonly isMariaDb: boolean;
  /** Character set → the collation that a definition means when it names none; older servers leave it out. */
  readonly defaultCollations: Readonly<Record<string, string>>;
}

/** What decides what a table must be, of the server that it goes to. */
export interface TargetServer {
  readonly isMariaDb: boolean;
  readonly version?: string;
  /** InnoDB refuses options that it would ignore, and the account may not change that. */
  readonly strictInnoDb?: boolean;
  /** Every table has to have a primary key, and the account may not change that. */
  readonly needsPrimaryKey?: boolean;
}

export interface Translation {
  readonly edits: readonly Edit[];
  readonly notes: readonly string[];
}

/** A CREATE TABLE of SHOW CREATE TABLE, taken apart. */
interface Parts {
  readonly items: readonly (readonly SqlToken[])[];
  readonly options: readonly SqlToken[];
}

/** What another server needs; all else means the same on both. `tokens`: with version comments. */
export function translateTable(
  tokens: readonly SqlToken[],
  table: string,
  source: SourceServer,
  target: TargetServer,
  collationOf: (wanted: string) => string,
): Translation {
  const parts = takeApart(tokens);
  const found: Translation[] = [implicitCollations(parts, source, collationOf), archiveCounter(parts)];
  if (source.isMariaDb && !target.isMariaDb) found.push(toMySql(parts, table));
  if (!source.isMariaDb && target.isMariaDb) found.push(toMariaDb(tokens, parts, table, target));
  if (target.isMariaDb && !knowsIgnored(target.version ?? '')) found.push(withoutIgnoredKeys(parts, table));
  if (target.strictInnoDb === true) found.push(withoutIgnoredOptions(parts, table));
  if (target.needsPrimaryKey === true) found.push(withPrimaryKey(parts, table));
  return { edits: found.flatMap(({ edits }) => edits), notes: found.flatMap(({ notes }) => notes) };
}

function takeApart(all: readonly SqlToken[]): Parts {
  const tokens = all.filter(({ kind }) => kind !== 'comment');
  const first = tokens.findIndex(({ text }) => text === '(');
  const items: SqlToken[][] = [[]];
  let depth = 0;
  for (let index = first; index >= 0 && index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.text === ')' && --depth === 0) return { items, options: tokens.slice(index + 1) };
    if (depth === 1 && token.text === ',') items.push([]);
    else if (depth > 0) items.at(-1)?.push(token);
    if (token.text === '(') depth++;
  }
  return { items: [], options: [] };
}

const isWord = (token: SqlToken | undefined, ...words: string[]): boolean =>
  token?.kind === 'word' && words.includes(token.value);
const isColumn = (item: readonly SqlToken[]): boolean => item[0]?.kind === 'name';
const removal = (first: SqlToken, last: SqlToken): Edit => ({ start: first.start, end: last.end, text: '' });

/** Servers before MariaDB 10.6 and MySQL 8 leave out a collation that is their default; it may not be the target's. */
function implicitCollations(
  { items, options }: Parts,
  { defaultCollations }: SourceServer,
  collationOf: (wanted: string) => string,
): Translation {
  const edits: Edit[] = [];
  for (const part of [...items.filter(isColumn), options])
    for (const [index, token] of part.entries()) {
      const before = part[index - 1]?.text === '=' ? part[index - 2] : part[index - 1];
      const names =
        isWord(before, 'CHARSET') || (isWord(before, 'SET') && isWord(part[index - 2], 'CHARACTER'));
      if (!names || token.kind !== 'word' || isWord(part[index + 1], 'COLLATE')) continue;
      const collation = defaultCollations[token.value.toLowerCase()];
      if (collation === undefined) continue;
      edits.push({ start: token.end, end: token.end, text: ` COLLATE ${collationOf(collation)}` });
    }
  return { edits, notes: [] };
}

/** ARCHIVE takes no number below its counter (error 1022), so the rows themselves have to move it. */
function archiveCounter({ options }: Parts): Translation {
  const valueOf = (name: string) => {
    const at = options.findIndex((token) => isWord(token, name));
    return options[at + 1]?.text === '=' ? options[at + 2] : undefined;
  };
  const [word, value] = [options.find((token) => isWord(token, 'AUTO_INCREMENT')), valueOf('AUTO_INCREMENT')];
  if (word === undefined || value === undefined || valueOf('ENGINE')?.text.toLowerCase() !== 'archive')
    return { edits: [], notes: [] };
  return { edits: [removal(word, value)], notes: [] };
}

function toMySql({ items, options }: Parts, table: string): Translation {
  const edits = items.flatMap((item) => (isColumn(item) ? parenthesizedDefault(item) : visibleKey(item)));
  const notes: string[] = [];
  for (const [index, token] of options.entries()) {
    const value = options[index + 1]?.text === '=' ? options[index + 2] : undefined;
    const isOwn = token.kind === 'name' || isWord(token, 'PAGE_CHECKSUM', 'TRANSACTIONAL');
    if (value === undefined || !isOwn) continue;
    edits.push(removal(token, value));
    notes.push(`Table ${table}: the option ${nameOf(token)} is left out; MySQL does not know it.`);
  }
  return { edits, notes };
}

/** MariaDB: IGNORED. MySQL: INVISIBLE. */
const visibleKey = (item: readonly SqlToken[]): Edit[] =>
  item
    .filter((token) => isWord(token, 'IGNORED'))
    .map(({ start, end }) => ({ start, end, text: 'INVISIBLE' }));

const ENDS_DEFAULT = ['COMMENT', 'CHECK', 'ON', 'INVISIBLE', 'AUTO_INCREMENT', 'REFERENCES', 'COMPRESSED'];
/** Types that MySQL gives no literal as a default, only an expression. */
const WITHOUT_LITERAL = /^(?:TINY|MEDIUM|LONG)?(?:TEXT|BLOB)$|^JSON$/;

/** MySQL wants an expression in parentheses. */
function parenthesizedDefault(item: readonly SqlToken[]): Edit[] {
  const at = item.findIndex((token) => isWord(token, 'DEFAULT'));
  const [first, second] = [item[at + 1], item[at + 2]];
  if (at < 0 || first === undefined || first.text === '(' || isWord(first, 'NULL', 'CURRENT_TIMESTAMP'))
    return [];
  let depth = 0;
  let last = first;
  for (const token of item.slice(at + 1)) {
    if (depth === 0 && (isWord(token, ...ENDS_DEFAULT) || token.kind === 'open')) break;
    if (token.text === '(') depth++;
    if (token.text === ')') depth--;
    last = token;
  }
  // b'101' and x'00' are a word and a string.
  const isLiteral =
    last === first
      ? first.kind !== 'word'
      : last === second && (first.text === '-' || second.kind === 'string');
  if (isLiteral && !WITHOUT_LITERAL.test(item[1]?.value ?? '')) return [];
  return [
    { start: first.start, end: first.start, text: '(' },
    { start: last.end, end: last.end, text: ')' },
  ];
}

function toMariaDb(
  tokens: readonly SqlToken[],
  { items }: Parts,
  table: string,
  target: TargetServer,
): Translation {
  const edits: Edit[] = [];
  const notes: string[] = [];
  for (const item of items) {
    edits.push(...withoutIntroducers(item), ...otherTypeName(item));
    const open = item.findIndex(({ kind }) => kind === 'open');
    const [mark, word, close] = item.slice(open, open + 3);
    const [first, last] = [item[0], item.at(-1)];
    if (open < 0 || mark === undefined || close === undefined || first === undefined || last === undefined)
      continue;
    // MariaDB does not look into comments for MySQL 5.7 and later.
    if (isWord(word, 'INVISIBLE') && (isColumn(item) || knowsIgnored(target.version ?? ''))) {
      edits.push({ start: mark.start, end: close.end, text: isColumn(item) ? 'INVISIBLE' : 'IGNORED' });
    } else if (isWord(word, 'NOT') && isWord(close, 'ENFORCED')) {
      const comma = tokens.findLast(({ text, end }) => text === ',' && end <= first.start);
      edits.push({ start: comma?.start ?? first.start, end: last.end, text: '' });
      notes.push(`Table ${table}: a CHECK that is not enforced is left out; MariaDB enforces all of them.`);
    }
  }
  return { edits, notes };
}

/** MySQL writes `_utf8mb4'\\\\'` into expressions; MariaDB cannot read back what it makes of a backslash after one. */
const withoutIntroducers = (item: readonly SqlToken[]): Edit[] =>
  item.flatMap((token, index) =>
    isWord(token, '_UTF8MB4') && item[index + 1]?.kind === 'string' ? [removal(token, token)] : [],
  );

/** MySQL 8's name of the type is its alone. */
const otherTypeName = ([name, type]: readonly SqlToken[]): Edit[] =>
  name?.kind === 'name' && type !== undefined && isWord(type, 'GEOMCOLLECTION')
    ? [{ start: type.start, end: type.end, text: 'geometrycollection' }]
    : [];

function withoutIgnoredKeys({ items }: Parts, table: string): Translation {
  const words = items.flatMap((item) =>
    isColumn(item) ? [] : item.filter((token) => isWord(token, 'IGNORED')),
  );
  const note = `Table ${table}: a key that is ignored on production is in use on staging.`;
  return { edits: words.map((word) => removal(word, word)), notes: words.length === 0 ? [] : [note] };
}

/** MariaDB 10.6 and later. */
const knowsIgnored = (version: string): boolean => !/^10\.[0-5]\./.test(version);

/** Options that InnoDB ignores on production, and refuses on a target whose strictness the account may not change. */
function withoutIgnoredOptions({ options }: Parts, table: string): Translation {
  const valueOf = (index: number) => (options[index + 1]?.text === '=' ? options[index + 2] : undefined);
  const find = (name: string) => options.findIndex((token) => isWord(token, name));
  const engine = valueOf(find('ENGINE'))?.text.toLowerCase();
  if (engine !== 'innodb') return { edits: [], notes: [] };
  const format = valueOf(find('ROW_FORMAT'))?.value.toUpperCase();
  const ignored = [
    ...(format === 'FIXED' || format === 'PAGE' ? ['ROW_FORMAT'] : []),
    ...(format === 'COMPRESSED' ? [] : ['KEY_BLOCK_SIZE']),
  ];
  const edits = ignored.flatMap((name) => {
    const [word, value] = [options[find(name)], valueOf(find(name))];
    return word === undefined || value === undefined ? [] : [removal(word, value)];
  });
  const notes = edits.length === 0 ? [] : [`Table ${table}: options that InnoDB ignores are left out.`];
  return { edits, notes };
}

/** The column that MySQL itself adds with sql_generate_invisible_primary_key. */
function withPrimaryKey({ items }: Parts, table: string): Translation {
  const has = (word: string) =>
    items.some((item) => item.some((token, index) => isWord(token, word) && (index === 0 || isColumn(item))));
  const last = items.at(-1)?.at(-1);
  if (has('PRIMARY') || has('AUTO_INCREMENT') || last === undefined) return { edits: [], notes: [] };
  const column = '`my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT INVISIBLE';
  const text = `,\n  ${column},\n  PRIMARY KEY (\`my_row_id\`)`;
  return {
    edits: [{ start: last.end, end: last.end, text }],
    notes: [`Table ${table}: gets an invisible primary key, because the server insists on one.`],
  };
}
