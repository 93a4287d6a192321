import { type PhpToken } from './php-tokens.js';

/** A PHP value as far as a configuration needs it; undefined: only PHP could tell. */
export type StaticValue = string | boolean | null | undefined;

/** What an expression may look up. Each answers undefined where it cannot know. */
export interface StaticScope {
  readonly file: string;
  constant(name: string): StaticValue;
  variable(name: string): StaticValue;
  /** null: known not to be set. */
  environment(name: string): string | null | undefined;
  isDefined(name: string): boolean | undefined;
}

/**
 * The value of an expression of PHP, without running it: texts, numbers, constants, plain variables, `.`, `?:`, `??`,
 * `!`, comparisons, `&&`, `||`, `__DIR__`, `dirname()`, `defined()` and the ways to ask the environment. Pure.
 */
export function evaluate(tokens: readonly PhpToken[], scope: StaticScope): StaticValue {
  const expression = new Expression(tokens, scope);
  const value = expression.ternary();
  return expression.isAtEnd ? value : undefined;
}

/** PHP manual, "Booleans: converting to boolean". */
export const isTruthy = (value: StaticValue): boolean | undefined =>
  value === undefined ? undefined : !(value === false || value === null || value === '' || value === '0');

const asText = (value: string | boolean | null): string =>
  value === true ? '1' : value === false || value === null ? '' : value;

export const folderOf = (path: string): string => path.replace(/\/[^/]*$/, '') || '/';

class Expression {
  #at = 0;
  constructor(
    private readonly tokens: readonly PhpToken[],
    private readonly scope: StaticScope,
  ) {}

  get isAtEnd(): boolean {
    return this.#at >= this.tokens.length;
  }

  ternary(): StaticValue {
    const condition = this.#coalesce();
    if (this.#take('?:')) {
      const other = this.ternary();
      const truth = isTruthy(condition);
      return truth === undefined ? undefined : truth ? condition : other;
    }
    if (!this.#take('?')) return condition;
    const yes = this.ternary();
    if (!this.#take(':')) return this.#lost();
    const no = this.ternary();
    const truth = isTruthy(condition);
    return truth === undefined ? undefined : truth ? yes : no;
  }

  #coalesce(): StaticValue {
    const first = this.#or();
    if (!this.#take('??')) return first;
    const other = this.#coalesce();
    return first === null ? other : first;
  }

  #or(): StaticValue {
    let value = this.#and();
    while (this.#take('||')) {
      const [left, right] = [isTruthy(value), isTruthy(this.#and())];
      value = left === true || right === true ? true : left === false && right === false ? false : undefined;
    }
    return value;
  }

  #and(): StaticValue {
    let value = this.#comparison();
    while (this.#take('&&')) {
      const [left, right] = [isTruthy(value), isTruthy(this.#comparison())];
      value = left === false || right === false ? false : left === true && right === true ? true : undefined;
    }
    return value;
  }

  #comparison(): StaticValue {
    const left = this.#joined();
    const mark = this.#take('===', '!==', '==', '!=');
    if (mark === undefined) return left;
    const right = this.#joined();
    // `==` of different types has rules of its own; texts are compared as texts unless both are numbers.
    if (left === undefined || right === undefined || typeof left !== typeof right) return undefined;
    return (left === right) === mark.startsWith('=');
  }

  #joined(): StaticValue {
    let value = this.#unary();
    while (this.#take('.')) {
      const next = this.#unary();
      value = value === undefined || next === undefined ? undefined : asText(value) + asText(next);
    }
    return value;
  }

  #unary(): StaticValue {
    if (this.#take('@')) return this.#unary();
    if (!this.#take('!')) return this.#primary();
    const truth = isTruthy(this.#unary());
    return truth === undefined ? undefined : !truth;
  }

  #primary(): StaticValue {
    const token = this.tokens[this.#at++];
    switch (token?.kind) {
      case 'text':
      case 'number':
        return token.value;
      case 'variable':
        return this.#variable(token.value);
      case 'name':
        return this.#isMark('(') ? this.#call(token.value.toLowerCase()) : this.#name(token.value);
      case 'mark': {
        if (token.value !== '(') return this.#lost();
        const value = this.ternary();
        return this.#take(')') ? value : this.#lost();
      }
      case 'computed-text':
      case undefined:
        return this.#lost();
    }
  }

  #variable(name: string): StaticValue {
    // What lies in an array ($_SERVER, $_ENV) depends on who runs the file.
    return this.#isMark('[') ? this.#lost() : this.scope.variable(name);
  }

  #name(name: string): StaticValue {
    switch (name.toLowerCase()) {
      case 'true':
        return true;
      case 'false':
        return false;
      case 'null':
        return null;
      case '__dir__':
        return folderOf(this.scope.file);
      case '__file__':
        return this.scope.file;
      default:
        return this.scope.constant(name);
    }
  }

  /** A call whose answer is known without its side effects; anything else cannot be known. */
  #call(name: string): StaticValue {
    this.#at += 1;
    const values: StaticValue[] = [];
    while (!this.#isMark(')')) {
      if (this.isAtEnd) return undefined;
      values.push(this.ternary());
      if (!this.#take(',') && !this.#isMark(')')) return this.#lost();
    }
    this.#at += 1;
    return this.#answer(name, values);
  }

  #answer(name: string, [first, second, ...more]: readonly StaticValue[]): StaticValue {
    if (typeof first !== 'string' || more.length > 0) return undefined;
    switch (name) {
      case 'dirname': {
        if (second !== undefined && !/^[1-9]$/.test(String(second))) return undefined;
        let path = first;
        for (let level = Number(second ?? 1); level > 0; level -= 1) path = folderOf(path);
        return path;
      }
      case 'defined':
        return this.scope.isDefined(first);
      case 'getenv': {
        const value = this.scope.environment(first);
        return value === null ? false : value;
      }
      case 'env':
      case 'env\\env':
        return asEnv(this.scope.environment(first));
      case 'getenv_docker': {
        // `NAME_FILE` of the official image names a file, which is not read here.
        if (this.scope.environment(`${first}_FILE`) !== null) return undefined;
        const value = this.scope.environment(first);
        return value === null ? second : value;
      }
      default:
        return undefined;
    }
  }

  #isMark(value: string): boolean {
    const token = this.tokens[this.#at];
    return token?.kind === 'mark' && token.value === value;
  }

  #take(...values: readonly string[]): string | undefined {
    const value = values.find((each) => this.#isMark(each));
    if (value !== undefined) this.#at += 1;
    return value;
  }

  /** Something that is not understood: what follows does not matter either. */
  #lost(): undefined {
    this.#at = this.tokens.length;
    return undefined;
  }
}

/** oscarotero/env, which Bedrock uses, turns these words into values. */
function asEnv(value: string | null | undefined): StaticValue {
  const values: Readonly<Record<string, StaticValue>> = { true: true, false: false, null: null };
  const word = value?.toLowerCase() ?? '';
  return word in values ? values[word] : value;
}
