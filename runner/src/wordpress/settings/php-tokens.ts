/** A token of PHP, as far as wp-config.php needs them. Comments and blanks are left out. */
export type PhpToken =
  | { readonly kind: 'text'; readonly value: string }
  /** A text with variables in it, a heredoc: its value cannot be known. */
  | { readonly kind: 'computed-text' }
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'name'; readonly value: string }
  | { readonly kind: 'variable'; readonly value: string }
  | { readonly kind: 'mark'; readonly value: string };

const BLANK = /\s+|#(?!\[)[^\n]*?(?=\?>|\n|$)|\/\/[^\n]*?(?=\?>|\n|$)|\/\*[\s\S]*?(\*\/|$)/y;
const SINGLE = /'((?:[^'\\]|\\[\s\S])*)'/y;
const DOUBLE = /"((?:[^"\\]|\\[\s\S])*)"/y;
const HEREDOC = /<<<[ \t]*(["']?)(\w+)\1\r?\n([\s\S]*?\n)?([ \t]*)\2\b/y;
const NUMBER = /\d[\w.]*/y;
const NAME = /\\?[A-Za-z_\u0080-\uffff][\w\u0080-\uffff\\]*/y;
const VARIABLE = /\$\w+/y;
const MARK = /\?\?|\?:|=>|===|!==|==|!=|&&|\|\||::|->|\?>[\s\S]*?(<\?php\b|<\?=|$)|[\s\S]/y;

/** Splits PHP source; text outside `<?php … ?>` is left out. */
export function phpTokens(source: string): PhpToken[] {
  const tokens: PhpToken[] = [];
  const start = /<\?php\b|<\?=/.exec(source);
  let at = start ? start.index + start[0].length : source.length;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) at += match[0].length;
    return match;
  };
  while (at < source.length) {
    if (take(BLANK)) continue;
    let match: RegExpExecArray | null;
    if ((match = take(SINGLE)))
      tokens.push({ kind: 'text', value: (match[1] ?? '').replaceAll(/\\([\\'])/g, '$1') });
    else if ((match = take(DOUBLE))) tokens.push(doubleQuoted(match[1] ?? ''));
    else if ((match = take(HEREDOC))) tokens.push(heredoc(match));
    else if ((match = take(NUMBER))) tokens.push({ kind: 'number', value: match[0] });
    else if ((match = take(NAME))) tokens.push({ kind: 'name', value: match[0].replace(/^\\/, '') });
    else if ((match = take(VARIABLE))) tokens.push({ kind: 'variable', value: match[0] });
    else if ((match = take(MARK)))
      tokens.push({ kind: 'mark', value: match[0].startsWith('?>') ? ';' : match[0] });
  }
  return tokens;
}

/** PHP manual, "Strings: heredoc, nowdoc": the indent of the closing word is taken off every line. */
function heredoc(match: RegExpExecArray): PhpToken {
  const [, quote = '', , lines = '', indent = ''] = match;
  const body = lines
    .replace(/\r?\n$/, '')
    .split('\n')
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
    .join('\n');
  if (quote === "'") return { kind: 'text', value: body };
  // In a heredoc `\"` is two characters.
  return /\\"/.test(body) ? { kind: 'computed-text' } : doubleQuoted(body);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  v: '\v',
  e: '\u001b',
  f: '\f',
  '\\': '\\',
  $: '$',
  '"': '"',
};

/** PHP manual, "Strings: double quoted". */
function doubleQuoted(body: string): PhpToken {
  if (/(^|[^\\])(\\\\)*(\$[A-Za-z_{]|\{\$)/.test(body)) return { kind: 'computed-text' };
  const value = body.replaceAll(
    /\\(?:([ntrvef\\$"])|([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u\{([0-9A-Fa-f]+)\})/g,
    (_, simple?: string, octal?: string, hex?: string, point?: string) =>
      simple !== undefined
        ? (ESCAPES[simple] ?? '')
        : point !== undefined
          ? String.fromCodePoint(Number.parseInt(point, 16))
          : String.fromCharCode(Number.parseInt(octal ?? hex ?? '0', octal === undefined ? 16 : 8) & 255),
  );
  return { kind: 'text', value };
}
