/** What a dump says about one table. */
interface TableShape {
  readonly columns: readonly string[];
  readonly primaryKey: ReadonlySet<string>;
}

const NAME = String.raw`(?:\x60(?:[^\x60]|\x60\x60)+\x60|[\w$]+)`;
const INSERT = new RegExp(
  String.raw`\b(?:INSERT|REPLACE)\b[^(]*?\bINTO\s+(?:${NAME}\s*\.\s*)?(${NAME})\s*(VALUES?)?\s*$`,
  'i',
);
const CREATE = new RegExp(
  String.raw`\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:${NAME}\s*\.\s*)?(${NAME})\s*$`,
  'i',
);
const COLUMN = new RegExp(String.raw`^\s*(${NAME})\s+[a-z]`, 'i');
const NO_COLUMN = /^\s*(?:PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FULLTEXT|SPATIAL|FOREIGN|CHECK)\b/i;
/** Text of a statement's head that is kept; heads are short. */
const MAX_CAPTURE = 1 << 20;

const unquote = (name: string): string =>
  (name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name).toLowerCase();
const namesIn = (list: string): string[] => list.match(new RegExp(NAME, 'g'))?.map(unquote) ?? [];

function shapeOf(body: string): TableShape {
  const lines = body.split(/,\s*\n/);
  const columns = lines.flatMap((line) => {
    const name = NO_COLUMN.test(line) ? undefined : COLUMN.exec(line)?.[1];
    return name === undefined ? [] : [unquote(name)];
  });
  const key = /\bPRIMARY\s+KEY\s*\(([^)]*)\)/i.exec(body)?.[1] ?? '';
  return { columns, primaryKey: new Set(namesIn(key.replace(/\(\d+\)/g, ''))) };
}

/**
 * Columns whose values are identities or secrets, not addresses (docs/rewriting.md, "What is left"); by the end of the
 * table's name, because a dump does not say which prefix the site has.
 */
function isProtected(table: string, column: string): boolean {
  if (column === 'option_name' || column === 'meta_key') return true;
  return (
    (column === 'guid' && table.endsWith('posts')) || (column === 'user_pass' && table.endsWith('users'))
  );
}

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
      this.#columns = this.#shapes.get(this.#table)?.columns ?? [];
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
      this.#shapes.set(this.#table, shapeOf(this.#take(work, at)));
      this.#kind = 'other';
    } else return;
    this.#captured = undefined;
  }

  /** `;` at `at`. */
  endStatement(at: number): void {
    this.depth = 0;
    this.#kind = 'head';
    this.#capture(at + 1);
  }

  /**
   * Whether the literal that is read now keeps its bytes.
   * @param previous the literal before it in the same tuple
   */
  isProtected(previous: () => string): boolean {
    if (this.#kind !== 'values' || this.depth !== 1) return false;
    const column = this.#columns[this.column];
    if (column === undefined) return false;
    if (isProtected(this.#table, column)) return true;
    if (this.#shapes.get(this.#table)?.primaryKey.has(column) === true) return true;
    return column === 'option_value' && previous() === 'wc_subscriptions_siteurl';
  }
}
