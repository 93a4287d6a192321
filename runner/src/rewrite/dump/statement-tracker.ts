interface TableShape {
  readonly columns: readonly string[];
  readonly limits: ReadonlyMap<string, ColumnLimit>;
  readonly primaryKey: ReadonlySet<string>;
  readonly references: readonly Reference[];
}

/** A foreign key's column, and the one that it refers to. */
interface Reference {
  readonly column: string;
  readonly table: string;
  readonly parent: string;
}

const NAME = String.raw`(?:\x60(?:[^\x60]|\x60\x60)+\x60|"(?:[^"]|"")+"|[\w$]+)`;
const INSERT = new RegExp(
  String.raw`\b(?:INSERT|REPLACE)\b(?:\s+(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\b)*(?:[^(]*?\bINTO)?\s+(?:${NAME}\s*\.\s*)?(${NAME})\s*(VALUES?)?\s*$`,
  'i',
);
const CREATE = new RegExp(
  String.raw`\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:${NAME}\s*\.\s*)?(${NAME})\s*$`,
  'i',
);
const COLUMN = new RegExp(String.raw`^(${NAME})\s+([a-z][\s\S]*)$`, 'i');
const FOREIGN_KEY = new RegExp(
  String.raw`^(?:CONSTRAINT\s+(?:${NAME}\s+)?)?FOREIGN\s+KEY\b[^(]*\(([^)]*)\)\s*REFERENCES\s+(?:${NAME}\s*\.\s*)?(${NAME})\s*\(([^)]*)\)`,
  'i',
);
const NO_COLUMN = /^(?:PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FULLTEXT|SPATIAL|FOREIGN|CHECK|PERIOD)\b/i;
/** Text of a statement's head that is kept; heads are short. */
const MAX_CAPTURE = 1 << 20;
const BLANK = /^(?:\s|--[^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?\*\/)*$/;

const unquote = (name: string): string =>
  (/^[\x60"]/.test(name)
    ? name.slice(1, -1).replaceAll(name.charAt(0).repeat(2), name.charAt(0))
    : name
  ).toLowerCase();
const namesIn = (list: string): string[] => list.match(new RegExp(NAME, 'g'))?.map(unquote) ?? [];

function shapeOf(body: string): TableShape {
  const items = tableItems(body);
  const columns = items.flatMap((item) => {
    const found = NO_COLUMN.test(item) ? null : COLUMN.exec(item);
    return found === null ? [] : [{ name: unquote(found[1] ?? ''), type: found[2] ?? '' }];
  });
  const keys = items.flatMap((item) => {
    const list = /^(?:CONSTRAINT\s+\S+\s+)?PRIMARY\s+KEY\b[^(]*\(([\s\S]*)\)/i.exec(item)?.[1];
    return list === undefined ? [] : namesIn(list.replace(/\(\d+\)/g, ''));
  });
  const inline = columns.filter(({ type }) => /\bPRIMARY\s+KEY\b/i.test(type)).map(({ name }) => name);
  const limits = columns.flatMap(({ name, type }) => {
    const limit = columnLimit(type);
    return limit === undefined ? [] : [[name, limit] as const];
  });
  return {
    columns: columns.map(({ name }) => name),
    limits: new Map(limits),
    primaryKey: new Set([...keys, ...inline]),
    references: items.flatMap(referencesIn),
  };
}

function referencesIn(item: string): Reference[] {
  const found = FOREIGN_KEY.exec(item);
  const parents = namesIn(found?.[3] ?? '');
  return namesIn(found?.[1] ?? '').map((column, index) => ({
    column,
    table: unquote(found?.[2] ?? ''),
    parent: parents[index] ?? '',
  }));
}

/** Identities or secrets (docs/rewriting.md), by the end of the table's name: a dump does not say the site's prefix. */
function isProtected(table: string, column: string): boolean {
  if (column === 'option_name' || column === 'meta_key') return true;
  return (
    (column === 'guid' && table.endsWith('posts')) || (column === 'user_pass' && table.endsWith('users'))
  );
}

/** Tables that have such columns, by the end of their names. */
const HAS_IDENTITIES = /(?:posts|users|options|meta)$/;

/** Follows a dump's statements far enough to know in which table and column a literal stands. */
export class StatementTracker {
  /** Position in the tuple of the literal that comes next. */
  column = 0;
  depth = 0;
  #captured: string[] | undefined = [];
  #from = 0;
  #kind: 'head' | 'values' | 'columns' | 'create' | 'other' = 'head';
  #table = '';
  #columns: readonly string[] = [];
  readonly #shapes = new Map<string, TableShape>();
  /** Columns of foreign keys that stay, and those that they refer to, `table.column`. */
  readonly #linked = new Set<string>();
  /** Tables with identities into which rows go, although nothing says which column is which. */
  readonly unknownTables = new Set<string>();

  /** Keeps what belongs to the running capture before `work` goes away; offsets start at 0 again. */
  carry(work: Buffer, end: number): void {
    if (this.#captured !== undefined) this.#take(work, end);
    this.#from = 0;
  }

  #take(work: Buffer, end: number): string {
    this.#captured?.push(work.toString('latin1', this.#from, Math.min(end, this.#from + MAX_CAPTURE)));
    this.#from = end;
    return this.#captured?.join('') ?? '';
  }

  #capture(from: number): void {
    this.#captured = [];
    this.#from = from;
  }

  /** `(` at `at`. */
  open(work: Buffer, at: number): void {
    this.depth++;
    if (this.depth !== 1) return;
    this.column = 0;
    if (this.#kind === 'head') this.#readHead(this.#take(work, at), at);
  }

  #readHead(head: string, at: number): void {
    const insert = INSERT.exec(head);
    const create = insert === null ? CREATE.exec(head) : null;
    this.#table = unquote(insert?.[1] ?? create?.[1] ?? '``');
    this.#captured = undefined;
    this.#kind = 'other';
    if (insert !== null) {
      const shape = this.#shapes.get(this.#table);
      this.#columns = shape?.columns ?? [];
      if (shape === undefined && insert[2] !== undefined && HAS_IDENTITIES.test(this.#table))
        this.unknownTables.add(this.#table);
      this.#kind = insert[2] === undefined ? 'columns' : 'values';
    }
    if (create !== null) this.#kind = 'create';
    if (this.#kind === 'columns' || this.#kind === 'create') this.#capture(at + 1);
  }

  /** `)` at `at`. */
  close(work: Buffer, at: number): void {
    if (this.depth > 0) this.depth--;
    if (this.depth !== 0) return;
    if (this.#kind === 'columns') {
      this.#columns = namesIn(this.#take(work, at));
      this.#kind = 'values';
    } else if (this.#kind === 'create') {
      this.#addShape(this.#table, shapeOf(this.#take(work, at)));
      this.#kind = 'other';
    } else return;
    this.#captured = undefined;
  }

  /** What refers to a key stays as the key does; where the key's table comes later in the dump, neither is changed. */
  #addShape(table: string, shape: TableShape): void {
    this.#shapes.set(table, shape);
    for (const { column, table: parentTable, parent } of shape.references) {
      if (this.#shapes.has(parentTable) && !this.#isKey(parentTable, parent)) continue;
      this.#linked.add(`${table}.${column}`).add(`${parentTable}.${parent}`);
    }
  }

  #isKey(table: string, column: string): boolean {
    return this.#linked.has(`${table}.${column}`) || this.#shapes.get(table)?.primaryKey.has(column) === true;
  }

  /** `;` at `at`. */
  endStatement(at: number): void {
    this.depth = 0;
    this.#kind = 'head';
    this.#capture(at + 1);
  }

  /** Why this literal keeps its bytes; undefined: it does not. @param previous the one before it in the tuple */
  protection(previous: () => string): 'identity' | 'key' | undefined {
    if (this.#kind !== 'values' || this.depth !== 1) return undefined;
    const column = this.#columns[this.column];
    if (column === undefined) return undefined;
    if (isProtected(this.#table, column)) return 'identity';
    if (this.#isKey(this.#table, column)) return 'key';
    return column === 'option_value' && previous() === 'wc_subscriptions_siteurl' ? 'identity' : undefined;
  }

  /** How much the column holds into which the literal goes that is read now; undefined where that is not known. */
  limit(): (ColumnLimit & { readonly place: string }) | undefined {
    if (this.#kind !== 'values' || this.depth !== 1) return undefined;
    const column = this.#columns[this.column];
    const limit = column === undefined ? undefined : this.#shapes.get(this.#table)?.limits.get(column);
    return limit === undefined ? undefined : { ...limit, place: `${this.#table}.${column ?? ''}` };
  }

  /** Whether a statement has begun and not ended at `end`, the end of the dump. */
  isWithinStatement(work: Buffer, end: number): boolean {
    if (this.depth > 0 || this.#captured === undefined) return true;
    return !BLANK.test(this.#take(work, end));
  }
}

/** How much a column holds, in characters or in bytes. */
interface ColumnLimit {
  readonly size: number;
  readonly unit: 'characters' | 'bytes';
}

/** The columns and keys between the parentheses of a CREATE TABLE, however it is laid out; comments removed. */
function tableItems(body: string): string[] {
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
function columnLimit(type: string): ColumnLimit | undefined {
  const sized = /^(?:national\s+)?(var)?(char|binary)(?:acter(?:\s+varying)?)?\s*\(\s*(\d+)\s*\)/i.exec(type);
  if (sized !== null)
    return { size: Number(sized[3]), unit: sized[2]?.toLowerCase() === 'binary' ? 'bytes' : 'characters' };
  const size = BYTES[/^\w+/.exec(type)?.[0].toLowerCase() ?? ''];
  return size === undefined ? undefined : { size, unit: 'bytes' };
}
