import * as json from '../../config/schema/shapes.js';
import { documentValidator, readDocument } from '../../config/schema/document-validator.js';

const text = json.text(100_000);
const picture = json.pathBelow(1000);

const checkResult = json.record({
  /** The same for the same question in another run of the checks: that is how before and after are compared. */
  id: text,
  kind: json.oneOf('page', 'time', 'php', 'log', 'asset', 'text', 'form', 'console', 'picture'),
  /** Path of the page, `/shop/`; '' for what belongs to the site as a whole. */
  path: text,
  state: json.oneOf('passed', 'failed', 'skipped'),
  /** One sentence. */
  message: text,
  /** Picture of the difference, relative to the folder of the run; see {@link comparedPictures}. */
  picture: json.optional(picture),
});
/** PNG, relative to the folder of the run. */
const pagePicture = json.record({ path: text, file: picture });
const plannedPage = json.record({
  /** Path and query below the site's address, beginning with a slash. */
  path: text,
  /** Why it is looked at: `declared`, `home`, `post type product`, `login` … */
  why: text,
  /** `html` pages are opened in the browser too. */
  kind: json.oneOf('html', 'feed', 'rest', 'sitemap'),
});
const checkRun = json.record({
  name: text,
  startedAt: text,
  finishedAt: text,
  results: json.listOf(checkResult, { maxItems: 100_000 }),
  pictures: json.listOf(pagePicture, { maxItems: 100_000 }),
  /** The pages that were looked at; later runs look at the same ones. */
  pages: json.listOf(plannedPage, { maxItems: 100_000 }),
  /** What was not checked, and why. */
  notes: json.listOf(text, { maxItems: 20_000 }),
});

/** One question about one page, and its answer. */
export type CheckResult = json.ShapeOf<typeof checkResult>;
export type PagePicture = json.ShapeOf<typeof pagePicture>;
export type PlannedPage = json.ShapeOf<typeof plannedPage>;
/** Everything that one run of the checks found. Stored as `checks.json`. */
export type CheckRun = json.ShapeOf<typeof checkRun>;

export type Result = (
  kind: CheckResult['kind'],
  state: CheckResult['state'],
  message: string,
  detail?: string,
) => CheckResult;

/** @param path of the page; '' for what belongs to the site as a whole */
export const resultsFor =
  (path: string): Result =>
  (kind, state, message, detail = '') => ({
    id: [kind, path, detail].filter((part) => part !== '').join(' '),
    kind,
    path,
    state,
    message,
  });

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

const checkedRuns = json.record({ baseline: checkRun, final: checkRun });
/** The checks before and after the updates: with the record, all that the report is made of. */
export type CheckedRuns = json.ShapeOf<typeof checkedRuns>;

const validate = documentValidator(checkedRuns);

/** @param refuse throws what the caller makes of bytes that are no checks: they lay on a host */
export const parseCheckedRuns = (bytes: Buffer, refuse: (why: string) => never): CheckedRuns =>
  readDocument(bytes, validate, refuse);
