import { matchesPattern } from '../../basics/patterns.js';
import { type KeyColumns } from './key-columns.js';
import { type Column, type Table } from './tables.js';

/** Which tables and columns rewriting does not touch, and which rows. Names are without the site's prefix. */
export interface RewriteRules {
  /** Table prefix; '' for none. */
  readonly prefix: string;
  /** A WordPress network: its two tables of domains are set explicitly. */
  readonly multisite: boolean;
  /** `table.column` shell patterns from the site file. */
  readonly skip: readonly string[];
}

/** `wp_posts` and `wp_2_posts` are both `posts`; a table without the prefix keeps its name. */
export function baseName(table: string, prefix: string): string {
  if (!table.toLowerCase().startsWith(prefix.toLowerCase())) return table;
  const rest = table.slice(prefix.length);
  return prefix === '' ? rest : rest.replace(/^\d+_/, '');
}

/** Whether a `table.column` pattern names this column, with or without prefix and blog number. */
export const namesColumn = (pattern: string, table: string, column: string, prefix: string): boolean =>
  matchesPattern(pattern, `${baseName(table, prefix)}.${column}`) ||
  matchesPattern(pattern, `${table}.${column}`);

/** Identities or secrets, no addresses (docs/rewriting.md). Another guid makes feed readers show every post. */
const NEVER = ['*posts.guid', 'users.user_pass', 'options.option_name', '*.meta_key'];
const NETWORK = ['blogs.*', 'site.*'];

/** Texts are rewritten; those that are keys of rows are only counted; identities, secrets and numbers are not read. */
export function treatment(
  table: Table,
  column: Column,
  rules: RewriteRules,
  keys: KeyColumns,
): 'rewrite' | 'count' | 'leave' {
  if (column.kind === 'other' || column.generated) return 'leave';
  const isLeft = [...NEVER, ...(rules.multisite ? NETWORK : []), ...rules.skip].some((pattern) =>
    namesColumn(pattern, table.name, column.name, rules.prefix),
  );
  if (isLeft) return 'leave';
  if (keys.get(table.name)?.has(column.name) === true) return 'count';
  return table.primaryKey.includes(column.name) ? 'leave' : 'rewrite';
}

/** WooCommerce Subscriptions knows a copy by its stored siteurl and stops charging; tokens are dropped elsewhere. */
export function rowFilter(table: Table, rules: RewriteRules): string | undefined {
  const name = baseName(table.name, rules.prefix).toLowerCase();
  const has = (column: string) => table.columns.some((one) => one.name.toLowerCase() === column);
  if (name === 'options' && has('option_name')) return "NOT (option_name <=> 'wc_subscriptions_siteurl')";
  if (name === 'usermeta' && has('meta_key')) return "NOT (meta_key <=> 'session_tokens')";
  return undefined;
}
