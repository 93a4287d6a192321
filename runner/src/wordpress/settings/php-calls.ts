import { isMark, isName } from './php-statements.js';
import { type PhpToken } from './php-tokens.js';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Functions that cannot define anything, and whose other effects do not matter to what a configuration says. */
const HARMLESS =
  words(`ini_set ini_get error_reporting set_time_limit header headers_sent http_response_code setlocale
  mb_internal_encoding date_default_timezone_set defined define dirname getenv getenv_docker env env\\env realpath file_exists
  is_file is_dir is_readable function_exists class_exists strpos stripos str_contains str_starts_with str_ends_with in_array
  explode implode trim rtrim ltrim strtolower strtoupper str_replace substr strlen count php_sapi_name phpversion
  version_compare parse_url preg_match preg_replace basename array_key_exists is_array is_string is_null intval microtime
  time date md5 sha1 hash sprintf array_merge array_search umask`);

/** Words before a parenthesis that are no calls. */
const LANGUAGE =
  words(`if elseif while for foreach switch catch match isset empty array list exit die return echo print
  and or xor unset`);

/** phpdotenv (vlucas) fills the environment from .env, which is read by itself. */
const DOTENV =
  words(`create createunsafeimmutable createimmutable createunsafemutable createmutable createwithnoadapters
  createwithdefaultadapters addadapter immutable make load safeload required notempty ifpresent`);

/** What is run in a part of a file and could do anything: `x()`, `eval`, `a shell`. */
export function unknownCalls(
  tokens: readonly PhpToken[],
  from: number,
  end: number,
  usesDotenv: boolean,
): string[] {
  const found: string[] = [];
  for (let at = from; at < end; at++) {
    const [before, token, next] = [tokens[at - 1], tokens[at], tokens[at + 1]];
    if (
      token?.kind === 'name' &&
      isName(token, 'eval', 'new', 'function', 'fn', 'include', 'include_once', 'require', 'require_once')
    )
      found.push(token.value);
    else if (isMark(token, '`')) found.push('a shell');
    else if (!isMark(next, '(')) continue;
    else if (token?.kind === 'variable' || isMark(token, ')', ']', '}')) found.push('a computed name');
    else if (token?.kind === 'name') {
      const name = token.value.toLowerCase();
      if (LANGUAGE.has(name)) continue;
      const isMethod = isMark(before, '::', '->');
      if (isMethod ? !(usesDotenv && DOTENV.has(name)) : !HARMLESS.has(name)) found.push(`${token.value}()`);
    }
  }
  return found;
}
