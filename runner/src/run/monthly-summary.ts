import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import * as json from '../config/schema/shapes.js';

/** Of each list. */
export const MOST_LINES = 40;
/** Characters. */
export const LONGEST_LINE = 300;

const text = json.text(2 * LONGEST_LINE);
const lines = json.listOf(text, { maxItems: MOST_LINES });
const monthlySummary = json.record({
  version: json.constant(1),
  site: text,
  title: text,
  run: text,
  /** First line of the site's own report. */
  verdict: text,
  /** Promoted to production, and not rolled back there. */
  promoted: json.flag,
  /** How many updates were made and kept. */
  updates: json.whole(),
  /** `Akismet 5.3 → 5.3.1`. */
  updated: lines,
  undone: json.listOf(json.record({ what: text, why: text }), { maxItems: MOST_LINES }),
  /** Left as it is, with the reason: premium, pinned, excluded. */
  staying: lines,
  /** Approval, promotion, archive, commits, one sentence each. */
  aftermath: lines,
});
/**
 * What one site's maintenance adds to the report of the month. It travels from the site's build to the build for all
 * sites as one variable, so it is bounded.
 */
export type MonthlySummary = json.ShapeOf<typeof monthlySummary>;

const validate = documentValidator(monthlySummary);

/** @param refuse throws what the caller makes of text that is no such summary */
export const parseMonthlySummary = (given: string, refuse: (why: string) => never): MonthlySummary =>
  readDocument(Buffer.from(given), validate, refuse);
