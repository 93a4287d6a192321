import { escapeHtml, htmlPage } from '../../../report/page/html-page.js';
import { plainMarkdown } from '../../../report/page/markdown.js';
import {
  link,
  listOf,
  outcomeBlock,
  timeTag,
  type Weight,
  weightWord,
} from '../../../report/page/page-parts.js';
import { type MonthlyReport, type MonthlyReportEntry, monthlyReportSentence } from './monthly-report.js';
import { type MonthlySummary } from '../../../run/monthly-summary.js';

/** `2026-11`. */
const monthName = ({ finishedAt }: MonthlyReport): string => finishedAt.slice(0, 7);

/** For a chat or a mail: one line per site, and what a person has to look at. */
export function renderMonthlyReportMarkdown(month: MonthlyReport): string {
  const lines = [`**Maintenance ${monthName(month)}: ${monthlyReportSentence(month)}**`, ''];
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

/** The month of all sites as a page, those first that need a person. */
export function renderMonthlyReportHtml(month: MonthlyReport): string {
  const states = month.entries.map(({ state }) => state);
  const weight = states.includes('failed') ? 'bad' : states.includes('look') ? 'note' : 'good';
  const title = `Maintenance ${monthName(month)}`;
  return htmlPage({
    title: `${title}: ${monthlyReportSentence(month)}`,
    kind: 'Maintenance of all sites',
    heading: monthTitle(month),
    body: `${outcomeBlock(weight, monthlyReportSentence(month), [timeTag(month.finishedAt)])}
${month.entries.map(siteSection).join('\n')}`,
  });
}

const monthTitle = ({ finishedAt }: MonthlyReport): string => {
  const date = new Date(finishedAt);
  return Number.isNaN(date.getTime())
    ? finishedAt
    : new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' }).format(date);
};

const isAddress = (url: string): boolean => /^https?:\/\/[^\s()<>]+$/.test(url);

const titleOf = ({ site, maintenance }: MonthlyReportEntry): string => maintenance?.title ?? site;

/** Of a build that failed, why; else the verdict of the site's report. */
const sentenceOf = ({ state, result, text, maintenance }: MonthlyReportEntry): string =>
  state === 'failed' ? `${result}: ${text}` : (maintenance?.verdict ?? text);

const LOOK: Readonly<Record<MonthlyReportEntry['state'], readonly [Weight, string]>> = {
  failed: ['bad', 'did not succeed'],
  look: ['note', 'look at it'],
  good: ['good', 'good'],
};

function siteSection(entry: MonthlyReportEntry): string {
  const { site, state, url, maintenance } = entry;
  const [weight, word] = LOOK[state];
  const build = isAddress(url) ? ` ${link(url, 'open the build')}` : '';
  return `<section class="card" id="${escapeHtml(encodeURIComponent(site))}"><h2>${escapeHtml(titleOf(entry))}</h2>
<p>${weightWord(weight, word)}${build}</p><p>${escapeHtml(sentenceOf(entry))}</p>${maintenance === undefined ? '' : details(maintenance)}</section>`;
}

function details({ run, updated, undone, staying, aftermath }: MonthlySummary): string {
  const part = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : `<h3>${title}</h3>${listOf(lines)}`;
  const undoneLines = undone.map(({ what, why }) => (why === '' ? what : `${what}: ${why}`));
  const folded = [
    part('Updated', updated),
    part('Left as they are', staying),
    part('Outcome', aftermath),
  ].join('');
  return `${part('Undone on staging', undoneLines)}<details><summary>What was done</summary>${folded}<p class="soft small">Run <code>${escapeHtml(run)}</code></p></details>`;
}
