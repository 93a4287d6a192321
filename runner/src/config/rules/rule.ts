import { type DraftSite } from '../load/draft.js';
import { type Complaint } from '../problem.js';

/** What one file says that no single key can tell. Looks at files only, never at hosts. */
export type Rule = (site: DraftSite) => readonly Complaint[];

/** The same for two sites; complaints are about the first. Called for both orders. */
export type PairRule = (site: DraftSite, other: DraftSite) => readonly Complaint[];
