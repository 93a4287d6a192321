import { escapeXml } from './escape-xml.js';
import { type RunReport } from './run-report.js';

/** One test case per stage, so that Jenkins draws their history. */
export function renderJUnit(report: RunReport): string {
  const failed = report.stages.filter(
    (stage) => stage.state === 'failed' || stage.state === 'aborted',
  ).length;
  const seconds = report.stages.reduce((sum, stage) => sum + stage.seconds, 0);
  const cases = report.stages.map((stage) => {
    const open = `<testcase classname="understudy.${escapeXml(report.site)}" name="${escapeXml(stage.label)}" time="${stage.seconds.toFixed(3)}"`;
    if (stage.state === 'complete')
      return `${open}><system-out>${escapeXml(stage.summary)}</system-out></testcase>`;
    if (stage.state === 'skipped') return `${open}><skipped/></testcase>`;
    const error = report.errors.at(-1);
    return `${open}><failure message="${escapeXml(error?.message ?? stage.state)}" type="${escapeXml(error?.code ?? stage.state)}">${escapeXml(
      [...(error?.details ?? []), error?.stderr ?? '', `Next: ${error?.next ?? ''}`].join('\n'),
    )}</failure></testcase>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="understudy ${escapeXml(report.site)}" tests="${String(report.stages.length)}" failures="${String(failed)}" time="${seconds.toFixed(3)}">
${cases.join('\n')}
</testsuite>
`;
}
