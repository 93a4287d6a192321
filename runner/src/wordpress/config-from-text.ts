import { type PhpToken, phpTokens } from './php-tokens.js';
import { type Constants } from './wordpress-settings.js';

export interface TextConfig {
  readonly constants: Constants;
  readonly prefix?: string;
  /** What only PHP could tell, one sentence each. */
  readonly unknown: readonly string[];
}

type Value = string | boolean | null;

/** Names of environment variables that the file asks for. */
export const environmentNames = (source: string): string[] => [
  ...new Set(
    [...source.matchAll(/\b(?:getenv|getenv_docker)\s*\(\s*['"]([A-Za-z_]\w*)['"]/g)].map(
      (match) => match[1] ?? '',
    ),
  ),
];

/**
 * Constants and `$table_prefix` of a wp-config.php that cannot be run. Understands texts, numbers, true, false,
 * constants that are known already, `.`, `?:`, `??`, `__DIR__`, `dirname(__FILE__)` and getenv(); and of conditions
 * only `if (!defined('NAME'))`. What depends on anything else is not guessed, but named in `unknown`.
 */
export function configFromText(
  source: string,
  file: string,
  environment: ReadonlyMap<string, string>,
): TextConfig {
  const reader = new ConfigReader(phpTokens(source), file, environment);
  return reader.read();
}

class ConfigReader {
  readonly #constants = new Map<string, string | boolean>();
  readonly #doubtful = new Set<string>();
  readonly #notes: string[] = [];
  #prefix: string | undefined;
  #at = 0;

  constructor(
    readonly tokens: readonly PhpToken[],
    readonly file: string,
    readonly environment: ReadonlyMap<string, string>,
  ) {}

  read(): TextConfig {
    /** One entry per open brace: true for a condition that we do not understand. */
    const conditions: boolean[] = [];
    let pending = false;
    for (this.#at = 0; this.#at < this.tokens.length; this.#at++) {
      const token = this.tokens[this.#at];
      if (this.#isMark(token, '{')) {
        conditions.push(pending);
        pending = false;
      } else if (this.#isMark(token, '}')) conditions.pop();
      else if (this.#isMark(token, ';')) pending = false;
      else if (this.#isName(token, 'if')) pending = !this.#isDefinedGuard();
      else if (
        this.#isName(
          token,
          'else',
          'elseif',
          'switch',
          'case',
          'function',
          'foreach',
          'for',
          'while',
          'catch',
        )
      )
        pending = true;
      else this.#statement(token, pending || conditions.includes(true));
    }
    const unknown = [
      ...[...this.#doubtful].map((name) => `${name} depends on something that only PHP can tell.`),
      ...this.#notes,
    ];
    return {
      constants: this.#constants,
      ...(this.#prefix === undefined ? {} : { prefix: this.#prefix }),
      unknown,
    };
  }

  #statement(token: PhpToken | undefined, conditional: boolean): void {
    if (this.#isName(token, 'define') && this.#isMark(this.tokens[this.#at + 1], '('))
      this.#define(conditional);
    else if (this.#isName(token, 'const')) this.#const();
    else if (token?.kind === 'variable' && token.value === '$table_prefix') this.#tablePrefix(conditional);
    else if (this.#isName(token, 'require', 'require_once', 'include', 'include_once')) this.#include();
  }

  #define(conditional: boolean): void {
    const name = this.tokens[this.#at + 2];
    if (name?.kind !== 'text' || !this.#isMark(this.tokens[this.#at + 3], ',')) return;
    const end = this.#endOf(this.#at + 4, [')', ',']);
    this.#keep(name.value, this.#value(this.#at + 4, end), conditional);
    this.#at = end;
  }

  #const(): void {
    const name = this.tokens[this.#at + 1];
    if (name?.kind !== 'name' || !this.#isMark(this.tokens[this.#at + 2], '=')) return;
    const end = this.#endOf(this.#at + 3, [';']);
    this.#keep(name.value, this.#value(this.#at + 3, end), false);
    this.#at = end - 1;
  }

  /** The first definition wins, as in PHP; after one that may or may not have happened nothing is certain. */
  #keep(name: string, value: Value | undefined, conditional: boolean): void {
    if (this.#constants.has(name) || this.#doubtful.has(name)) return;
    if (conditional || value === undefined) this.#doubtful.add(name);
    else if (value !== null) this.#constants.set(name, value);
  }

  #tablePrefix(conditional: boolean): void {
    if (!this.#isMark(this.tokens[this.#at + 1], '=')) return;
    const end = this.#endOf(this.#at + 2, [';']);
    const value = this.#value(this.#at + 2, end);
    this.#prefix = typeof value === 'string' && !conditional ? value : undefined;
    if (this.#prefix === undefined) this.#doubtful.add('$table_prefix');
    this.#at = end - 1;
  }

  #include(): void {
    const end = this.#endOf(this.#at + 1, [';']);
    const part = this.tokens.slice(this.#at + 1, end);
    if (!part.some((token) => token.kind === 'text' && token.value.endsWith('wp-settings.php')))
      this.#notes.push('wp-config.php includes another file, which was not read.');
    this.#at = end - 1;
  }

  /** `if ( ! defined( 'NAME' ) )` for a constant that is not defined yet: what follows happens. */
  #isDefinedGuard(): boolean {
    const words = this.tokens
      .slice(this.#at + 1, this.#at + 8)
      .map((token) => ('value' in token ? token.value : ''));
    const [open, not, defined, inner, name = '', ...close] = words;
    const isGuard = [open, not, defined?.toLowerCase(), inner, ...close].join(' ') === '( ! defined ( ) )';
    return isGuard && !this.#constants.has(name) && !this.#doubtful.has(name);
  }

  /** Index of the first of `marks` outside parentheses, from `from`. */
  #endOf(from: number, marks: readonly string[]): number {
    let depth = 0;
    for (let index = from; index < this.tokens.length; index++) {
      const token = this.tokens[index];
      if (depth === 0 && token?.kind === 'mark' && marks.includes(token.value)) return index;
      if (this.#isMark(token, '(', '[')) depth += 1;
      if (this.#isMark(token, ')', ']')) depth -= 1;
    }
    return this.tokens.length;
  }

  /** The value of an expression; undefined where only PHP could tell. */
  #value(from: number, to: number): Value | undefined {
    for (const choice of ['?:', '??']) {
      const at = this.#endOf(from, [choice]);
      if (at >= to) continue;
      const first = this.#value(from, at);
      return first === undefined
        ? undefined
        : first === false || first === null || (choice === '?:' && first === '')
          ? this.#value(at + 1, to)
          : first;
    }
    const dot = this.#endOf(from, ['.']);
    if (dot < to) {
      const [left, right] = [this.#value(from, dot), this.#value(dot + 1, to)];
      return left === undefined || right === undefined ? undefined : `${asText(left)}${asText(right)}`;
    }
    return this.#single(this.tokens.slice(from, to));
  }

  #single(tokens: readonly PhpToken[]): Value | undefined {
    const [first, ...rest] = tokens;
    if (first?.kind === 'name' && rest.length > 0) return this.#call(first.value.toLowerCase(), rest);
    if (rest.length > 0 || first === undefined) return undefined;
    if (first.kind === 'text' || first.kind === 'number') return first.value;
    if (first.kind !== 'name') return undefined;
    switch (first.value.toLowerCase()) {
      case 'true':
        return true;
      case 'false':
        return false;
      case 'null':
        return null;
      case '__dir__':
        return folderOf(this.file);
      case '__file__':
        return this.file;
      default:
        return this.#constants.get(first.value);
    }
  }

  #call(name: string, rest: readonly PhpToken[]): Value | undefined {
    const [open, argument, next, ...more] = rest;
    if (!this.#isMark(open, '(')) return undefined;
    if (name === 'dirname' && argument?.kind === 'name' && rest.length === 3) {
      const inner = this.#single([argument]);
      return typeof inner === 'string' ? folderOf(inner) : undefined;
    }
    if (argument?.kind !== 'text') return undefined;
    const value = this.environment.get(argument.value);
    if (name === 'getenv' && this.#isMark(next, ')')) return value ?? false;
    if (name !== 'getenv_docker' || !this.#isMark(next, ',')) return undefined;
    // `NAME_FILE` of the official image names a file, which is not read here.
    return value ?? this.#single(more.slice(0, -1));
  }

  #isMark(token: PhpToken | undefined, ...values: readonly string[]): boolean {
    return token?.kind === 'mark' && values.includes(token.value);
  }
  #isName(token: PhpToken | undefined, ...values: readonly string[]): boolean {
    return token?.kind === 'name' && values.includes(token.value.toLowerCase());
  }
}

const asText = (value: Value): string =>
  value === true ? '1' : value === false || value === null ? '' : value;
const folderOf = (path: string): string => path.replace(/\/[^/]*$/, '') || '/';
