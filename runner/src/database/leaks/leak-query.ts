import { quoteIdentifier } from '../../commands/quote.js';
import { searchForms } from '../../rewrite/index.js';
import { holdsOne, ofLength, withoutContained } from '../rewrite/candidates.js';
import { isWide } from '../rewrite/column-bytes.js';
import { hostForms } from './classify.js';

export interface LeakColumn {
  readonly name: string;
  /** Character set of text; null for bytes and JSON. */
  readonly charset: string | null;
  readonly dataType: string;
}

/** Bytes in which ASCII can be searched. */
export function searchable(column: LeakColumn): string {
  const name = quoteIdentifier(column.name);
  return `CONVERT(${isAsStored(column) ? name : `CONVERT(${name} USING utf8mb4)`} USING binary)`;
}

const isAsStored = (column: LeakColumn): boolean => column.dataType !== 'json' && !isWide(column.charset);

/** Bytes as text of one-byte characters, compared without regard to case: another way than the candidate scan's. */
const folded = (column: LeakColumn): string =>
  `CONVERT(${searchable(column)} USING latin1) COLLATE latin1_general_ci`;

/** True for every value of the column that holds one of the hosts in any form. */
export function holdsHost(column: LeakColumn, hosts: readonly string[], sharpen: boolean): string {
  const forms = [...hostForms(hosts).keys()];
  const hidden = hosts.flatMap((host) => searchForms(host).folded);
  const needed = forms.filter((form) => !forms.some((other) => other !== form && form.includes(other)));
  const found = needed
    .map((form) => `LOCATE(_latin1 X'${Buffer.from(form, 'latin1').toString('hex')}', ${folded(column)}) > 0`)
    .join(' OR ');
  // The cheaper question first: it is asked of every value, the other one of the few that are left.
  const encoded = holdsOne(searchable(column), withoutContained(hidden), sharpen);
  const holds = sharpen
    ? `(${found}) AND ${isWholeHost(column, forms)} OR ${encoded}`
    : `${found} OR ${encoded}`;
  // An encoded host is longer than the host.
  const shortest = Math.min(...forms.map((form) => form.length));
  return isAsStored(column) ? ofLength(quoteIdentifier(column.name), shortest, holds) : `(${holds})`;
}

/**
 * MariaDB only: leaves out values in which every mention is a longer name (`staging.acme.com`) or an e-mail address,
 * which saves sending what was just rewritten. What remains is judged one by one. PCRE runs to a dot far faster than
 * to a letter in any case, so the pattern starts at each name's first dot and looks back from there.
 */
function isWholeHost(column: LeakColumn, forms: readonly string[]): string {
  const bytes = (form: string) =>
    form.replace(/[^a-z0-9]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  const names = forms.map((form) => {
    const dot = form.indexOf('.') + 1;
    return `(?<=(?<!@)(?<![a-z0-9_-]\\.)${bytes(form.slice(0, dot))})${bytes(form.slice(dot))}`;
  });
  const start = forms.every((form) => form.includes('.')) ? '\\.' : '';
  const pattern = `(?i)${start}(?:${names.join('|')})(?![a-z0-9-])(?!\\.[a-z0-9])`;
  return `${searchable(column)} REGEXP X'${Buffer.from(pattern, 'latin1').toString('hex')}'`;
}
