import { several, UnderstudyError } from '../../errors/index.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { knowsUtf8mb3, nearestCollation } from './sql-collations.js';
import { classify, type SqlObject, refusedAct } from './sql-objects.js';
import {
  type DumpStatement,
  type LexerModes,
  splitStatements,
  SqlSyntaxError,
  type SqlToken,
  tokenize,
} from './sql-lexer.js';
import { literalEdits, type Edit, type RewriteText } from './literal-edits.js';
import { nameOf, qualifiedNames } from './sql-names.js';
import { DumpSession } from '../dump-session.js';
import { type SourceServer, type TargetServer, translateTable } from './table-definition.js';

export interface PrepareOptions {
  /** Production's schema: names qualified with it get `toSchema`. */
  readonly fromSchema: string;
  /** The schema in which the objects will live when they are used. */
  readonly toSchema: string;
  readonly target: {
    /** Lower-case names of all collations of the target server; empty: not known, nothing is mapped. */
    readonly collations: ReadonlySet<string>;
  } & TargetServer;
  /** The server that the dump is of; undefined: its tables are only looked at. */
  readonly source?: SourceServer;
  /** `disable`: events are created with DISABLE, because one in a incoming schema runs at once. */
  readonly events: 'disable' | 'keep';
  /** For string literals and comments: production's address in them becomes staging's. */
  readonly rewrite?: RewriteText | undefined;
}

/** Run `settings`, then `sql`, on one connection, in the dump's order: `view-placeholder`s before the views. */
export interface PreparedStatement {
  readonly kind: SqlObject['kind'];
  readonly name: string;
  /** `SET SESSION …`: the sql_mode and character sets that the object was created with on production. */
  readonly settings: readonly string[];
  /** Sent byte for byte: its character set is the one that `settings` name. */
  readonly sql: Buffer;
}

export interface PreparedSchema {
  readonly statements: readonly PreparedStatement[];
  /** What was changed, one sentence each, for the report. */
  readonly notes: readonly string[];
}

/** Makes a dump safe to run: own schema, no definers, known collations. @throws DUMP_REFUSED naming all that is not */
export function prepareSchema(dump: Buffer, options: PrepareOptions): PreparedSchema {
  const preparation = new Preparation(options);
  try {
    for (const statement of splitStatements(dump.toString('latin1'))) preparation.add(statement);
  } catch (cause) {
    if (!(cause instanceof SqlSyntaxError)) throw cause;
    throw new UnderstudyError('DUMP_REFUSED', `The dump cannot be read: ${cause.message}.`, { cause });
  }
  return preparation.finish();
}

/** One statement that makes an object: the same checks and changes as for a dump. @throws DUMP_REFUSED */
export function prepareStatement(
  statement: Buffer,
  modes: LexerModes,
  options: PrepareOptions,
): PreparedStatement | undefined {
  const preparation = new Preparation(options);
  try {
    preparation.add({ text: statement.toString('latin1'), line: 1, modes });
  } catch (cause) {
    if (!(cause instanceof SqlSyntaxError)) throw cause;
    throw new UnderstudyError('DUMP_REFUSED', `The statement cannot be read: ${cause.message}.`, { cause });
  }
  return preparation.finish().statements[0];
}

/** Byte strings (one character per byte) and what they say. */
const decode = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');
const encode = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

class Preparation {
  readonly #options: PrepareOptions;
  readonly #session = new DumpSession();
  readonly #statements: PreparedStatement[] = [];
  readonly #problems: string[] = [];
  readonly #notes = new Set<string>();
  #definers = 0;

  constructor(options: PrepareOptions) {
    this.#options = options;
  }

  add(statement: DumpStatement): void {
    const all = tokenize(statement.text, statement.modes);
    const code = all.filter(({ kind }) => kind !== 'comment' && kind !== 'open' && kind !== 'close');
    const object = classify(code, statement.text);
    if (object.kind === 'skip') {
      if (object.note !== undefined) this.#notes.add(object.note);
      return;
    }
    const act = refusedAct(code);
    if (act !== undefined) this.#refuse(statement, act);
    else if (object.kind === 'set') {
      const variable = this.#session.apply(code);
      if (variable !== undefined) this.#refuse(statement, `SET ${variable}`);
    } else if (object.kind === 'unknown') this.#refuse(statement, object.name);
    else this.#statements.push(this.#prepare(statement, all, code, object));
  }

  finish(): PreparedSchema {
    if (this.#problems.length > 0)
      throw new UnderstudyError(
        'DUMP_REFUSED',
        `The dump of ${this.#options.fromSchema} holds ${several(this.#problems.length, 'statement')} that must not be imported.`,
        { details: this.#problems },
      );
    if (this.#definers > 0)
      this.#notes.add(
        `${several(this.#definers, 'view, trigger, routine or event now runs', 'views, triggers, routines or events now run')} as the importing account instead of their definer.`,
      );
    return { statements: this.#statements, notes: [...this.#notes] };
  }

  #refuse(statement: DumpStatement, what: string): void {
    const shown = decode(statement.text.replace(/\s+/g, ' ').slice(0, 120));
    this.#problems.push(`line ${String(statement.line)}: ${decode(what)} in: ${shown}`);
  }

  #prepare(
    statement: DumpStatement,
    all: readonly SqlToken[],
    code: readonly SqlToken[],
    object: SqlObject,
  ): PreparedStatement {
    const edits = [...object.edits, ...this.#schemaEdits(statement, code), ...this.#collationEdits(code)];
    edits.push(...this.#literalEdits(statement, all, object));
    if (object.definer) {
      edits.push({ ...object.definer, text: 'CURRENT_USER' });
      this.#definers++;
    }
    if (object.kind === 'table') edits.push(...this.#translation(all, object.name));
    if (object.kind === 'event' && this.#options.events === 'disable' && object.activation)
      edits.push(object.activation);
    for (const note of object.notes) this.#notes.add(decode(note));
    return {
      kind: object.kind,
      name: decode(object.name),
      settings: this.#settings(),
      sql: Buffer.from(applyEdits(statement.text, edits), 'latin1'),
    };
  }

  #translation(tokens: readonly SqlToken[], table: string): readonly Edit[] {
    const { source, target } = this.#options;
    if (source === undefined) return [];
    const { edits, notes } = translateTable(tokens, decode(table), source, target, (name) =>
      this.#collation(name),
    );
    for (const note of notes) this.#notes.add(note);
    return edits;
  }

  #schemaEdits(statement: DumpStatement, code: readonly SqlToken[]): Edit[] {
    const from = encode(this.#options.fromSchema).toLowerCase();
    const edits: Edit[] = [];
    const standsAlone = code.some(
      (token, index) =>
        (token.kind === 'name' || token.kind === 'word') &&
        nameOf(token).toLowerCase() === from &&
        code[index + 1]?.text !== '.' &&
        code[index - 1]?.text !== '.',
    );
    for (const { schema, object, certain } of qualifiedNames(code)) {
      const name = nameOf(schema).toLowerCase();
      // `acme`.`id` where a table or an alias is called acme too: a column, not a table of the schema.
      if (name === from && (certain || !standsAlone))
        edits.push({
          start: schema.start,
          end: schema.end,
          text: encode(quoteIdentifier(this.#options.toSchema)),
        });
      else if (name !== from && certain && name !== 'information_schema')
        this.#refuse(statement, `\`${nameOf(schema)}\`.\`${object}\` (another schema)`);
    }
    return edits;
  }

  #literalEdits({ modes }: DumpStatement, tokens: readonly SqlToken[], object: SqlObject): Edit[] {
    const { rewrite } = this.#options;
    if (rewrite === undefined || object.kind === 'view-placeholder') return [];
    const { kind, definer } = object;
    // What an edit of the object itself takes out has no literal left to rewrite.
    const isOut = ({ start, end }: Edit) =>
      object.edits.some((edit) => edit.start <= start && end <= edit.end);
    const found = literalEdits({ tokens, modes, kind, definer }, rewrite);
    return found.filter((edit) => !isOut(edit));
  }

  #collationEdits(code: readonly SqlToken[]): Edit[] {
    const edits: Edit[] = [];
    for (const [index, token] of code.entries()) {
      if (token.kind !== 'word') continue;
      const before = code[index - 1]?.text === '=' ? code[index - 2] : code[index - 1];
      if (before?.kind !== 'word') continue;
      if (before.value === 'COLLATE') {
        const text = this.#collation(token.text);
        if (text !== token.text) edits.push({ start: token.start, end: token.end, text });
      }
      const isCharset =
        before.value === 'CHARSET' || (before.value === 'SET' && code[index - 2]?.value === 'CHARACTER');
      if (isCharset && token.value === 'UTF8MB3' && !knowsUtf8mb3(this.#options.target.collations))
        edits.push({ start: token.start, end: token.end, text: 'utf8' });
    }
    return edits;
  }

  #collation(wanted: string): string {
    const nearest = nearestCollation(wanted, this.#options.target.collations);
    if (nearest === undefined) {
      this.#problems.push(`the target server knows no collation of the character set of ${wanted}`);
      return wanted;
    }
    if (nearest !== wanted)
      this.#notes.add(`Collation ${wanted} is not known on staging: ${nearest} is used instead.`);
    return nearest;
  }

  #settings(): string[] {
    const mode = (this.#session.get('sql_mode') ?? '')
      .split(',')
      .filter((one) => one !== '' && (this.#options.target.isMariaDb || one !== 'NO_AUTO_CREATE_USER'))
      .join(',');
    const settings = [`SET SESSION sql_mode = '${plain(mode)}'`];
    const client = this.#session.get('character_set_client');
    if (client !== undefined) settings.push(`SET SESSION character_set_client = ${plain(client)}`);
    const collation = this.#session.get('collation_connection');
    if (collation !== undefined)
      settings.push(`SET SESSION collation_connection = ${plain(this.#collation(collation))}`);
    const zone = this.#session.get('time_zone');
    if (zone !== undefined) settings.push(`SET SESSION time_zone = '${plain(zone)}'`);
    return settings;
  }
}

/** Values that we put into SET statements are names, modes and time zones; anything else is no dump of mysqldump's. */
function plain(value: string): string {
  if (!/^[A-Za-z0-9_,+:/-]*$/.test(value))
    throw new SqlSyntaxError(`an unexpected session setting (${value})`);
  return value;
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const edit of [...edits].sort((a, b) => b.start - a.start))
    result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  return result;
}
