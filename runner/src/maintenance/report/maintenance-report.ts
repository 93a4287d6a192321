import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Site } from '../../config/site.js';
import { writePage } from '../../report/html-page.js';
import { type CheckRun } from '../checks/check-result.js';
import { type MaintenanceHandle } from '../maintenance-store.js';
import { renderMaintenanceHtml } from './render-maintenance-html.js';
import { renderMaintenanceJUnit } from './render-maintenance-junit.js';
import { renderMaintenanceMarkdown } from './render-maintenance-markdown.js';
import { type ReportInput, verdictOf } from './verdict.js';

/**
 * Writes `maintenance.html`, `.json`, `.md` and `maintenance-junit.xml` into the run's folder of the workspace. The
 * HTML names its pictures by relative paths, so the folder can be moved or archived as a whole.
 */
export function writeMaintenanceReport(
  handle: MaintenanceHandle,
  site: Pick<Site, 'title' | 'name' | 'staging'>,
  runs: { readonly baseline: CheckRun; readonly final: CheckRun },
): void {
  const input: ReportInput = {
    title: site.title,
    site: site.name,
    url: site.staging.url,
    record: handle.record(),
    ...runs,
  };
  const { workspace } = handle;
  writePage(workspace, 'maintenance.html', renderMaintenanceHtml(input));
  workspace.write('maintenance.md', renderMaintenanceMarkdown(input));
  workspace.write('maintenance-junit.xml', renderMaintenanceJUnit(input));
  const { record, final, baseline } = input;
  const machine = { version: 1, verdict: verdictOf(record), record, baseline, final };
  workspace.write('maintenance-report.json', `${JSON.stringify(machine, null, 2)}\n`);
}

/**
 * Writes the report again after an approval, a promotion, the archive or a commit, with what became of the updates.
 * Only where `understudy update` left its report in this workspace: another agent's has the pictures, and stays.
 */
export function refreshMaintenanceReport(
  handle: MaintenanceHandle,
  site: Pick<Site, 'title' | 'name' | 'staging'>,
): void {
  const file = path.join(handle.workspace.folder, 'maintenance-report.json');
  if (!existsSync(file)) return;
  // Our own file on our own machine.
  const { baseline, final } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly baseline: CheckRun;
    readonly final: CheckRun;
  };
  writeMaintenanceReport(handle, site, { baseline, final });
}
