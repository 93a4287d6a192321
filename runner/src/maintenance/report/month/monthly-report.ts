import { documentValidator, readDocument } from '../../../config/schema/document-validator.js';
import { UnderstudyError, several } from '../../../errors/index.js';
import * as json from '../../../config/schema/shapes.js';
import { type MonthlySummary, parseMonthlySummary } from '../../../run/monthly-summary.js';

const text = json.text(100_000);
const siteBuild = json.openRecord({
  site: text,
  /** Jenkins' word: SUCCESS, FAILURE, ABORTED …, or NOT STARTED. */
  result: text,
  /** '' where no build was started. */
  url: text,
  /** The build's description, or why it was not started. */
  text,
  /** A {@link MonthlySummary} as JSON; '' where the build did not get that far. */
  maintenance: text,
});
/** How the build of one site ended, as the build for all sites saw it. */
type SiteBuild = json.ShapeOf<typeof siteBuild>;

const validate = documentValidator(json.openRecord({ builds: json.listOf(siteBuild) }));

export interface MonthlyReportEntry extends Omit<SiteBuild, 'maintenance'> {
  readonly maintenance?: MonthlySummary;
  /** What a person has to look at: the build failed, or updates were undone. */
  readonly state: 'failed' | 'look' | 'good';
}

/** All sites of one month, those first that somebody has to look at. */
export interface MonthlyReport {
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
  readonly entries: readonly MonthlyReportEntry[];
}

const ORDER: readonly MonthlyReportEntry['state'][] = ['failed', 'look', 'good'];

/**
 * @param given `{"builds": [{site, result, url, text, maintenance}]}`
 * @throws USAGE naming what is wrong; nothing is left out in silence
 */
export function readMonthlyReport(given: Buffer, now: Date): MonthlyReport {
  const refuse = (why: string): never => {
    throw new UnderstudyError('USAGE', `The list of builds cannot be used: ${why}.`);
  };
  const { builds } = readDocument(given, validate, refuse);
  const entries = builds.map(entryOf);
  return {
    finishedAt: now.toISOString(),
    entries: entries.toSorted(
      (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.site < b.site ? -1 : 1),
    ),
  };
}

function entryOf({ maintenance: json, ...build }: SiteBuild): MonthlyReportEntry {
  const unreadable = (why: string): never => {
    throw new UnderstudyError('USAGE', `The summary of ${build.site} cannot be used: ${why}.`);
  };
  const maintenance = json === '' ? undefined : parseMonthlySummary(json, unreadable);
  const state =
    build.result !== 'SUCCESS' ? 'failed' : (maintenance?.undone.length ?? 0) > 0 ? 'look' : 'good';
  return { ...build, state, ...(maintenance === undefined ? {} : { maintenance }) };
}

/** `5 sites: 4 succeeded, 1 did not (beta). 12 updates are on production, 3 were undone on staging.` */
export function monthlyReportSentence({ entries }: MonthlyReport): string {
  const failed = entries.filter(({ state }) => state === 'failed').map(({ site }) => site);
  const months = entries.flatMap(({ maintenance }) => maintenance ?? []);
  const live = months.reduce((sum, { promoted, updates }) => sum + (promoted ? updates : 0), 0);
  const undone = months.flatMap((month) => month.undone).length;
  const good = entries.length - failed.length;
  const ends = failed.length > 0 ? `${String(good)} succeeded` : good === 1 ? 'succeeded' : 'all succeeded';
  const bad = failed.length === 0 ? '' : `, ${String(failed.length)} did not (${failed.join(', ')})`;
  return `${several(entries.length, 'site', 'sites')}: ${ends}${bad}. ${several(live, 'update is', 'updates are')} on production, ${several(undone, 'was', 'were')} undone on staging.`;
}
