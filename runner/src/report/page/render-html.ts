import { several } from '../../errors/index.js';
import { type Column, columnPlot, spanBar } from './bars.js';
import { formatBytes, formatSeconds } from '../format.js';
import { escapeHtml, htmlPage } from './html-page.js';
import { localTime, timeOfRun } from './local-time.js';
import { allStages, outcomeOf } from '../run/outcome.js';
import { factList, link, outcomeBlock, section, timeTag, weightWord, type Weight } from './page-parts.js';
import { metricWords, STATE_LOOK } from '../labels.js';
import { type RunReport, type StageReport } from '../run/run-report.js';
import { whatChanged } from '../run/what-changed.js';

/** The report of a sync as a page: outcome, what to do, the stages, what changed, how it compares. */
export function renderHtml(report: RunReport): string {
  const { weight, headline, serves, goBack } = outcomeOf(report);
  const back =
    goBack === ''
      ? []
      : [
          `${report.serves === 'new' ? 'To go back to the copy before it' : 'To repair staging'}: <code>${escapeHtml(goBack)}</code>`,
        ];
  return htmlPage({
    title: `${report.about.title}: ${headline}`,
    kind: 'Sync report',
    heading: report.about.title,
    body: [
      outcomeBlock(weight, headline, [escapeHtml(serves), ...back]),
      `<div class="card">${aboutRun(report)}</div>`,
      section('What to do', whatToDo(report)),
      section('After the sync', report.afterwards.map(errorItem).join('\n')),
      section('Stages', stagesPart(report)),
      whatChanged(report),
      section('Last runs', lastRuns(report)),
      section('Details', stageMetrics(report)),
    ].join('\n'),
    foot: `Run <code>${escapeHtml(report.run)}</code>`,
  });
}

const secondsBetween = (from: string, to: string): number =>
  Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000) || 0;

function aboutRun(report: RunReport): string {
  const { about, startedAt, finishedAt } = report;
  return factList([
    ['Production', link(about.production)],
    ['Staging', link(about.staging)],
    [
      'When',
      startedAt === ''
        ? ''
        : `${timeTag(startedAt)}, ${report.state === 'running' ? 'so far' : 'took'} ${formatSeconds(secondsBetween(startedAt, finishedAt))}`,
    ],
  ]);
}

const FINDINGS: Readonly<Record<string, readonly [Weight, string]>> = {
  error: ['bad', 'Error'],
  warning: ['look', 'Warning'],
  info: ['note', 'Note'],
};

/** By weight: what failed, what a person should look at, what is good to know. */
function whatToDo({ errors, findings }: RunReport): string {
  const of = (severity: string): string[] =>
    findings.filter((finding) => finding.severity === severity).map(findingItem);
  const notes = of('info');
  const weighty = [...errors.map(errorItem), ...of('error'), ...of('warning')];
  const folded =
    notes.length === 0
      ? ''
      : `<details${weighty.length === 0 ? ' open' : ''}><summary>${several(notes.length, 'note')}</summary>${notes.join('\n')}</details>`;
  return weighty.length === 0 && notes.length === 0
    ? '<p>Nothing. No warning came up.</p>'
    : `${weighty.join('\n')}${folded}`;
}

function errorItem(error: RunReport['errors'][number]): string {
  const folded = [
    ...(error.command === undefined ? [] : [`<p>Command:</p><pre>${escapeHtml(error.command)}</pre>`]),
    ...(error.stderr === undefined
      ? []
      : [`<p>Last lines of its output:</p><pre>${escapeHtml(error.stderr)}</pre>`]),
  ];
  return `<div class="item bad"><p>${weightWord('bad', 'Error')} ${escapeHtml(error.message)}</p>${error.details.length === 0 ? '' : `<pre>${escapeHtml(error.details.join('\n'))}</pre>`}<p><strong>Do this:</strong> ${escapeHtml(error.next)}</p>${folded.length === 0 ? '' : `<details><summary>What the program said</summary>${folded.join('')}</details>`}${origin(error)}</div>`;
}

function findingItem(finding: RunReport['findings'][number]): string {
  const [weight, word] = FINDINGS[finding.severity] ?? ['note', finding.severity];
  const next =
    finding.next === undefined || finding.next === ''
      ? ''
      : `<p>${weight === 'note' ? '' : '<strong>Do this:</strong> '}${escapeHtml(finding.next)}</p>`;
  return `<div class="item ${weight}"><p>${weightWord(weight, word)} ${escapeHtml(finding.message)}</p>${next}${origin(finding)}</div>`;
}

const origin = ({ code, host }: { readonly code: string; readonly host?: string | undefined }): string =>
  `<p class="soft small">${escapeHtml(code)}${host === undefined ? '' : `, on ${escapeHtml(host)}`}</p>`;

/** One line per stage, with its place on the line of time; stages of a run that was resumed stand one after the other. */
function stagesPart(report: RunReport): string {
  const stages = allStages(report);
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  let before = 0;
  const lines = stages.map((stage) => {
    const line = stageLine(stage, before, total);
    before += stage.seconds;
    return line;
  });
  return `<div class="card"><ol class="stages">${lines.join('\n')}</ol></div>`;
}

function stageLine({ state, label, seconds, summary }: StageReport, before: number, total: number): string {
  const [weight, word] = STATE_LOOK[state] ?? ['note', state];
  const isMissing = state === 'missing';
  const bar = spanBar({
    from: total === 0 ? 0 : Math.min(before / total, 0.996),
    width: isMissing || total === 0 ? 0 : seconds / total,
    colour: weight === 'good' ? 'bar' : weight,
  });
  return `<li><span>${escapeHtml(label)}</span>${bar}<span class="took">${isMissing ? '–' : formatSeconds(seconds)}</span>${isMissing ? `<span class="soft">${word}</span>` : weightWord(weight, word)}${summary === '' ? '' : `<span class="said">${escapeHtml(summary)}</span>`}</li>`;
}

function lastRuns(report: RunReport): string {
  const own = {
    run: report.run,
    state: report.errors.length > 0 && report.state === 'complete' ? 'failed' : report.state,
    seconds: report.stages.reduce((sum, { seconds }) => sum + seconds, 0),
    bytes: Number(report.stages.find(({ name }) => name === 'backup-database')?.metrics['bytes'] ?? 0),
  };
  const runs = [own, ...report.history].slice(0, 10).reverse();
  if (runs.length < 2) return '';
  const column = ({ run, state }: typeof own, value: number, text: string): Column => ({
    value,
    colour: state === 'complete' ? (run === own.run ? 'note' : 'bar') : state === 'failed' ? 'bad' : 'rest',
    title: `${localTime(timeOfRun(run))}: ${text}, ${STATE_LOOK[state]?.[1] ?? state}`,
  });
  const plot = (title: string, value: (run: typeof own) => number, show: (value: number) => string): string =>
    `<figure class="card"><figcaption>${title}: ${show(value(own))} now, ${show(Math.max(...runs.map(value)))} at most</figcaption>${columnPlot(
      runs.map((run) => column(run, value(run), show(value(run)))),
      `${title} of the last ${several(runs.length, 'run')}, oldest first: ${runs.map((run) => show(value(run))).join(', ')}`,
    )}</figure>`;
  const failed = runs.filter(({ state }) => state === 'failed').length;
  return `<p class="soft small">The last ${several(runs.length, 'run')}, oldest first; ${failed === 0 ? 'none failed' : `${several(failed, 'run')} failed (red)`}.</p><div class="plots">${plot('Time', ({ seconds }) => seconds, formatSeconds)}${plot('Size of the backup', ({ bytes }) => bytes, formatBytes)}</div>`;
}

/** What else the stages noted. */
function stageMetrics({ stages, parameters }: RunReport): string {
  const parts = stages.flatMap(({ label, metrics }) => {
    const entries = Object.entries(metrics).map(([name, value]): [string, string] => {
      const [words, shown] = metricWords(name, value);
      return [words, escapeHtml(shown)];
    });
    return entries.length === 0 ? [] : [`<h3>${escapeHtml(label)}</h3>${factList(entries)}`];
  });
  if (parameters['allowDeletions'] === true)
    parts.push('<p>The run was allowed to delete more files than the site file lets.</p>');
  return parts.length === 0
    ? ''
    : `<details><summary>What each stage counted</summary>${parts.join('\n')}</details>`;
}
