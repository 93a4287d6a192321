import { shownLine } from '../../errors/index.js';
import { formatSeconds } from '../format.js';
import { codeMarkdown, plainMarkdown } from '../page/markdown.js';
import { type RunReport } from '../run/run-report.js';

const MARK: Readonly<Record<string, string>> = {
  complete: 'ok',
  failed: 'FAILED',
  aborted: 'ABORTED',
  skipped: 'skipped',
  running: '…',
};

/** The report as one reads it at the end of a log: a line per stage, what to know, what went wrong. */
export function renderText(report: RunReport): string {
  const width = Math.max(10, ...report.stages.map((stage) => stage.label.length));
  const lines = [`Run ${report.run} of ${report.site}: ${report.state}`, ''];
  for (const stage of report.stages) {
    const mark = MARK[stage.state] ?? stage.state;
    lines.push(
      `  ${stage.label.padEnd(width)}  ${mark.padEnd(7)} ${formatSeconds(stage.seconds).padStart(9)}  ${shownLine(stage.summary)}`.trimEnd(),
    );
  }
  const total = report.stages.reduce((sum, stage) => sum + stage.seconds, 0);
  lines.push(`  ${'Total'.padEnd(width)}  ${''.padEnd(7)} ${formatSeconds(total).padStart(9)}`);
  if (report.findings.length > 0) {
    lines.push('', 'To know:');
    for (const finding of report.findings)
      lines.push(`  ${finding.severity} ${finding.code}: ${shownLine(finding.message)}`);
  }
  for (const error of report.errors) {
    lines.push(
      '',
      `${error.code}: ${shownLine(error.message)}`,
      ...error.details.map((detail) => `  ${detail.replaceAll('\n', '\n  ')}`),
      `Next: ${error.next}`,
    );
  }
  return lines.join('\n');
}

/** A short summary for chat. */
export function renderMarkdown(report: RunReport): string {
  const lines = [
    `**${plainMarkdown(report.site)}**: ${plainMarkdown(report.state)} (run ${codeMarkdown(report.run)})`,
    '',
  ];
  lines.push('| stage | | time | |', '|---|---|---:|---|');
  for (const stage of report.stages) {
    lines.push(
      `| ${plainMarkdown(stage.label)} | ${MARK[stage.state] ?? plainMarkdown(stage.state)} | ${formatSeconds(stage.seconds)} | ${plainMarkdown(stage.summary)} |`,
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
