import { type PhpToken, phpTokens } from './php-tokens.js';
import { endOf, endOfBraces, isMark, isName } from './php-statements.js';
import { parseDotenv } from './dotenv.js';
import { unknownCalls } from './php-calls.js';
import { evaluate, folderOf, isTruthy, type StaticScope, type StaticValue } from './static-expression.js';
import { type TextConfig, type TextSources } from './text-config.js';

const MOST_INCLUDES = 50;

/**
 * Constants and `$table_prefix` of a wp-config.php, without running it. A statement that is not understood is never passed
 * over: it is named in `unknown`, and so is every constant that may depend on it. Pure.
 */
export function configFromText(source: string, file: string, sources: TextSources): TextConfig {
  const reader = new ConfigReader(sources);
  reader.runFile(source, file);
  return reader.result();
}

class ConfigReader {
  readonly #constants = new Map<string, string | boolean>();
  readonly #variables = new Map<string, StaticValue>();
  readonly #environment: Map<string, string>;
  readonly #asked = new Set<string>();
  readonly #doubtful = new Set<string>();
  readonly #notes = new Set<string>();
  readonly #missing = new Set<string>();
  readonly #included = new Set<string>();
  #prefix: StaticValue = null;
  #reached = false;
  #ended = false;
  #usesDotenv = false;
  #tokens: readonly PhpToken[] = [];
  #file = '';

  constructor(private readonly sources: TextSources) {
    this.#environment = new Map(sources.environment);
    for (const [name, value] of sources.given ?? []) this.#constants.set(name, value);
  }

  result(): TextConfig {
    const { files } = this.sources;
    const unread = [...this.#missing].filter((path) => files?.has(path) !== true);
    const unknown = [
      ...[...this.#doubtful].map((name) => `${name} depends on something that only PHP can evaluate.`),
      ...this.#notes,
      ...(unread.length > 0 ? ['wp-config.php includes another file, which was not read.'] : []),
    ];
    return {
      constants: this.#constants,
      ...(typeof this.#prefix === 'string' ? { prefix: this.#prefix } : {}),
      unknown,
      missing: unread,
      doubtful: [...this.#doubtful],
      unset: this.#usesDotenv ? [] : [...this.#asked].filter((name) => !this.#environment.has(name)),
      reached: this.#reached,
    };
  }

  runFile(source: string, file: string, unsure = false): void {
    const [tokens, before] = [this.#tokens, this.#file];
    [this.#tokens, this.#file] = [phpTokens(source), file];
    this.#block(0, this.#tokens.length, unsure);
    [this.#tokens, this.#file] = [tokens, before];
  }

  /** @param unsure whether it happens is not known */
  #block(from: number, to: number, unsure: boolean): void {
    for (let at = from; at < to && !this.#ended;) at = this.#statement(at, to, unsure);
  }

  /** @returns where the next one begins */
  #statement(at: number, to: number, unsure: boolean): number {
    const token = this.#tokens[at];
    if (isMark(token, ';', '}')) return at + 1;
    if (isMark(token, '{')) {
      const end = endOfBraces(this.#tokens, at);
      this.#block(at + 1, Math.min(end, to), unsure);
      return end + 1;
    }
    if (isName(token, 'if')) return this.#if(at, to, unsure);
    if (isName(token, 'function', 'class', 'interface', 'trait', 'abstract', 'final')) {
      const end = endOfBraces(this.#tokens, endOf(this.#tokens, at, ['{']));
      // It may be called by something that is noted; what it would define is not certain then.
      this.#doubt(at, end);
      return end + 1;
    }
    if (
      isName(token, 'while', 'for', 'foreach', 'switch', 'do', 'try', 'catch', 'finally', 'match', 'goto')
    ) {
      const end = this.#endOfConstruct(at);
      this.#doubt(at, end);
      this.#noteCalls(at, end);
      return end + 1;
    }
    if (isName(token, 'namespace', 'use', 'declare')) return endOf(this.#tokens, at, [';', '{']) + 1;
    const end = Math.min(endOf(this.#tokens, at, [';']), to);
    this.#simple(at, end, unsure);
    return end + 1;
  }

  /** A condition whose answer is known decides; else both branches may or may not happen. */
  #if(start: number, to: number, unsure: boolean): number {
    let at = start;
    let taken: boolean | undefined = false;
    for (;;) {
      let truth: boolean | undefined = true;
      if (isName(this.#tokens[at], 'if', 'elseif')) {
        const close = endOf(this.#tokens, at + 2, [')']);
        truth = isTruthy(this.#value(at + 2, close));
        this.#noteCalls(at + 2, close);
        at = close;
      }
      if (isMark(this.#tokens[at + 1], ':')) {
        this.#notes.add('wp-config.php uses if … endif, which only PHP can evaluate.');
        this.#doubt(at, to);
        return to;
      }
      const next = this.#branch(at + 1, to, {
        skip: taken === true || truth === false,
        unsure: unsure || taken === undefined || truth === undefined,
      });
      taken =
        taken === true || truth === true
          ? true
          : taken === undefined || truth === undefined
            ? undefined
            : false;
      at = next;
      if (isName(this.#tokens[at], 'elseif')) continue;
      if (!isName(this.#tokens[at], 'else')) return at;
      if (isName(this.#tokens[at + 1], 'if')) at += 1;
    }
  }

  #branch(at: number, to: number, how: { readonly skip: boolean; readonly unsure: boolean }): number {
    if (!how.skip) return this.#statement(at, to, how.unsure);
    const end = isMark(this.#tokens[at], '{')
      ? endOfBraces(this.#tokens, at)
      : isName(this.#tokens[at], 'if', 'while', 'for', 'foreach', 'switch')
        ? this.#endOfConstruct(at)
        : endOf(this.#tokens, at, [';']);
    return end + 1;
  }

  #endOfConstruct(at: number): number {
    const [semicolon, brace] = [endOf(this.#tokens, at, [';']), endOf(this.#tokens, at, ['{'])];
    return brace < semicolon ? endOfBraces(this.#tokens, brace) : semicolon;
  }

  #simple(from: number, end: number, unsure: boolean): void {
    const at = isMark(this.#tokens[from], '@') ? from + 1 : from;
    const token = this.#tokens[at];
    const next = this.#tokens[at + 1];
    if (isName(token, 'define') && isMark(next, '(')) return this.#define(at + 2, end, unsure);
    if (isName(token, 'config', 'roots\\wpconfig\\config') && isMark(next, '::'))
      return this.#bedrock(at + 2, end, unsure);
    if (isName(token, 'const')) return this.#const(at + 1, end);
    if (isName(token, 'require', 'require_once', 'include', 'include_once'))
      return this.#include(at + 1, end, unsure);
    if (isName(token, 'return', 'exit', 'die') && !unsure) {
      this.#noteCalls(at + 1, end);
      this.#ended = true;
      return;
    }
    if (token?.kind === 'variable' && isMark(next, '='))
      return this.#assign(token.value, at + 2, end, unsure);
    if (isName(token, 'putenv')) {
      const [name, value] = String(this.#value(at + 2, end - 1) ?? '').split(/=(.*)/s);
      if (unsure || !name || value === undefined) this.#notes.add('wp-config.php changes its environment.');
      else this.#environment.set(name, value);
      return;
    }
    this.#noteCalls(at, end);
  }

  #define(from: number, end: number, unsure: boolean): void {
    const comma = endOf(this.#tokens, from, [',']);
    const name = this.#value(from, comma);
    const last = endOf(this.#tokens, comma + 1, [')', ',']);
    this.#noteCalls(from, end);
    if (typeof name !== 'string') this.#notes.add('wp-config.php defines a constant whose name is computed.');
    else this.#keep(name, this.#value(comma + 1, last), unsure);
  }

  #const(from: number, end: number): void {
    const name = this.#tokens[from];
    if (name?.kind !== 'name' || !isMark(this.#tokens[from + 1], '=')) return this.#noteCalls(from, end);
    this.#keep(name.value, this.#value(from + 2, end), false);
  }

  /** `Config::define()` of Bedrock (roots/wp-config) defines when `Config::apply()` is called. */
  #bedrock(at: number, end: number, unsure: boolean): void {
    if (isName(this.#tokens[at], 'define')) this.#define(at + 2, end, unsure);
    else if (!isName(this.#tokens[at], 'apply')) this.#noteCalls(at - 2, end);
  }

  /** The first definition wins, as in PHP; after one that may or may not have happened nothing is certain. */
  #keep(name: string, value: StaticValue, unsure: boolean): void {
    if (this.#constants.has(name) || this.#doubtful.has(name)) return;
    if (unsure || value === undefined) this.#doubtful.add(name);
    else if (value !== null) this.#constants.set(name, value);
  }

  #assign(name: string, from: number, end: number, unsure: boolean): void {
    this.#noteCalls(from, end);
    const value = unsure ? undefined : this.#value(from, end);
    this.#variables.set(name, value);
    if (name !== '$table_prefix') return;
    this.#prefix = value;
    if (typeof value === 'string') this.#doubtful.delete(name);
    else this.#doubtful.add(name);
  }

  #include(from: number, end: number, unsure: boolean): void {
    const path = this.#value(from, end);
    const tail = this.#tokens.slice(from, end).findLast((token) => token.kind === 'text');
    const name = typeof path === 'string' ? path : tail?.kind === 'text' ? tail.value : '';
    if (name.endsWith('wp-settings.php')) {
      this.#reached ||= !unsure;
      this.#ended = !unsure;
    } else if (name.endsWith('/vendor/autoload.php')) {
      // Composer's loader: it defines classes, no constants of WordPress.
    } else if (typeof path !== 'string')
      this.#notes.add('wp-config.php includes a file whose name is computed.');
    else this.#readIncluded(path.startsWith('/') ? path : `${folderOf(this.#file)}/${path}`, unsure);
  }

  #readIncluded(path: string, unsure: boolean): void {
    this.#missing.add(path);
    const text = this.sources.files?.get(path);
    if (typeof text !== 'string' || this.#included.has(path) || this.#included.size >= MOST_INCLUDES) return;
    this.#included.add(path);
    this.runFile(text, path, unsure);
    // `return` ends the included file alone.
    this.#ended = this.#reached;
  }

  /** Everything that is defined in a part that may or may not run. */
  #doubt(from: number, end: number): void {
    for (let at = from; at < end; at++) {
      const [token, open, name] = [this.#tokens[at], this.#tokens[at + 1], this.#tokens[at + 2]];
      if (token?.kind === 'variable') this.#variables.set(token.value, undefined);
      if (token?.kind === 'variable' && token.value === '$table_prefix') this.#doubtful.add('$table_prefix');
      if (isName(token, 'define') && isMark(open, '(')) {
        if (name?.kind === 'text') this.#keep(name.value, undefined, true);
        else this.#notes.add('wp-config.php defines a constant whose name is computed.');
      }
      if (isName(token, 'require', 'require_once', 'include', 'include_once'))
        this.#notes.add('wp-config.php includes a file on a condition that only PHP can evaluate.');
    }
  }

  /** Code that is called could define anything: named, so that PHP is asked. */
  #noteCalls(from: number, end: number): void {
    if (
      this.#tokens
        .slice(from, end)
        .some((token) => token.kind === 'name' && /(?:^|\\)dotenv(?:\\|$)/i.test(token.value))
    )
      this.#readDotenv();
    for (const what of unknownCalls(this.#tokens, from, end, this.#usesDotenv))
      this.#notes.add(`wp-config.php calls ${what}, which only PHP can evaluate.`);
  }

  /** The values of .env, for variables that are not set already. */
  #readDotenv(): void {
    if (this.#usesDotenv) return;
    this.#usesDotenv = true;
    const root = this.#variables.get('$root_dir') ?? folderOf(folderOf(this.#file));
    if (typeof root !== 'string') return;
    const [file, local] = [`${root}/.env`, `${root}/.env.local`];
    for (const path of [local, file]) {
      this.#missing.add(path);
      for (const [name, value] of parseDotenv(this.sources.files?.get(path) ?? ''))
        if (!this.#environment.has(name)) this.#environment.set(name, value);
    }
  }

  readonly #scope = (): StaticScope => ({
    file: this.#file,
    constant: (name) => (this.#doubtful.has(name) ? undefined : this.#constants.get(name)),
    variable: (name) => this.#variables.get(name),
    environment: (name) => {
      this.#asked.add(name);
      return this.#environment.get(name) ?? null;
    },
    isDefined: (name) => (this.#constants.has(name) ? true : this.#doubtful.has(name) ? undefined : false),
  });

  #value(from: number, to: number): StaticValue {
    return evaluate(this.#tokens.slice(from, to), this.#scope());
  }
}
