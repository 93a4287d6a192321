import { type Weight } from '../report/page/page-parts.js';
import { type PastRun } from './run-history.js';

/**
 * What one site adds to the page of all sites: `<workspace>/<site>/site.json`. It travels from the site's build to the one
 * that makes the page, so it is bounded, and validated when it is read.
 */
export interface SiteOverview {
  readonly version: 1;
  readonly site: string;
  readonly title: string;
  readonly production: string;
  readonly staging: string;
  /** When it was noted. ISO 8601, UTC, like all times here. */
  readonly at: string;
  /** '' where the command ended before it had a run. */
  readonly run: string;
  readonly weight: Weight;
  readonly headline: string;
  /** The one thing to do; '' where there is nothing. */
  readonly next: string;
  /** When the copy that staging serves was begun; '' where that is not known. */
  readonly copyOf: string;
  /** Newest first, this one included. */
  readonly runs: readonly PastRun[];
  readonly warnings: readonly string[];
  /** WordPress on both sides, where it is known. */
  readonly wordpress?: { readonly production: string; readonly staging: string };
  readonly updates?: {
    readonly verdict: string;
    /** Tested on staging, not yet on production. */
    readonly waiting: readonly string[];
    /** Not made: rolled back, no package, pinned, left out. */
    readonly open: readonly string[];
  };
  readonly schedule: SiteSchedule;
  /** Why staging is kept as it is; '' where it is not. */
  readonly lock: string;
  /** Address of the build; '' without one. */
  readonly build: string;
}

/** When the site is synced and maintained by itself, and when production may be changed. */
export interface SiteSchedule {
  /** Jenkins' cron text; '' where it is only by hand. */
  readonly sync: string;
  readonly maintenance: string;
  /** Undefined: always. */
  readonly window?: {
    readonly days: readonly string[];
    readonly from: string;
    readonly to: string;
    readonly timezone: string;
  };
  /** Days on which nothing is promoted, `2026-12-15` or `2026-12-15/2027-01-06`. */
  readonly freeze: readonly string[];
}
