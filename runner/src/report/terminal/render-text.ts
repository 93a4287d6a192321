import { shownLine, several } from '../../errors/index.js';
import { formatSeconds } from '../format.js';
import { codeMarkdown, plainMarkdown } from '../page/markdown.js';
import { type Weight } from '../page/page-parts.js';
import { STATE_LOOK } from '../labels.js';
import { allStages, outcomeOf } from '../run/outcome.js';
import { type RunReport, type StageReport } from '../run/run-report.js';
import { wrapText } from './wrap-text.js';

/** One sign for each weight; a console colours them. */
const MARKS: Readonly<Record<Weight, string>> = { good: '✓', look: '!', bad: '✗', note: '·' };

/**
 * The report as one reads it at the end of a log, in the words and the order of the page: how it ended, what to do by
 * weight, the stages.
 * @param width signs of a line
 */
export function renderText(report: RunReport, width: number): string {
  const todo = whatToDo(report, width);
  return [
    outcomeText(report, width),
    ...(todo.length === 0 ? [] : ['', 'What to do', ...todo]),
    '',
    'Stages',
    ...stageLines(report, width),
  ].join('\n');
}

/** How a run ended and what staging serves now, with the sign of its weight. */
export function outcomeText(report: RunReport, width: number): string {
  const { weight, headline, serves } = outcomeOf(report);
  return `${MARKS[weight]} ${wrapText(headline, width - 2, '  ')}\n  ${serves}`;
}

function whatToDo({ errors, findings, afterwards }: RunReport, width: number): string[] {
  const below = (text: string): string =>
    text
      .split('\n')
      .map((line) => `    ${wrapText(line, width - 4, '    ')}`)
      .join('\n');
  const item = (mark: string, { code, message, next = '', details = [] }: Item): string =>
    [
      `  ${mark} ${wrapText(`${code}: ${shownLine(message)}`, width - 4, '    ')}`,
      ...details.flatMap((line) => line.split('\n')).map((line) => `    | ${shownLine(line)}`),
      ...(next === '' ? [] : [below(next)]),
    ].join('\n');
  const of = (severity: string): typeof findings => findings.filter((one) => one.severity === severity);
  const notes = of('info').length;
  return [
    ...[...errors, ...afterwards].map((error) => item(MARKS.bad, error)),
    ...of('error').map((finding) => item(MARKS.bad, finding)),
    ...of('warning').map((finding) => item(MARKS.look, finding)),
    ...(notes === 0 ? [] : [`  ${MARKS.note} ${several(notes, 'note')} in the report`]),
  ];
}

interface Item {
  readonly code: string;
  readonly message: string;
  readonly next?: string | undefined;
  readonly details?: readonly string[] | undefined;
}

function stageLines(report: RunReport, width: number): string[] {
  const stages = allStages(report);
  const longest = Math.max(...stages.map(({ label }) => label.length));
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const row = (mark: string, label: string, took: string, said: string): string => {
    const begin = `  ${mark} ${label.padEnd(longest)}  ${took.padStart(11)}  `;
    // On a narrow terminal what a stage said stands below it.
    const isNarrow = begin.length + said.length > width;
    return isNarrow
      ? `${begin.trimEnd()}\n      ${wrapText(said, width - 6, '      ')}`
      : `${begin}${said}`.trimEnd();
  };
  return [
    ...stages.map((stage) => row(markOf(stage), stage.label, tookOf(stage), saidOf(stage))),
    row(' ', 'Total', formatSeconds(total), ''),
  ];
}

const lookOf = ({ state }: StageReport): readonly [Weight, string] => STATE_LOOK[state] ?? ['note', state];
const markOf = (stage: StageReport): string => MARKS[lookOf(stage)[0]];
const tookOf = ({ state, seconds }: StageReport): string =>
  state === 'missing' ? '–' : formatSeconds(seconds);

function saidOf(stage: StageReport): string {
  const [, word] = lookOf(stage);
  const said = shownLine(stage.summary);
  if (stage.state === 'complete') return said;
  return said === '' ? word : `${word}: ${said}`;
}

/** A short summary for chat. */
export function renderMarkdown(report: RunReport): string {
  const { headline, serves } = outcomeOf(report);
  const lines = [
    `**${plainMarkdown(`${report.about.title}: ${headline}`)}** ${plainMarkdown(serves)} (run ${codeMarkdown(report.run)})`,
    '',
  ];
  lines.push('| stage | | time | |', '|---|---|---:|---|');
  for (const stage of allStages(report)) {
    lines.push(
      `| ${plainMarkdown(stage.label)} | ${plainMarkdown(lookOf(stage)[1])} | ${tookOf(stage)} | ${plainMarkdown(stage.summary)} |`,
    );
  }
  for (const error of report.errors)
    lines.push(
      '',
      `**${codeMarkdown(error.code)}** ${plainMarkdown(error.message)}`,
      '',
      `Next: ${plainMarkdown(error.next)}`,
    );
  if (report.findings.length > 0) {
    lines.push(
      '',
      ...report.findings.map(
        (finding) => `- ${finding.severity} ${codeMarkdown(finding.code)} ${plainMarkdown(finding.message)}`,
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}
