import { several } from '../../errors/index.js';
import { formatSeconds } from '../../report/format.js';
import { escapeHtml, htmlPage } from '../../report/page/html-page.js';
import {
  factList,
  link,
  listOf,
  outcomeBlock,
  section,
  timeTag,
  type Weight,
  weightWord,
} from '../../report/page/page-parts.js';
import { type MaintenanceRecord, type UpdateItem } from '../maintenance-record.js';
import {
  outcomeSummary,
  type ReportInput,
  STATE_WORDS,
  stepOf,
  titleOf,
  verdictOf,
  weightOf,
  withState,
} from './verdict.js';
import { checksPart, comparedPart, pagesPart } from './checks-part.js';

/** The report of a site's maintenance as a page: what happened, what was undone and why, what changed, what was seen. */
export function renderMaintenanceHtml(input: ReportInput): string {
  const { record } = input;
  const verdict = verdictOf(record);
  return htmlPage({
    title: `${input.title}: ${verdict}`,
    kind: 'Maintenance report',
    heading: input.title,
    body: [
      outcomeBlock(weightOf(record), verdict, nextLines(input).map(escapeHtml)),
      `<div class="card">${aboutRun(input)}</div>`,
      section('Outcome', listOf(outcomeLines(input)) + commits(input)),
      section('Not updated', withState(record, 'rolled-back', 'failed').map(undoneItem).join('\n')),
      section('Updated', updatedPart(input)),
      section('Left as they are', leftPart(input)),
      section('Checks', checksPart(input)),
      section('Not checked', listOf(record.notes ?? [])),
      section('Pages before and after', pagesPart(input)),
    ].join('\n'),
    foot: `Run <code>${escapeHtml(record.run)}</code>`,
  });
}

/** The one thing to do next. */
function nextLines({ record }: ReportInput): string[] {
  const { approval, promotion, checks } = record;
  if (promotion !== undefined) return outcomeSummary(withoutApproval(record)).slice(0, 1);
  if (approval !== undefined) return ['Approved; production has not been changed yet.'];
  if ((checks?.newFailures ?? 0) > 0) return ['Look at the checks that fail before anything is promoted.'];
  const ready = withState(record, 'updated').length;
  return ready === 0
    ? ['There is nothing to promote.']
    : [
        `${several(ready, 'update')} can go to production: approve in Jenkins, or run understudy promote ${record.site} --run ${record.run}`,
      ];
}

const withoutApproval = ({ approval: _, ...record }: MaintenanceRecord): MaintenanceRecord => record;

function aboutRun({ url, record }: ReportInput): string {
  return factList([
    ['Staging', link(url)],
    ['Tested', timeTag(record.checks?.finishedAt ?? record.createdAt)],
  ]);
}

/** Commits are links where their repository is on the web. */
const outcomeLines = ({ record, repository }: ReportInput): string[] => {
  const { publish: _, ...others } = record;
  return outcomeSummary(repository === undefined ? record : others);
};

function commits({ record, repository }: ReportInput): string {
  const { publish } = record;
  if (publish === undefined || publish.commits.length === 0 || repository === undefined) return '';
  const links = publish.commits.map((id) => link(`${repository}/commit/${id}`, id.slice(0, 12)));
  return `<p>Committed to ${escapeHtml(publish.branch)}: ${links.join(', ')}</p>`;
}

const changelog = ({ changelog: address }: UpdateItem): string =>
  address === undefined ? '' : ` ${link(address, 'what changed')}`;

function undoneItem(item: UpdateItem): string {
  const weight: Weight = item.state === 'failed' ? 'bad' : 'note';
  const tables =
    item.tables === undefined
      ? ''
      : `<p class="soft small">Tables put back: ${escapeHtml(item.tables.join(', '))}</p>`;
  return `<div class="item ${weight}"><h3>${escapeHtml(titleOf(item))}</h3><p>${weightWord(weight, STATE_WORDS[item.state])}${changelog(item)}</p>${listOf(item.evidence)}${tables}</div>${picturesOf(item)}`;
}

/** One page shows what an update did to all of them; the others are a click away. */
function picturesOf({ title: name, pictures = [] }: UpdateItem): string {
  const [first, ...others] = pictures.map((file) => comparedPart(name, file));
  if (first === undefined) return '';
  const more = `<details><summary>${several(others.length, 'more page')}</summary>${others.join('')}</details>`;
  return others.length === 0 ? first : `${first}${more}`;
}

function updatedPart({ record }: ReportInput): string {
  const rows = withState(record, 'updated').map((item) => {
    const notes = [
      ...item.evidence,
      ...(item.tables === undefined ? [] : [`Tables that changed: ${item.tables.join(', ')}`]),
    ];
    const more =
      notes.length === 0
        ? ''
        : `<details><summary>${several(notes.length, 'note')}</summary>${listOf(notes)}</details>`;
    return `<tr><th scope="row">${escapeHtml(item.title)} <span class="soft small">${item.kind}</span>${more}</th><td>${escapeHtml(stepOf(item))}${changelog(item)}</td><td class="number wide-only">${formatSeconds(item.seconds)}</td></tr>`;
  });
  if (rows.length === 0) return '<p>Nothing.</p>';
  return `<table><caption>Versions are read from the files, not from what the updater said.</caption><thead><tr><th scope="col">What</th><th scope="col">Version</th><th scope="col" class="number wide-only">Time</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
}

const leftPart = ({ record }: ReportInput): string =>
  listOf(
    withState(record, 'no-package', 'pinned', 'excluded', 'current').map(
      (item) =>
        `${titleOf(item)}: ${STATE_WORDS[item.state]}${item.evidence.length === 0 ? '' : `, ${item.evidence.join(' ')}`}`,
    ),
  );
