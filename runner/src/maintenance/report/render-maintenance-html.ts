import { formatSeconds } from '../../report/format.js';
import { escapeHtml, htmlPage, pictureLink } from '../../report/html-page.js';
import { failuresOf, newFailures, sentenceOf } from '../checks/check-result.js';
import { type UpdateItem } from '../maintenance-record.js';
import { aftermathOf } from './aftermath.js';
import { type ReportInput, STATE_WORDS, stepOf, verdictOf } from './verdict.js';

/** What a person reads first: what went wrong, then what changed, then what stayed. */
const ORDER: readonly UpdateItem['state'][] = [
  'rolled-back',
  'failed',
  'updated',
  'no-package',
  'pinned',
  'excluded',
  'current',
];

/** The report of a site's maintenance as a page. */
export function renderMaintenanceHtml(input: ReportInput): string {
  const { record } = input;
  const verdict = verdictOf(record);
  const items = record.items.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  return htmlPage({
    title: `${input.title}: maintenance`,
    body: `<p class="${verdict.startsWith('GOOD') ? 'good' : 'bad'}"><strong>${escapeHtml(verdict)}</strong></p>
<h1>${escapeHtml(input.title)}: maintenance</h1>
<p>Run <code>${escapeHtml(record.run)}</code>, staging <a href="${escapeHtml(input.url)}">${escapeHtml(input.url)}</a>, ${escapeHtml(record.checks?.finishedAt ?? record.createdAt)}</p>
${evidence(aftermathOf(record))}
${items.length === 0 ? '<p>Everything is up to date.</p>' : itemTable(items)}
${items.map(details).join('\n')}
${checksPart(input)}
${picturesPart(input)}
${notesPart(record.notes ?? [])}`,
  });
}

function itemTable(items: readonly UpdateItem[]): string {
  const rows = items.map((item) => {
    const log =
      item.changelog === undefined ? '' : ` <a href="${escapeHtml(item.changelog)}">what changed</a>`;
    return (
      `<tr class="${item.state}"><td>${escapeHtml(item.title)}</td><td>${item.kind}</td><td>${escapeHtml(stepOf(item))}${log}</td>` +
      `<td class="state">${STATE_WORDS[item.state]}</td><td>${escapeHtml(item.evidence[0] ?? '')}</td><td class="number">${item.seconds === 0 ? '' : formatSeconds(item.seconds)}</td></tr>`
    );
  });
  return `<table><thead><tr><th>What</th><th>Kind</th><th>Version</th><th>Result</th><th>Why</th><th>Time</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
}

/** Of what was rolled back, everything that was seen; of the rest, which tables changed. */
function details(item: UpdateItem): string {
  const isBad = item.state === 'rolled-back' || item.state === 'failed';
  if (!isBad && item.tables === undefined) return '';
  const tables =
    item.tables === undefined
      ? ''
      : `<p>Tables ${isBad ? 'put back' : 'that changed'}: ${escapeHtml(item.tables.join(', '))}</p>`;
  const title = `${item.title} ${stepOf(item)}: ${STATE_WORDS[item.state]}`;
  if (!isBad)
    return `<details><summary>${escapeHtml(title)}</summary>${tables}${evidence(item.evidence)}</details>`;
  const pictures = (item.pictures ?? []).map((file) => pictureLink(file, 'before, after, difference'));
  return `<section class="error"><h2>${escapeHtml(title)}</h2>${evidence(item.evidence)}${tables}${pictures.join('')}</section>`;
}

const evidence = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;

function checksPart({ record, baseline, final }: ReportInput): string {
  const worse = newFailures(final, baseline);
  const ids = new Set(worse.map(({ id }) => id));
  const known = failuresOf(final).filter(({ id }) => !ids.has(id));
  const counts = record.checks;
  const list = (title: string, results: readonly (typeof worse)[number][]): string =>
    results.length === 0 ? '' : `<h3>${title}</h3>${evidence(results.map(sentenceOf))}`;
  return `<h2>Checks</h2>
<p>${String(final.pages.length)} pages, ${counts === undefined ? 'not checked' : `${String(counts.passed)} checks passed, ${String(counts.failed)} failed, ${String(counts.skipped)} could not be made`}.</p>
${list('Fails since the updates', worse)}${list('Failed before the updates already', known)}`;
}

/** Before and after of every page, small; the pictures themselves are a click away. */
function picturesPart({ baseline, final }: ReportInput): string {
  const before = new Map(baseline.pictures.map(({ path, file }) => [path, file]));
  if (final.pictures.length === 0) return '';
  const rows = final.pictures.map(({ path, file }) => {
    const old = before.get(path);
    const compared = final.results.find(({ kind, path: where }) => kind === 'picture' && where === path);
    return `<tr><td>${escapeHtml(path)}<br>${escapeHtml(compared?.message ?? '')}</td><td>${old === undefined ? '' : pictureLink(old, `${path} before`, 320)}</td><td>${pictureLink(file, `${path} after`, 320)}</td></tr>`;
  });
  return `<h2>Pages before and after</h2>
<table class="pictures"><thead><tr><th>Page</th><th>Before</th><th>After</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
}

const notesPart = (notes: readonly string[]): string =>
  notes.length === 0 ? '' : `<h2>Not checked</h2>${evidence(notes)}`;
