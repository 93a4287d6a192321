import { type Site } from '../../config/site.js';
import { writePage } from '../../report/page/html-page.js';
import { type CheckedRuns, type CheckResult, newFailures, sentenceOf } from '../checks/check-result.js';
import { webAddressOf } from '../publish/repository-address.js';
import { type MaintenanceHandle } from '../maintenance-store.js';
import { renderMaintenanceHtml } from './render-maintenance-html.js';
import { type ReportInput, verdictOf, STATE_WORDS, stepOf, withState, outcomeSummary } from './verdict.js';
import { plainMarkdown } from '../../report/page/markdown.js';
import { type JUnitCase, type JUnitSuite, renderSuites } from '../../report/run/render-junit.js';
import { type UpdateItem } from '../maintenance-record.js';

/**
 * Writes `maintenance.html`, `.json`, `.md` and `maintenance-junit.xml` into the run's folder of the workspace. The
 * HTML names its pictures by relative paths, so the folder can be moved or archived as a whole.
 */
export function writeMaintenanceReport(
  handle: MaintenanceHandle,
  site: Pick<Site, 'title' | 'name' | 'staging' | 'publish'>,
  runs: CheckedRuns,
): void {
  const input: ReportInput = {
    title: site.title,
    site: site.name,
    url: site.staging.url,
    record: handle.record(),
    ...runs,
    ...repositoryOf(site),
  };
  const { workspace } = handle;
  writePage(workspace, 'maintenance.html', renderMaintenanceHtml(input));
  workspace.write('maintenance.md', renderMaintenanceMarkdown(input));
  workspace.write('maintenance-junit.xml', renderMaintenanceJUnit(input));
  const { record, final, baseline } = input;
  const machine = { version: 1, verdict: verdictOf(record), record, baseline, final };
  workspace.write('maintenance-report.json', `${JSON.stringify(machine, null, 2)}\n`);
}

function repositoryOf({ publish }: Pick<Site, 'publish'>): Pick<ReportInput, 'repository'> {
  const repository = webAddressOf(String(publish?.['repository'] ?? ''));
  return repository === undefined ? {} : { repository };
}

/**
 * Writes the report again after an approval, a promotion, the archive or a commit, with what became of the updates, on
 * whatever machine. Only the pictures stay where `understudy update` ran: they are in the archive of that build.
 * Does nothing before the updates.
 * @throws MAINTENANCE_RECORD_INVALID
 */
export async function refreshMaintenanceReport(
  handle: MaintenanceHandle,
  site: Pick<Site, 'title' | 'name' | 'staging' | 'publish'>,
): Promise<void> {
  const runs = await handle.readChecks();
  if (runs !== undefined) writeMaintenanceReport(handle, site, runs);
}

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
