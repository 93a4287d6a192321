import { escapePattern } from '../../basics/patterns.js';

/** Whether rsync's filter rules let a file through; reads the rules that content/rsync/filters.ts writes. */
export type PathFilter = (path: string) => boolean;

interface Rule {
  readonly includes: boolean;
  readonly foldersOnly: boolean;
  readonly pattern: RegExp;
}

/**
 * The rules of rsync(1), section PATTERN MATCHING RULES, for `- PATTERN` and `+ PATTERN`: the first rule that matches
 * wins, at every folder on the way down too, so what lies in an excluded folder is excluded.
 * @throws TypeError for another kind of rule
 */
export function pathFilter(rules: readonly string[]): PathFilter {
  const compiled = rules.map(compileRule);
  const lets = (path: string, isFolder: boolean): boolean =>
    compiled.find((rule) => (!rule.foldersOnly || isFolder) && rule.pattern.test(`/${path}`))?.includes ??
    true;
  const folders = new Map<string, boolean>();
  const letsFolder = (path: string): boolean => {
    if (path === '') return true;
    let answer = folders.get(path);
    if (answer === undefined) {
      answer = letsFolder(folderOf(path)) && lets(path, true);
      folders.set(path, answer);
    }
    return answer;
  };
  return (path) => letsFolder(folderOf(path)) && lets(path, false);
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

function compileRule(rule: string): Rule {
  const [, sign, text] = /^([-+]) (.+)$/s.exec(rule) ?? [];
  if (sign === undefined || text === undefined)
    throw new TypeError(`not a filter rule that is known: ${rule}`);
  const all = text.endsWith('/***');
  const foldersOnly = !all && text.endsWith('/') && text !== '/';
  const body = all ? text.slice(0, -4) : foldersOnly ? text.slice(0, -1) : text;
  const anchored = body.startsWith('/');
  const source = expressionOf(anchored ? body.slice(1) : body);
  return {
    includes: sign === '+',
    foldersOnly,
    // Without a slash at its start a pattern matches the end of the path, from any part on.
    pattern: new RegExp(`${anchored ? '^/' : '/'}${source}${all ? '(?:/.*)?' : ''}$`, 'su'),
  };
}

/** `*`, `?`, `[…]` stop at a slash, `**` does not; a backslash is an escape only where there is a wildcard. */
function expressionOf(pattern: string): string {
  const wild = /[*?[]/.test(pattern);
  if (!wild) return escapePattern(pattern);
  return pattern.replace(
    /\\(.)|\*\*|\*|\?|\[([!^]?)((?:\]|)[^\]]*)\]|[^*?[\\]+|[\\[]/gsu,
    (piece: string, escaped?: string, not?: string, members?: string) => {
      if (escaped !== undefined) return escapePattern(escaped);
      if (piece === '**') return '.*';
      if (piece === '*') return '[^/]*';
      if (piece === '?') return '[^/]';
      if (members !== undefined) return `(?!/)[${not ? '^' : ''}${members.replace(/[\\\][^]/g, '\\$&')}]`;
      return escapePattern(piece);
    },
  );
}
