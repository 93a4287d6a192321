import { escapeXml } from '../../report/escape-xml.js';
import { type CheckResult, newFailures, sentenceOf } from '../checks/check-result.js';
import { type UpdateItem } from '../maintenance-record.js';
import { type ReportInput, STATE_WORDS, stepOf } from './verdict.js';

/** One suite with a case per item, one with a case per check. What failed before the updates too is skipped, not failed. */
export function renderMaintenanceJUnit(input: ReportInput): string {
  const worse = new Set(newFailures(input.final, input.baseline).map(({ id }) => id));
  const items = input.record.items.map((item) => itemCase(input.site, item));
  const checks = input.final.results.map((result) => checkCase(input.site, result, worse.has(result.id)));
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
${suite(`updates of ${input.site}`, items)}
${suite(`checks of ${input.site}`, checks)}
</testsuites>
`;
}

function suite(name: string, cases: readonly string[]): string {
  const count = (mark: string): string => String(cases.filter((each) => each.includes(mark)).length);
  return `<testsuite name="${escapeXml(name)}" tests="${String(cases.length)}" failures="${count('<failure')}" skipped="${count('<skipped')}">
${cases.join('\n')}
</testsuite>`;
}

function itemCase(site: string, item: UpdateItem): string {
  const name = `${item.title} ${stepOf(item)}`.trim();
  const open = `<testcase classname="understudy.${escapeXml(site)}.update" name="${escapeXml(name)}" time="${item.seconds.toFixed(1)}">`;
  const told = escapeXml(item.evidence.join('\n'));
  const word = escapeXml(STATE_WORDS[item.state]);
  if (item.state === 'updated' || item.state === 'current')
    return `${open}<system-out>${told}</system-out></testcase>`;
  if (item.state === 'rolled-back' || item.state === 'failed')
    return `${open}<failure message="${word}" type="${item.state}">${told}</failure></testcase>`;
  return `${open}<skipped message="${word}: ${told}"/></testcase>`;
}

function checkCase(site: string, result: CheckResult, isWorse: boolean): string {
  const name = `${result.kind} ${result.id}`;
  const open = `<testcase classname="understudy.${escapeXml(site)}.check" name="${escapeXml(name)}">`;
  const told = escapeXml(sentenceOf(result));
  if (result.state === 'passed') return `${open}</testcase>`;
  if (result.state === 'skipped') return `${open}<skipped message="${told}"/></testcase>`;
  return isWorse
    ? `${open}<failure message="${told}" type="${result.kind}"/></testcase>`
    : `${open}<skipped message="was so before the updates: ${told}"/></testcase>`;
}
