import { type JUnitCase, type JUnitSuite, renderSuites } from '../../report/run/render-junit.js';
import { type CheckResult, newFailures, sentenceOf } from '../checks/check-result.js';
import { type UpdateItem } from '../maintenance-record.js';
import { type ReportInput, STATE_WORDS, stepOf } from './verdict.js';

/** A suite per updated item and a suite per page. What failed before the updates too is skipped, not failed. */
export function renderMaintenanceJUnit({ site, record, baseline, final }: ReportInput): string {
  const worse = new Set(newFailures(final, baseline).map(({ id }) => id));
  const pages = new Map<string, CheckResult[]>();
  for (const result of final.results) {
    const page = result.path === '' ? 'the site as a whole' : result.path;
    pages.set(page, [...(pages.get(page) ?? []), result]);
  }
  return renderSuites([
    ...record.items.map((item): JUnitSuite => ({
      site,
      group: 'updates',
      name: `${item.kind} ${item.title}`,
      cases: [itemCase(item)],
    })),
    ...[...pages].map(([name, results]): JUnitSuite => ({
      site,
      group: 'pages',
      name,
      cases: results.map((result) => checkCase(result, worse.has(result.id))),
    })),
  ]);
}

function itemCase(item: UpdateItem): JUnitCase {
  const [text, message] = [item.evidence.join('\n'), STATE_WORDS[item.state]];
  const basis = { name: `update ${stepOf(item)}`.trim(), seconds: item.seconds, text };
  if (item.state === 'updated' || item.state === 'current') return basis;
  if (item.state === 'rolled-back' || item.state === 'failed')
    return { ...basis, not: { why: 'failure', message, type: item.state } };
  return { ...basis, not: { why: 'skipped', message: text === '' ? message : `${message}: ${text}` } };
}

function checkCase(result: CheckResult, isWorse: boolean): JUnitCase {
  const basis = { name: result.id };
  const message = sentenceOf(result);
  if (result.state === 'passed') return basis;
  if (result.state === 'skipped') return { ...basis, not: { why: 'skipped', message } };
  return isWorse
    ? { ...basis, not: { why: 'failure', message, type: result.kind }, text: message }
    : { ...basis, not: { why: 'skipped', message: `was so before the updates: ${message}` } };
}
