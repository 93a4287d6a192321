import { type Site } from '../../config/site.js';
import { writePage } from '../../report/page/html-page.js';
import { type CheckedRuns } from '../checks/checked-runs.js';
import { webAddressOf } from '../publish/repository-address.js';
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
