import { type Site } from '../../../config/site.js';
import { maintenanceOf } from '../../../config/sections.js';
import { type UnderstudyError } from '../../../errors/index.js';
import { type MaintenanceRecord } from '../../maintenance-record.js';
import { STATE_WORDS, stepOf, titleOf, verdictOf, weightOf, withState } from '../verdict.js';
import { type PastRun } from '../../../run/run-history.js';
import {
  MOST_FREEZES,
  MOST_LINES,
  type SiteOverview,
  type SiteSchedule,
} from '../../../run/site-overview.js';
import { timeOfRun } from '../../../report/page/local-time.js';
import { outcomeOf } from '../../../report/run/outcome.js';
import { type Weight } from '../../../report/page/page-parts.js';
import { type RunReport } from '../../../report/run/run-report.js';

const LONGEST = 300;

const shorten = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
const bounded = (lines: readonly string[]): string[] => lines.slice(0, MOST_LINES).map(shorten);

/** What a run, and its maintenance, say about their site. */
export function overviewOf(
  site: Site,
  report: RunReport,
  maintenance: MaintenanceRecord | undefined,
  place: { readonly now: Date; readonly build: string },
): SiteOverview {
  const outcome = outcomeOf(report);
  const warnings = report.findings.filter(({ severity }) => severity === 'warning');
  const own = ownRun(report);
  const error = report.errors[0] ?? report.afterwards.findLast((one) => !isSettled(one, maintenance));
  const serves = report.serves === 'new' ? own : report.history.find(({ state }) => state === 'complete');
  return {
    ...basis(site, place),
    run: report.run,
    weight: worst(
      outcome.weight,
      ...(maintenance === undefined ? [] : [weightOf(maintenance)]),
      ...(error === undefined || report.errors.length > 0 ? [] : ['bad' as const]),
      // All is green, and yet a person has to decide.
      ...(isWaiting(maintenance) ? ['note' as const] : []),
    ),
    headline: shorten(error === undefined ? outcome.headline : `${outcome.headline} ${error.message}`),
    next: shorten(error?.next ?? waitingLine(maintenance)),
    copyOf: serves === undefined ? '' : timeOfRun(serves.run),
    runs: [own, ...report.history].slice(0, 10),
    warnings: bounded(warnings.map(({ message }) => message)),
    ...(report.wordpress === undefined ? {} : { wordpress: report.wordpress }),
    ...(maintenance === undefined ? {} : { updates: updatesOf(maintenance) }),
    lock: isWaiting(maintenance) ? 'Staging is kept as it is until the updates are approved.' : '',
  };
}

/** The command that failed then has come to a good end since. */
function isSettled(
  { stage, time }: Pick<RunReport['afterwards'][number], 'stage' | 'time'>,
  maintenance: MaintenanceRecord | undefined,
): boolean {
  const { checks, promotion } = maintenance ?? {};
  if (stage === 'update') return (checks?.finishedAt ?? '') > time;
  return promotion?.state === 'complete' && (promotion.finishedAt ?? '') > time;
}

/** What a command says that ended before it had a run: a host that does not answer, a check that failed. */
export const overviewOfError = (
  site: Site,
  error: Pick<UnderstudyError, 'message' | 'next'>,
  place: { readonly now: Date; readonly build: string },
): SiteOverview => ({
  ...basis(site, place),
  run: '',
  weight: 'bad',
  headline: shorten(error.message),
  next: shorten(error.next),
  copyOf: '',
  runs: [],
  warnings: [],
  lock: '',
});

const basis = (
  site: Site,
  { now, build }: { readonly now: Date; readonly build: string },
): Pick<
  SiteOverview,
  'version' | 'site' | 'title' | 'production' | 'staging' | 'at' | 'schedule' | 'build'
> => ({
  version: 1,
  site: site.name,
  title: shorten(site.title),
  production: site.production.url,
  staging: site.staging.url,
  at: now.toISOString(),
  schedule: scheduleOf(site),
  build,
});

function scheduleOf(site: Site): SiteSchedule {
  const { schedule, freeze, window } = maintenanceOf(site);
  return {
    sync: site.schedule,
    maintenance: schedule,
    ...(window === undefined ? {} : { window }),
    freeze: freeze.slice(0, MOST_FREEZES),
  };
}

const ownRun = (report: RunReport): PastRun => ({
  run: report.run,
  state:
    report.state === 'complete' && report.errors.length > 0 ? 'failed' : (report.state as PastRun['state']),
  seconds: report.stages.reduce((sum, { seconds }) => sum + seconds, 0),
  bytes: Number(report.stages.find(({ name }) => name === 'backup-database')?.metrics['bytes'] ?? 0),
});

const WEIGHTS: readonly Weight[] = ['bad', 'look', 'note', 'good'];
const worst = (...weights: Weight[]): Weight => WEIGHTS.find((weight) => weights.includes(weight)) ?? 'good';

const isWaiting = (record: MaintenanceRecord | undefined): boolean =>
  record?.checks !== undefined &&
  record.approval === undefined &&
  record.promotion === undefined &&
  withState(record, 'updated').length > 0;

const waitingLine = (record: MaintenanceRecord | undefined): string =>
  record !== undefined && isWaiting(record)
    ? `Approve or reject the updates: understudy promote ${record.site} --run ${record.run}`
    : '';

function updatesOf(record: MaintenanceRecord): NonNullable<SiteOverview['updates']> {
  const named = (items: ReturnType<typeof withState>): string[] => bounded(items.map(titleOf));
  return {
    verdict: shorten(verdictOf(record)),
    waiting: record.promotion?.state === 'complete' ? [] : named(withState(record, 'updated')),
    open: bounded(
      withState(record, 'rolled-back', 'failed', 'no-package', 'pinned', 'excluded').map(
        (item) => `${item.title} ${stepOf(item)} (${STATE_WORDS[item.state]})`,
      ),
    ),
  };
}
