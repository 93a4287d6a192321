import { type StageName } from '../config/stage-list.js';
import { type Finding, type UnderstudyError } from '../errors/index.js';
import { type PreflightConnections } from '../database/connection/preflight-connections.js';
import { type SessionShelf } from '../database/connection/session-shelf.js';
import { type RoutePool } from '../hosts/route/route-pool.js';
import { type RunHandle } from '../run/run-record.js';
import { type SiteContext } from '../run/site-context.js';

export interface StageContext extends SiteContext {
  readonly run: RunHandle;
  /** In a preflight: the connections to the databases that all of them share. A stage at work opens its own. */
  readonly preflightConnections?: PreflightConnections;
  /** Keeps routes that the preflight has proven for the stages of this process. */
  readonly routes?: RoutePool;
  /** Sessions on staging's database that the parts of a stage use one after the other. */
  readonly shelf?: SessionShelf;
  /** Takes work that nothing waits for: the process does before it ends, and what fails then is no failure. */
  readonly atEnd?: (work: Promise<unknown>) => void;
  readonly dryRun: boolean;
}

/** Leaves work to the end of the process; where nobody takes it, it is waited for. */
export async function atEnd({ atEnd: take }: StageContext, work: Promise<unknown>): Promise<void> {
  if (take === undefined) await work;
  else take(work);
}

export interface StageResult {
  /** One line for the report. */
  readonly summary: string;
  /** Stored in the run record under the stage; the next stages read it. Validated by schema when read. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What was found although the stage is complete: later ones run, and the command ends with this error. */
  readonly found?: UnderstudyError | undefined;
}

/** A line of a plan. A detail (a full command, a long list) is shown with `--verbose`. */
export type PlanLine = string | { readonly detail: string };

/** One of the six. A stage file exports one constant of this type, named after the file. */
export interface Stage {
  readonly name: StageName;
  readonly label: string;
  /** Reads only. Everything that would stop `run`, reported before anything is changed. */
  preflight(context: StageContext): Promise<readonly Finding[]>;
  /**
   * Begins to read what `run` reads first, of a run that goes on: the preflight need not end before. What is read holds by
   * itself, also where somebody has changed it meanwhile; where it fails, `run` reads it again. Never throws.
   */
  readAhead?(context: StageContext): void;
  run(context: StageContext): Promise<StageResult>;
  /** Lines of the plan: what it would do, commands masked. Reads only. */
  plan(context: StageContext): Promise<readonly PlanLine[]>;
  /** Puts staging back after a failed or aborted run of this stage. */
  undo?(context: StageContext): Promise<void>;
}
