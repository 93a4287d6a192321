import { escapeHtml } from './html-page.js';
import { localTime } from './local-time.js';

/** How something ended, as a colour, a sign and a word: never the colour alone. */
export type Weight = 'good' | 'look' | 'bad' | 'note';

const SIGNS: Readonly<Record<Weight, string>> = {
  good: '<path d="M3 8.5l3.5 3.5L13 4.5" fill="none" stroke="currentColor" stroke-width="2"/>',
  look: '<path d="M8 2l6.5 12h-13z" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 6.5v3.5M8 11.4v1.2" stroke="currentColor" stroke-width="1.6"/>',
  bad: '<path d="M3.5 3.5l9 9M12.5 3.5l-9 9" fill="none" stroke="currentColor" stroke-width="2"/>',
  note: '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 7v4.5M8 4.3v1.4" stroke="currentColor" stroke-width="1.6"/>',
};

const sign = (weight: Weight): string =>
  `<svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${SIGNS[weight]}</svg>`;

export const weightWord = (weight: Weight, word: string): string =>
  `<span class="word ${weight}">${sign(weight)}${escapeHtml(word)}</span>`;

/** What a person reads first. @param lines HTML */
export const outcomeBlock = (weight: Weight, headline: string, lines: readonly string[]): string =>
  `<div class="outcome ${weight}"><p class="headline">${escapeHtml(headline)}</p>${lines.map((line) => `<p>${line}</p>`).join('')}</div>`;

/** A link where the address is one that may be opened; else its text. */
export const link = (address: string, text = address): string =>
  /^https?:\/\/[^\s<>"]+$/i.test(address)
    ? `<a href="${escapeHtml(address)}">${escapeHtml(text)}</a>`
    : escapeHtml(text);

export const timeTag = (time: string): string =>
  `<time datetime="${escapeHtml(time)}">${escapeHtml(localTime(time))}</time>`;

/** @param entries name as text, value as HTML; those without a value are left out */
export function factList(entries: readonly (readonly [string, string])[]): string {
  const shown = entries.filter(([, value]) => value !== '');
  return shown.length === 0
    ? ''
    : `<dl>${shown.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${value}</dd>`).join('')}</dl>`;
}

export const listOf = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;

/** Large numbers with a word each, as text. */
export const numbers = (entries: readonly (readonly [string, string])[]): string =>
  `<ul class="numbers">${entries.map(([value, word]) => `<li><b>${escapeHtml(value)}</b><span>${escapeHtml(word)}</span></li>`).join('')}</ul>`;

export const section = (title: string, body: string): string =>
  body === '' ? '' : `<section><h2>${escapeHtml(title)}</h2>\n${body}\n</section>`;

export interface TableParts {
  /** Plain text. */
  readonly caption: string;
  /** Plain text; the first is of the names, the rest of numbers. */
  readonly columns: readonly string[];
  /** Plain text. */
  readonly rows: readonly (readonly string[])[];
  /** How many more there are that nobody noted. */
  readonly more?: number;
}

/** Rows that are shown before the rest is folded. */
const OPEN_ROWS = 10;

/** A table of names and numbers; a long one is folded after ten rows. */
export function countTable(table: TableParts): string {
  const { rows, more = 0 } = table;
  if (rows.length === 0) return '';
  const rest = rows.slice(OPEN_ROWS);
  const beyond =
    more === 0 ? '' : `<p class="soft small">And ${String(more)} more, which were not noted.</p>`;
  const open = oneTable(table, rows.slice(0, OPEN_ROWS));
  if (rest.length === 0) return open + beyond;
  const folded = oneTable({ ...table, caption: `${table.caption}, continued` }, rest);
  return `${open}<details><summary>${String(rest.length)} more</summary>${folded}${beyond}</details>`;
}

function oneTable({ caption, columns }: TableParts, rows: TableParts['rows']): string {
  const head = columns
    .map((name, index) => `<th scope="col"${index === 0 ? '' : ' class="number"'}>${escapeHtml(name)}</th>`)
    .join('');
  const body = rows
    .map(
      ([name = '', ...values]) =>
        `<tr><th scope="row">${escapeHtml(name)}</th>${values.map((value) => `<td class="number">${escapeHtml(value)}</td>`).join('')}</tr>`,
    )
    .join('\n');
  return `<table><caption>${escapeHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>
${body}
</tbody></table>`;
}
