import { type DatabaseAccess } from '../database/connection/access.js';
import { type Site } from '../config/site.js';
import { type StageName } from '../config/stage-list.js';
import { type Finding, type UnderstudyError } from '../errors/index.js';
import { type PreflightConnections } from '../database/connection/preflight-connections.js';
import { type ProductionHost, type WritingHost } from '../hosts/host.js';
import { type RoutePool } from '../hosts/route/route-pool.js';
import { type CountList, type CountRow } from '../report/events/event-log.js';
import { type OnProgress } from '../run/progress.js';
import { type RunHandle } from '../run/run-record.js';
import { type WordPressSettings } from '../wordpress/settings/wordpress-settings.js';

/** The machines of a sync. Connections are opened when first used and shared within the process. */
export interface SyncHosts {
  productionApplication(): Promise<ProductionHost>;
  /** The same connection as the application's where the database has no machine of its own. */
  productionDatabase(): Promise<ProductionHost>;
  staging(): Promise<WritingHost>;
  stagingDatabase(): Promise<WritingHost>;
  close(): Promise<void>;
}

/** What a stage tells the people who watch. The reporter masks, thins out and writes the events. */
interface StageReporter {
  step(text: string): void;
  readonly progress: OnProgress;
  warn(finding: Finding): void;
  /** A metric for the report: `('tables', 42)`. */
  metric(name: string, value: string | number | boolean): void;
  /** A list for the report, the largest first: files by folder, rows by table. The rest beyond a limit is counted. */
  counts(list: CountList, rows: readonly CountRow[]): void;
}

export interface StageContext {
  readonly site: Site;
  readonly run: RunHandle;
  readonly hosts: SyncHosts;
  /** Read once per process from wp-config.php and the site file; see pipelines/. */
  readonly database: { production(): Promise<DatabaseAccess>; staging(): Promise<DatabaseAccess> };
  /** What wp-config.php of each side says, read once per process; undefined for a site that is not WordPress. */
  readonly wordpress?: {
    production(): Promise<WordPressSettings | undefined>;
    staging(): Promise<WordPressSettings | undefined>;
  };
  /** In a preflight: the connections to the databases that all of them share. A stage at work opens its own. */
  readonly preflightConnections?: PreflightConnections;
  /** Keeps routes that the preflight has proven for the stages of this process. */
  readonly routes?: RoutePool;
  readonly reporter: StageReporter;
  readonly signal: AbortSignal;
  readonly dryRun: boolean;
}

export interface StageResult {
  /** One line for the report. */
  readonly summary: string;
  /** Stored in the run record under the stage; the next stages read it. Validated by schema when read. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /**
   * What the stage found although its work stands: the stage is complete, later stages run, and the command ends with
   * this error and its exit code.
   */
  readonly found?: UnderstudyError;
}

/** A line of a plan. A detail (a full command, a long list) is shown with `--verbose`. */
export type PlanLine = string | { readonly detail: string };

/** One of the six. A stage file exports one constant of this type, named after the file. */
export interface Stage {
  readonly name: StageName;
  readonly label: string;
  readonly changes: 'nothing' | 'staging' | 'production' | 'archive';
  /** Reads only. Everything that would stop `run`, reported before anything is changed. */
  preflight(context: StageContext): Promise<readonly Finding[]>;
  run(context: StageContext): Promise<StageResult>;
  /** Lines of the plan: what it would do, commands masked. Reads only. */
  plan(context: StageContext): Promise<readonly PlanLine[]>;
  /** Puts staging back after a failed or aborted run of this stage. */
  undo?(context: StageContext): Promise<void>;
}
