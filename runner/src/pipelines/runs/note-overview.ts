import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Site } from '../../config/site.js';
import { EXIT, UnderstudyError } from '../../errors/index.js';
import { type MaintenanceRecord, parseMaintenanceRecord } from '../../maintenance/maintenance-record.js';
import { filled, SITE_FILE } from '../../maintenance/report/overview/read-overviews.js';
import { overviewOf, overviewOfError } from '../../maintenance/report/overview/site-overview.js';
import { type RunReport } from '../../report/run/run-report.js';
import { timeOfRun } from '../../report/page/local-time.js';
import { describeHolder } from '../../run/holder.js';
import { lastRuns } from '../../run/run-history.js';
import { type SiteOverview, parseOverviews } from '../../run/site-overview.js';
import { replaceFile } from '../../run/workspace.js';
import { type Session } from '../session/session.js';

const fileOf = (workspace: string, site: string): string => path.resolve(workspace, site, SITE_FILE);

/** What the site adds to the page of all sites, as its last command left it here; undefined without any. */
export function readSiteOverview(workspace: string, site: string): SiteOverview | undefined {
  const refuse = (why: string): never => {
    throw new UnderstudyError('INTERNAL', why);
  };
  try {
    return parseOverviews(readFileSync(fileOf(workspace, site), 'utf8'), refuse)[0];
  } catch {
    return undefined;
  }
}

/** Notes what a run says about its site; an older run than the one that is noted changes nothing. */
export function noteRun(workspace: string, site: Site, report: RunReport): void {
  const known = readSiteOverview(workspace, site.name);
  if (known !== undefined && known.run > report.run) return;
  // It did nothing because another run is at work, and that one says how the site is.
  if (report.stages.length === 0 && report.errors.some(({ code }) => code === 'LOCKED')) return;
  write(workspace, overviewOf(site, report, maintenanceOf(workspace, site.name, report.run), now()));
}

/** Staging serves an older copy by a person's wish: the page says so, and how old that one is. Never fails. */
export async function noteRollback(
  { workspace, site, lock }: Pick<Session, 'workspace' | 'site' | 'lock'>,
  retiredBy: string,
  summary: string,
): Promise<void> {
  const { runs } = await lastRuns(lock.staging, lock.workDir);
  const known = readSiteOverview(workspace, site.name);
  const index = runs.findIndex(({ run }) => run === retiredBy);
  const served = runs.slice(index + 1).find(({ state }) => state === 'complete');
  write(workspace, {
    ...overviewOfError(site, { message: summary, next: `A fresh copy: understudy sync ${site.name}` }, now()),
    ...(known === undefined ? {} : { warnings: known.warnings }),
    ...(known?.updates === undefined ? {} : { updates: known.updates }),
    run: runs[0]?.run ?? retiredBy,
    runs: runs.slice(0, 10),
    weight: 'note',
    copyOf: index < 0 || served === undefined ? '' : timeOfRun(served.run),
  });
}

/** Commands whose failure says something about the site. */
const REPORTING = ['sync', 'stage', 'update', 'promote', 'archive', 'publish', 'rollback', 'recover'];

/** How a command was called, and who stopped it, says nothing about the site. */
const NO_TROUBLE: readonly number[] = [EXIT.usage, EXIT.locked, EXIT.interrupted];

/** Notes what a command says that ended before it had a run. */
export function noteTrouble(workspace: string, site: Site, command: string, error: unknown): void {
  if (!REPORTING.includes(command) || !(error instanceof UnderstudyError)) return;
  if (NO_TROUBLE.includes(error.exitCode)) return;
  const trouble = overviewOfError(site, error, now());
  const known = readSiteOverview(workspace, site.name);
  write(workspace, known === undefined ? trouble : filled(trouble, known));
}

const now = (): { readonly now: Date; readonly build: string } => ({
  now: new Date(),
  build: describeHolder(process.env).build,
});

const write = (workspace: string, overview: SiteOverview): void => {
  replaceFile(fileOf(workspace, overview.site), `${JSON.stringify(overview)}\n`);
};

/** The copy of the record that the run's folder here has. */
function maintenanceOf(workspace: string, site: string, run: string): MaintenanceRecord | undefined {
  const file = path.resolve(workspace, site, run, 'maintenance.json');
  if (!existsSync(file)) return undefined;
  try {
    return parseMaintenanceRecord(readFileSync(file), { site, run });
  } catch {
    return undefined;
  }
}
