import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import * as json from '../config/schema/shapes.js';
import { pastRunShape } from './run-history.js';

/** Of a list of a site. */
export const MOST_LINES = 12;
export const MOST_FREEZES = 50;

const text = json.text(2000);
const texts = json.listOf(text, { maxItems: MOST_LINES });
const timeOrNone = json.textLike('^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z)?$');

const siteSchedule = json.record({
  /** Jenkins' cron text; '' where it is only by hand. */
  sync: text,
  maintenance: text,
  /** Undefined: always. */
  window: json.optional(json.record({ days: texts, from: text, to: text, timezone: text })),
  /** Days on which nothing is promoted, `2026-12-15` or `2026-12-15/2027-01-06`. */
  freeze: json.listOf(text, { maxItems: MOST_FREEZES }),
});

const siteOverview = json.record({
  version: json.constant(1),
  site: json.siteName,
  title: text,
  production: text,
  staging: text,
  /** When it was noted. ISO 8601, UTC, like all times here. */
  at: timeOrNone,
  /** '' where the command ended before it had a run. */
  run: json.text(60),
  weight: json.oneOf('bad', 'look', 'note', 'good'),
  headline: text,
  /** The one thing to do; '' where there is nothing. */
  next: text,
  /** When the copy that staging serves was begun; '' where that is not known. */
  copyOf: timeOrNone,
  /** Newest first, this one included. */
  runs: json.listOf(pastRunShape, { maxItems: 10 }),
  warnings: texts,
  /** WordPress on both sides, where it is known. */
  wordpress: json.optional(json.record({ production: text, staging: text })),
  updates: json.optional(
    json.record({
      verdict: text,
      /** Tested on staging, not yet on production. */
      waiting: texts,
      /** Not made: rolled back, no package, pinned, left out. */
      open: texts,
    }),
  ),
  schedule: siteSchedule,
  /** Why staging is kept as it is; '' where it is not. */
  lock: text,
  /** Address of the build; '' without one. */
  build: text,
});

/** When the site is synced and maintained by itself, and when production may be changed. */
export type SiteSchedule = json.ShapeOf<typeof siteSchedule>;
/**
 * What one site adds to the page of all sites: `<workspace>/<site>/site.json`. It travels from the site's build to the one
 * that makes the page, so it is bounded, and validated when it is read.
 */
export type SiteOverview = json.ShapeOf<typeof siteOverview>;

const validate = documentValidator(
  json.record({ version: json.constant(1), sites: json.listOf(siteOverview, { maxItems: 2000 }) }),
);

/** @param given `{version, sites}` or one site by itself @param refuse throws what the caller makes of it */
export function parseOverviews(given: string, refuse: (why: string) => never): readonly SiteOverview[] {
  const isOne = !given.includes('"sites"');
  const document = isOne ? `{"version":1,"sites":[${given}]}` : given;
  return readDocument(Buffer.from(document), validate, refuse).sites;
}
