import { decodeEscapes } from '../../rewrite/encoding/escape-dialect.js';
import { sqlDialect } from '../../rewrite/dump/sql-literal.js';
import { type LexerModes, type SqlToken } from './sql-lexer.js';

/** What a text becomes; the same Buffer where it stays. */
export type RewriteText = (text: Buffer) => Buffer;

/** A place in a definition, and what is to stand there. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Definition {
  /** All tokens of the CREATE statement, comments included. */
  readonly tokens: readonly SqlToken[];
  readonly modes: LexerModes;
  readonly kind: string;
  /** The account in a DEFINER clause, which is no text. */
  readonly definer?: { readonly start: number; readonly end: number } | undefined;
}

/**
 * Rewrites the string literals of a definition, and its comments. Of a table only defaults, comments and the
 * expressions of generated columns: members of ENUM and SET, CHECK conditions and partitions have to fit the rows,
 * which are imported as production wrote them.
 */
export function literalEdits({ tokens, modes, kind, definer }: Definition, rewrite: RewriteText): Edit[] {
  const texts = kind === 'table' ? textsOfTable(tokens) : tokens;
  return texts
    .filter(({ start, end }) => definer === undefined || end <= definer.start || start >= definer.end)
    .flatMap(({ kind: token, text, start, end }) => {
      const changed =
        token === 'string'
          ? rewriteLiteral(text, modes, rewrite)
          : token === 'comment'
            ? rewriteComment(text, rewrite)
            : text;
      return changed === text ? [] : [{ start, end, text: changed }];
    });
}

function textsOfTable(tokens: readonly SqlToken[]): SqlToken[] {
  const code = tokens.filter(({ kind }) => kind !== 'open' && kind !== 'close' && kind !== 'comment');
  const texts: SqlToken[] = [];
  /** Open parentheses of the expression that is being read; undefined outside of one. */
  let depth: number | undefined;
  for (const [index, token] of code.entries()) {
    const before = clauseBefore(code, index);
    if (depth !== undefined) {
      if (token.text === '(') depth += 1;
      if (token.text === ')' && (depth -= 1) === 0) depth = undefined;
    } else if (token.text === '(' && (before === 'AS' || before === 'DEFAULT')) depth = 1;
    if (token.kind === 'string' && (depth !== undefined || before === 'DEFAULT' || before === 'COMMENT'))
      texts.push(token);
  }
  return texts;
}

/** The word before a token; an equals sign and the `_utf8mb4` of a literal are passed over. */
function clauseBefore(code: readonly SqlToken[], index: number): string | undefined {
  let at = index - 1;
  while (code[at]?.text === '=' || (code[at]?.kind === 'word' && code[at]?.text.startsWith('_'))) at -= 1;
  return code[at]?.kind === 'word' ? code[at]?.value : undefined;
}

function rewriteLiteral(text: string, modes: LexerModes, rewrite: RewriteText): string {
  const quote = text.charAt(0);
  const dialect = sqlDialect(quote.charCodeAt(0), modes.plainBackslash !== true);
  const raw = Buffer.from(text.slice(1, -1), 'latin1');
  const before = decodeEscapes(raw, dialect);
  const after = rewrite(before);
  return after === before ? text : `${quote}${dialect.encode(after, before, raw).toString('latin1')}${quote}`;
}

/** What would end the comment early stays out of it. */
function rewriteComment(text: string, rewrite: RewriteText): string {
  const changed = rewrite(Buffer.from(text, 'latin1')).toString('latin1');
  const ends = (comment: string): number => comment.split(/\*\/|\n/).length;
  return ends(changed) === ends(text) ? changed : text;
}
