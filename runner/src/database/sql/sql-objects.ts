import { type Edit } from './literal-edits.js';
import { type SqlToken } from './sql-lexer.js';
import { nameOf } from './sql-names.js';

/** What a CREATE statement of a dump makes, and the places in it that an import changes. */
export interface SqlObject {
  readonly kind:
    'sequence' | 'sequence-value' | 'table' | 'view-placeholder' | 'view' | 'routine' | 'trigger' | 'event';
  /** Byte string. */
  readonly name: string;
  readonly definer?: { readonly start: number; readonly end: number } | undefined;
  /** Events: the edit that creates it disabled. */
  readonly activation?: Edit;
  readonly edits: readonly Edit[];
  readonly notes: readonly string[];
}

export type Classified =
  | SqlObject
  | { readonly kind: 'set' }
  /** Of no use for an import into an empty schema. */
  | { readonly kind: 'skip'; readonly note?: string }
  | { readonly kind: 'unknown'; readonly name: string };

const KINDS: Readonly<Record<string, SqlObject['kind']>> = {
  TABLE: 'table',
  VIEW: 'view',
  TRIGGER: 'trigger',
  PROCEDURE: 'routine',
  FUNCTION: 'routine',
  PACKAGE: 'routine',
  EVENT: 'event',
  SEQUENCE: 'sequence',
};

/** Says what a statement of a schema dump is. `code`: its tokens without comments; `text`: as written. */
export function classify(code: readonly SqlToken[], text: string): Classified {
  const first = code[0]?.value;
  if (first === 'SET') return /@?rocksdb/i.test(text) ? { kind: 'skip' } : { kind: 'set' };
  if (first === 'CREATE') return classifyCreate(code, text);
  if (isHousekeeping(code, text)) return { kind: 'skip' };
  if (first === 'ALTER' && (code[1]?.value === 'DATABASE' || code[1]?.value === 'SCHEMA'))
    // Written around routines that were created while the schema had another collation.
    return {
      kind: 'skip',
      note: 'The collation of the schema at the time a routine was created is not restored.',
    };
  if (code[1]?.value === 'SETVAL' && (first === 'DO' || first === 'SELECT'))
    return { kind: 'sequence-value', name: nameOrEmpty(code[3]), edits: [], notes: [] };
  return {
    kind: 'unknown',
    name: [first, code[1]?.value].filter((word) => /^[A-Z]+$/.test(word ?? '')).join(' '),
  };
}

const DROPPED = ['TABLE', 'VIEW', 'TRIGGER', 'PROCEDURE', 'FUNCTION', 'PACKAGE', 'EVENT', 'SEQUENCE'];

function isHousekeeping(code: readonly SqlToken[], text: string): boolean {
  const [first, second] = [code[0]?.value, code[1]?.value ?? ''];
  if (first === undefined) return true;
  if (first === 'DROP') return DROPPED.includes(second);
  if (first === 'ALTER' && second === 'TABLE') return /(?:DISABLE|ENABLE) KEYS \*\/$/.test(text);
  if (first === 'LOCK') return second === 'TABLES';
  if (first === 'UNLOCK' || first === 'COMMIT') return code.length <= 2;
  // Percona's and MySQL 8's mysqldump look for RocksDB like this.
  return (
    /^\/\*!50(?:717|112) (?:SELECT|PREPARE|EXECUTE|DEALLOCATE)\b/.test(text) && /rocksdb| s\b/i.test(text)
  );
}

const nameOrEmpty = (token: SqlToken | undefined): string => (token ? nameOf(token) : '');

function classifyCreate(code: readonly SqlToken[], text: string): Classified {
  const at = code.findIndex((token, index) => index > 0 && token.kind === 'word' && token.value in KINDS);
  const header = code.slice(0, Math.max(at, 0));
  const kind = KINDS[code[at]?.value ?? ''];
  const allowed = header.every((token) => token.kind !== 'word' || token.value !== 'SELECT');
  if (kind === undefined || !allowed || header.length > 40)
    return { kind: 'unknown', name: `CREATE ${code[1]?.value ?? ''}` };
  const name = objectName(code, at);
  const definer = findDefiner(header);
  const base = { name, edits: [], notes: [], definer };
  if (kind === 'table') return tableOrPlaceholder(code, text, name);
  if (kind === 'view') return viewOf(code, at, base);
  if (kind === 'event') return { ...base, kind, ...activationOf(code, at) };
  return { ...base, kind };
}

function objectName(code: readonly SqlToken[], at: number): string {
  let index = at + 1;
  while (code[index]?.kind === 'word' && ['IF', 'NOT', 'EXISTS', 'BODY'].includes(code[index]?.value ?? ''))
    index++;
  if (code[index + 1]?.text === '.') index += 2;
  return nameOrEmpty(code[index]);
}

/** The account in `DEFINER = user@host`, however it is quoted. */
function findDefiner(header: readonly SqlToken[]): { start: number; end: number } | undefined {
  const at = header.findIndex((token, index) => token.value === 'DEFINER' && header[index + 1]?.text === '=');
  const user = header[at + 2];
  if (at < 0 || user === undefined) return undefined;
  let last = user;
  const after = header[at + 3];
  if (after?.kind === 'variable') last = after.text === '@' ? (header[at + 4] ?? after) : after;
  else if (after?.text === '(') last = header[at + 4] ?? after;
  return { start: user.start, end: last.end };
}

function viewOf(code: readonly SqlToken[], at: number, base: Omit<SqlObject, 'kind'>): SqlObject {
  const create = code[0];
  const replaces = code[1]?.value === 'OR';
  // mysqldump writes a stand-in directly as CREATE VIEW, the view itself always with ALGORITHM=.
  if (at === 1) return { ...base, kind: 'view-placeholder' };
  const edits = replaces || !create ? [] : [{ start: create.end, end: create.end, text: ' OR REPLACE' }];
  return { ...base, kind: 'view', edits };
}

function activationOf(code: readonly SqlToken[], at: number): { activation: Edit } | object {
  const end = code.findIndex((token, index) => index > at && token.kind === 'word' && token.value === 'DO');
  const header = code.slice(at, end < 0 ? undefined : end);
  const word = (value: string) => header.find((token) => token.kind === 'word' && token.value === value);
  if (word('DISABLE')) return {};
  const enable = word('ENABLE');
  if (enable) return { activation: { start: enable.start, end: enable.end, text: 'DISABLE' } };
  const place = (word('COMMENT') ?? code[end])?.start;
  return place === undefined ? {} : { activation: { start: place, end: place, text: 'DISABLE ' } };
}

function tableOrPlaceholder(code: readonly SqlToken[], text: string, name: string): SqlObject {
  const columns = code.filter(
    (token, index) =>
      token.kind === 'name' && (code[index - 1]?.text === '(' || code[index - 1]?.text === ','),
  );
  // Old versions write the stand-in of a view as a MyISAM table, which CREATE OR REPLACE VIEW cannot replace.
  if (/^\/\*!50001 CREATE TABLE/.test(text)) {
    const list = columns.map((column) => `1 AS ${column.text}`).join(', ');
    const view = `CREATE VIEW \`${name.replaceAll('`', '``')}\` AS SELECT ${list}`;
    return { kind: 'view-placeholder', name, edits: [{ start: 0, end: text.length, text: view }], notes: [] };
  }
  return { kind: 'table', name, ...withoutPlaces(code, name) };
}

/** DATA DIRECTORY, INDEX DIRECTORY and TABLESPACE name places on production's server. */
function withoutPlaces(code: readonly SqlToken[], name: string): Pick<SqlObject, 'edits' | 'notes'> {
  const edits: Edit[] = [];
  const words: string[] = [];
  for (const [index, token] of code.entries()) {
    if (token.kind !== 'word') continue;
    const next = code[index + 1];
    const isDirectory =
      (token.value === 'DATA' || token.value === 'INDEX') &&
      next?.value === 'DIRECTORY' &&
      next.kind === 'word';
    const valueAt = (from: number) => (code[from]?.text === '=' ? code[from + 1] : code[from]);
    const value = isDirectory
      ? valueAt(index + 2)
      : token.value === 'TABLESPACE'
        ? valueAt(index + 1)
        : undefined;
    if (value === undefined || (isDirectory && value.kind !== 'string')) continue;
    if (!isDirectory && value.kind !== 'name') continue;
    edits.push({ start: token.start, end: value.end, text: '' });
    words.push(isDirectory ? `${token.value} DIRECTORY` : token.value);
  }
  return {
    edits,
    notes: words.map((word) => `Table ${name}: ${word} is left out; the server's own place is used.`),
  };
}

const pair = (first: string, ...second: string[]) => ({ first, second });

/** Two words in a row that no dump of a site needs, wherever they stand, bodies of routines included. */
const REFUSED_PAIRS = [
  pair('CREATE', 'DATABASE', 'SCHEMA', 'USER', 'ROLE', 'SERVER', 'TABLESPACE'),
  pair('DROP', 'DATABASE', 'SCHEMA', 'USER', 'ROLE', 'SERVER', 'TABLESPACE'),
  pair('ALTER', 'DATABASE', 'SCHEMA', 'USER', 'SERVER', 'TABLESPACE'),
  pair('SET', 'GLOBAL', 'PERSIST', 'PERSIST_ONLY', 'PASSWORD'),
  pair('LOAD', 'DATA', 'XML', 'INDEX'),
  pair('INTO', 'OUTFILE', 'DUMPFILE'),
  pair('INSTALL', 'PLUGIN', 'COMPONENT', 'SONAME'),
  pair('UNINSTALL', 'PLUGIN', 'COMPONENT', 'SONAME'),
  pair('CHANGE', 'MASTER', 'REPLICATION'),
] as const;

const REFUSED_STARTS = ['USE', 'GRANT', 'REVOKE', 'SHUTDOWN', 'KILL', 'FLUSH', 'PURGE', 'HANDLER'];
/** Engines whose tables live on another server: a copy of one would work on what production works on. */
const REFUSED_ENGINES = ['FEDERATED', 'FEDERATEDX', 'CONNECT', 'SPIDER', 'S3'];
const STARTS_STATEMENT = ['BEGIN', 'THEN', 'ELSE', 'DO'];

/** What the statement does that an import must not; undefined when it is harmless. `tokens`: code only. */
export function refusedAct(tokens: readonly SqlToken[]): string | undefined {
  for (const [index, token] of tokens.entries()) {
    if (
      token.kind === 'variable' &&
      /^@@(global|persist|persist_only)\./i.test(token.text) &&
      isAssigned(tokens, index)
    )
      return `SET ${token.text}`;
    if (token.kind !== 'word') continue;
    const next = tokens[index + 1];
    const refused = REFUSED_PAIRS.find((one) => one.first === token.value);
    if (next?.kind === 'word' && (refused?.second as readonly string[] | undefined)?.includes(next.value))
      return `${token.value} ${next.value}`;
    if (token.value === 'ENGINE' && isEngineRefused(tokens, index))
      return `ENGINE=${String(engineAt(tokens, index))}`;
    if (REFUSED_STARTS.includes(token.value) && isAtStart(tokens, index)) return token.value;
  }
  return undefined;
}

const isAssigned = (tokens: readonly SqlToken[], index: number): boolean =>
  tokens[index + 1]?.text === '=' || tokens[index + 1]?.text === ':';

function isAtStart(tokens: readonly SqlToken[], index: number): boolean {
  const before = tokens[index - 1];
  if (before === undefined || before.text === ';') return true;
  return before.kind === 'word' && STARTS_STATEMENT.includes(before.value);
}

/** The engine of `ENGINE=InnoDB` whose word ENGINE is at `index`. */
function engineAt(tokens: readonly SqlToken[], index: number): string | undefined {
  const next = tokens[index + 1]?.text === '=' ? tokens[index + 2] : undefined;
  return next?.value.toUpperCase();
}

const isEngineRefused = (tokens: readonly SqlToken[], index: number): boolean =>
  REFUSED_ENGINES.includes(engineAt(tokens, index) ?? '');
