import { plainMarkdown } from '../../report/page/markdown.js';
import { outcomeSummary } from './outcome-summary.js';
import { type ReportInput, STATE_WORDS, stepOf, verdictOf, withState } from './verdict.js';

/** A message for a chat: what a person must know, no more than a screen. */
export function renderMaintenanceMarkdown({ title, record, url }: ReportInput): string {
  const lines = [`**${plainMarkdown(title)}: ${plainMarkdown(verdictOf(record))}**`, ''];
  for (const item of withState(record, 'updated')) {
    const log = item.changelog === undefined ? '' : ` ([changes](${item.changelog}))`;
    lines.push(`- ${plainMarkdown(item.title)} ${plainMarkdown(stepOf(item))}${log}`.trimEnd());
  }
  for (const item of withState(record, 'rolled-back', 'failed')) {
    const why = item.evidence[0] === undefined ? '' : `: ${plainMarkdown(item.evidence[0].slice(0, 200))}`;
    lines.push(
      `- ❌ ${plainMarkdown(item.title)} ${plainMarkdown(stepOf(item))} ${STATE_WORDS[item.state]}${why}`,
    );
  }
  const staying = withState(record, 'excluded', 'pinned', 'no-package');
  if (staying.length > 0)
    lines.push(
      `- Not updated: ${staying.map((item) => `${plainMarkdown(item.title)} (${STATE_WORDS[item.state]})`).join(', ')}`,
    );
  const checks = record.checks;
  if (checks !== undefined)
    lines.push(
      '',
      `Checks: ${String(checks.passed)} passed, ${String(checks.failed)} failed, ${String(checks.skipped)} not made. Staging: ${url}`,
    );
  const outcome = outcomeSummary(record);
  if (outcome.length > 0) lines.push('', ...outcome.map((line) => `- ${plainMarkdown(line)}`));
  return `${lines.join('\n')}\n`;
}
