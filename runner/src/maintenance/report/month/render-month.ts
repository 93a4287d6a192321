import { escapeHtml, htmlPage } from '../../../report/html-page.js';
import { plainMarkdown } from '../../../report/markdown.js';
import { type Month, type MonthEntry, monthSentence } from './month.js';

/** `2026-11`. */
const monthName = ({ finishedAt }: Month): string => finishedAt.slice(0, 7);

/** For a chat or a mail: one line per site, and what a person has to look at. */
export function renderMonthMarkdown(month: Month): string {
  const lines = [`**Maintenance ${monthName(month)}: ${monthSentence(month)}**`, ''];
  for (const entry of month.entries) {
    const mark = entry.state === 'good' ? '' : entry.state === 'failed' ? '❌ ' : '⚠️ ';
    const build = !isAddress(entry.url) ? '' : ` ([build](${entry.url}))`;
    lines.push(
      `- ${mark}${plainMarkdown(titleOf(entry))}: ${plainMarkdown(sentenceOf(entry).slice(0, 400))}${build}`,
    );
    for (const { what, why } of entry.maintenance?.undone ?? [])
      lines.push(`  - ${plainMarkdown(why === '' ? what : `${what}: ${why}`)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The month of all sites as a page. */
export function renderMonthHtml(month: Month): string {
  const bad = month.entries.some(({ state }) => state === 'failed');
  const title = `Maintenance ${monthName(month)}`;
  return htmlPage({
    title,
    body: `<h1>${escapeHtml(title)}</h1>
<p class="${bad ? 'bad' : 'good'}"><strong>${escapeHtml(monthSentence(month))}</strong></p>
<table><thead><tr><th>Site</th><th>Result</th><th>What</th><th>Updates</th></tr></thead><tbody>
${month.entries.map(row).join('\n')}
</tbody></table>
${month.entries.map(section).join('\n')}
<p>${escapeHtml(month.finishedAt)}</p>`,
  });
}

const isAddress = (url: string): boolean => /^https?:\/\/[^\s()<>]+$/.test(url);

const titleOf = ({ site, maintenance }: MonthEntry): string => maintenance?.title ?? site;

/** Of a build that failed, why; else the verdict of the site's report. */
const sentenceOf = ({ state, result, text, maintenance }: MonthEntry): string =>
  state === 'failed' ? `${result}: ${text}` : (maintenance?.verdict ?? text);

function row(entry: MonthEntry): string {
  const { state, result, url, maintenance, site } = entry;
  const link = !isAddress(url)
    ? escapeHtml(result)
    : `<a href="${escapeHtml(url)}">${escapeHtml(result)}</a>`;
  const name =
    maintenance === undefined
      ? escapeHtml(site)
      : `<a href="#${escapeHtml(encodeURIComponent(site))}">${escapeHtml(maintenance.title)}</a>`;
  const count = maintenance === undefined ? '' : String(maintenance.updates);
  return `<tr class="${state}"><td>${name}</td><td class="state">${link}</td><td>${escapeHtml(sentenceOf(entry))}</td><td class="number">${count}</td></tr>`;
}

function section({ site, maintenance }: MonthEntry): string {
  if (maintenance === undefined) return '';
  const { title, run, updated, undone, staying, aftermath } = maintenance;
  return `<section id="${escapeHtml(encodeURIComponent(site))}"><h2>${escapeHtml(title)}</h2><p>Run <code>${escapeHtml(run)}</code></p>
${part(
  'Undone on staging',
  undone.map(({ what, why }) => (why === '' ? what : `${what}: ${why}`)),
)}${part('Updated', updated)}${part('Not updated', staying)}${part('Then', aftermath)}</section>`;
}

const part = (title: string, lines: readonly string[]): string =>
  lines.length === 0
    ? ''
    : `<h3>${title}</h3><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
