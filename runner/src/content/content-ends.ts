import { type ReadingHost, type RunOptions, type WritingHost } from '../hosts/host.js';
import { type Route } from '../hosts/route/route.js';
import { type Reporter } from '../report/events/reporter.js';
import { type SwapFolders } from './swap/file-swap.js';
import { type RsyncRun } from './rsync/run-rsync.js';
import { type Interpreter } from '../commands/scripts/content/script.js';
import { type SettingsMatcher } from './settings/settings-matcher.js';

/** Staging's side of a sync of files. */
export interface SwapEnds {
  readonly staging: WritingHost;
  readonly folders: SwapFolders;
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
  readonly interpreter?: Interpreter;
}

/** The two trees of a sync and the way between them. */
export interface ContentEnds extends SwapEnds {
  readonly route: Pick<Route, 'kind' | 'run' | 'remoteShell' | 'remote'>;
  readonly productionPath: string;
  readonly productionLabel: string;
  readonly filters: readonly string[];
  /** `content.checksum`: files are compared by what is in them. */
  readonly checksum?: boolean;
  /** How production's settings are known, which stay where they are. */
  readonly settings?: {
    readonly host: ReadingHost;
    readonly production: SettingsMatcher;
    /** What of production's secrets is not staging's own as well. */
    readonly foreign: SettingsMatcher;
    /** Patterns of files that `filters` keep on production and that the site needs; reported where staging has none. */
    readonly needed: readonly string[];
  };
  /** Both sides are one machine: a link into production's folder would work there. */
  readonly sameMachine: boolean;
  readonly job?: NonNullable<RunOptions['job']>;
}

export type ContentWatch = Pick<Reporter, 'step' | 'progress' | 'warn'>;

/** How a sync between them runs its rsync. */
export const rsyncRun = (ends: ContentEnds, signal: AbortSignal): RsyncRun => ({
  route: ends.route,
  label: `${ends.productionLabel} → ${ends.staging.label}`,
  signal,
  timeoutSeconds: ends.timeoutSeconds,
  job: ends.job,
});
