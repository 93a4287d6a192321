/**
 * What one site's maintenance adds to the report of the month. It travels from the site's build to the build for all
 * sites as one variable, so it is bounded: at most 40 entries a list, 300 characters a text.
 */
export interface MonthlySummary {
  readonly version: 1;
  readonly site: string;
  readonly title: string;
  readonly run: string;
  /** First line of the site's own report. */
  readonly verdict: string;
  /** Promoted to production, and not rolled back there. */
  readonly promoted: boolean;
  /** How many updates were made and kept. */
  readonly updates: number;
  /** `Akismet 5.3 → 5.3.1`. */
  readonly updated: readonly string[];
  readonly undone: readonly { readonly what: string; readonly why: string }[];
  /** Left as it is, with the reason: premium, pinned, excluded. */
  readonly staying: readonly string[];
  /** Approval, promotion, archive, commits, one sentence each. */
  readonly aftermath: readonly string[];
}
