import { type Patience } from './exchange/blockers.js';
import { type drainRequests } from './exchange/drain-requests.js';
import { type OpenFileSwap } from './exchange/file-swap.js';
import { type PageAccess } from './exchange/maintenance-page.js';

/** Asked when files and tables are in place; while it has not passed, a recovery goes back. */
interface CutoverProof {
  /** SHA-256 of the token with which a request passes WordPress' maintenance page. */
  readonly pass?: string;
  /** What it throws undoes the cutover as a whole. */
  verify(): Promise<void>;
}

/** What the caller brings: the file half, and what clears caches once the new generation is served. */
export interface CutoverTools {
  readonly openFiles: OpenFileSwap;
  readonly proof?: CutoverProof;
  /** Run after the swap, before the maintenance page goes. One that fails is a warning: the swap stands. */
  readonly afterSwap?: readonly (() => Promise<void>)[];
  /** The new generation is served, without the page; only what it replaced is left to prune. May be called again. */
  readonly onServed?: () => void;
  /** SHA-256 of the token with which a request to the maintenance page empties OPcache. */
  readonly clear?: string;
  readonly drain?: typeof drainRequests;
  /** How long statements wait for tables that are in use; default {@link CUTOVER_PATIENCE}. */
  readonly patience?: Patience;
}

/** Which requests the page answers otherwise. */
export const pageAccess = ({ proof, clear }: CutoverTools): PageAccess => ({ pass: proof?.pass, clear });
