import { several } from '../../errors/index.js';
import { formatBytes, formatCount, formatSeconds } from '../format.js';
import { metricOf, type RunReport } from './run-report.js';

/** Warnings that are named in a build's description; the rest is a number. */
const NAMED = 3;
const LONGEST = 200;

/** What a build's description says of a run: its numbers, its warnings, and where its report is. */
export function buildLines(report: RunReport, page: string): string[] {
  const warnings = report.findings.filter(({ severity }) => severity === 'warning');
  const rest = warnings.length - NAMED;
  return [
    ...numbersOf(report),
    ...warnings.slice(0, NAMED).map(({ message }) => `Warning: ${message.slice(0, LONGEST)}`),
    ...(rest > 0 ? [`and ${several(rest, 'more warning')}`] : []),
    `Report: ${page}`,
  ];
}

function numbersOf({ stages }: RunReport): string[] {
  const metric = (stage: string, name: string): number | undefined => metricOf(stages, stage, name);
  const [created, updated, deleted] = ['new files', 'changed files', 'deleted files'].map((name) =>
    metric('sync-content', name),
  );
  const [tables, rows, bytes] = ['tables', 'rows', 'bytes'].map((name) => metric('backup-database', name));
  const rewritten = metric('rewrite-urls', 'replacements');
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  const parts = [
    ...(created === undefined
      ? []
      : [
          `${formatCount(created)} new, ${formatCount(updated ?? 0)} changed, ${several(deleted ?? 0, 'deleted file')}`,
        ]),
    ...(tables === undefined
      ? []
      : [`${several(tables, 'table')}, ${several(rows ?? 0, 'row')}, ${formatBytes(bytes ?? 0)}`]),
    ...(rewritten === undefined ? [] : [several(rewritten, 'address', 'addresses') + ' rewritten']),
    ...(seconds === 0 ? [] : [`${formatSeconds(seconds)} in all stages`]),
  ];
  return parts.length === 0 ? [] : [`${parts.join('; ')}.`];
}
