/** One question about one page, and its answer. */
export interface CheckResult {
  /** The same for the same question in another run of the checks: that is how before and after are compared. */
  readonly id: string;
  readonly kind: 'page' | 'time' | 'php' | 'log' | 'asset' | 'text' | 'form' | 'console' | 'picture';
  /** Path of the page, `/shop/`; '' for what belongs to the site as a whole. */
  readonly path: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** One sentence. */
  readonly message: string;
  /** Picture of the difference, relative to the folder of the run; see {@link comparedPictures}. */
  readonly picture?: string;
}

/** How the file of a difference ends; before and after lie beside it. */
export const DIFFERENCE = '.difference.png';

/** Caption and file of what a picture of a difference goes with, in order. */
export function comparedPictures(difference: string): readonly (readonly [string, string])[] {
  if (!difference.endsWith(DIFFERENCE)) return [['Before, after and difference', difference]];
  const stem = difference.slice(0, -DIFFERENCE.length);
  return [
    ['Before', `${stem}.before.png`],
    ['After', `${stem}.after.png`],
    ['Difference, in red', difference],
  ];
}

export interface PagePicture {
  readonly path: string;
  /** PNG, relative to the folder of the run. */
  readonly file: string;
}

/** Everything that one run of the checks found. Stored as `checks.json`. */
export interface CheckRun {
  readonly name: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly results: readonly CheckResult[];
  readonly pictures: readonly PagePicture[];
  /** The pages that were looked at; later runs look at the same ones. */
  readonly pages: readonly PlannedPage[];
  /** What was not checked, and why. */
  readonly notes: readonly string[];
}

export interface PlannedPage {
  /** Path and query below the site's address, beginning with a slash. */
  readonly path: string;
  /** Why it is looked at: `declared`, `home`, `post type product`, `login` … */
  readonly why: string;
  /** `html` pages are opened in the browser too. */
  readonly kind: 'html' | 'feed' | 'rest' | 'sitemap';
}

export const failuresOf = (run: CheckRun): readonly CheckResult[] =>
  run.results.filter(({ state }) => state === 'failed');

/**
 * What fails now and did not fail before: the rest was broken already and says nothing about an update. A question that
 * was not asked before (a new asset, a new message in the console) counts as new.
 */
export function newFailures(now: CheckRun, before: CheckRun): readonly CheckResult[] {
  const known = new Set(failuresOf(before).map(({ id }) => id));
  return failuresOf(now).filter(({ id }) => !known.has(id));
}

/** `/shop/: answered with 500 (broken)`. */
export const sentenceOf = (result: CheckResult): string =>
  result.path === '' ? result.message : `${result.path}: ${result.message}`;
