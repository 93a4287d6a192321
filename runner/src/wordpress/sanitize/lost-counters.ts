import { baseName } from '../../database/rewrite/rules.js';
import { type Finding } from '../../errors/index.js';

/** The columns that WordPress leaves to AUTO_INCREMENT, by the names of its tables. */
const COUNTERS: Readonly<Record<string, string>> = {
  commentmeta: 'meta_id',
  comments: 'comment_id',
  links: 'link_id',
  options: 'option_id',
  postmeta: 'meta_id',
  posts: 'id',
  sitemeta: 'meta_id',
  term_taxonomy: 'term_taxonomy_id',
  termmeta: 'meta_id',
  terms: 'term_id',
  usermeta: 'umeta_id',
  users: 'id',
};

/** Whether WordPress leaves a column to the server: without AUTO_INCREMENT every new row gets 0, or none can be added. */
export const isCounterOf = (table: string, column: string, prefix: string): boolean =>
  table.toLowerCase().startsWith(prefix.toLowerCase()) &&
  COUNTERS[baseName(table, prefix).toLowerCase()] === column.toLowerCase();

/** A dump that was put back without its last part, or by a tool that knows no keys, leaves tables like that. Pure. */
export function lostCounters(
  columns: readonly { readonly table: string; readonly name: string; readonly isCounter: boolean }[],
  prefix: string,
): readonly Finding[] {
  const lost = columns.filter(({ table, name, isCounter }) => !isCounter && isCounterOf(table, name, prefix));
  if (lost.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'DATABASE_COUNTER_LOST',
      message: `Production's ${lost.map(({ table, name }) => `${table}.${name}`).join(', ')} lost AUTO_INCREMENT, so WordPress cannot add rows there as it should; the copy is the same.`,
    },
  ];
}
