import { type DatabaseOptions } from '../../config/site.js';
import { matchesPattern } from '../../basics/patterns.js';

/** The tables and views of a schema that are not plainly the site's. */
export interface ForeignTables {
  /** Nothing in the site file decides about them. */
  readonly undecided: readonly string[];
  /** `database.exclude` names them. */
  readonly excluded: readonly string[];
}

/** What every installation of WordPress has once, a network included: its sites share users. */
const INSTALLATION = ['options', 'posts', 'users', 'usermeta'];

/**
 * Sorts the tables of a schema by whose they are. Without a prefix (sites that are not WordPress) all are the site's.
 * With one, those that begin with it are, unless another installation has a longer prefix that begins with it too.
 */
export function foreignTables(
  names: readonly string[],
  prefix: string,
  { alsoInSchema, exclude }: Pick<DatabaseOptions, 'alsoInSchema' | 'exclude'>,
): ForeignTables {
  const matches = (patterns: readonly string[], name: string): boolean =>
    patterns.some((pattern) => matchesPattern(pattern, name));
  const others = otherInstallations(names, prefix);
  const isForeign = (name: string): boolean =>
    prefix !== '' && (!begins(name, prefix) || others.some((other) => begins(name, other)));
  return {
    excluded: names.filter((name) => matches(exclude, name)),
    undecided: names.filter(
      (name) => isForeign(name) && !matches(alsoInSchema, name) && !matches(exclude, name),
    ),
  };
}

/** Servers that keep names in lower case find the tables of `WP_` all the same. */
const begins = (name: string, prefix: string): boolean => name.toLowerCase().startsWith(prefix.toLowerCase());

function otherInstallations(names: readonly string[], prefix: string): string[] {
  const all = new Set(names);
  return names
    .filter((name) => begins(name, prefix) && name.endsWith('options') && name.length > prefix.length + 7)
    .map((name) => name.slice(0, -'options'.length))
    .filter((other) => INSTALLATION.every((table) => all.has(`${other}${table}`)));
}

/** Patterns that cover the names, by what stands before their first underscore: `[crm_*, notes]`. */
export function patternsFor(names: readonly string[], prefix: string): string {
  const heads = names.map((name) => {
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    const at = rest.indexOf('_');
    return at < 1 ? name : `${name.slice(0, name.length - rest.length)}${rest.slice(0, at + 1)}*`;
  });
  const quoted = [...new Set(heads)].map((one) => (/^[\w*-]+$/.test(one) ? one : JSON.stringify(one)));
  return `[${quoted.join(', ')}]`;
}

/** Names for a sentence: the first twenty. */
export const nameList = (names: readonly string[]): string =>
  `${names.slice(0, 20).join(', ')}${names.length > 20 ? ' …' : ''}`;
