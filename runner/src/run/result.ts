import { rmSync } from 'node:fs';
import path from 'node:path';
import { compact } from '../config/mapping.js';
import { SITE_NAME } from '../config/schema/shapes.js';
import { UnderstudyError, messageOf } from '../errors/index.js';
import { EXIT, type ExitCode } from '../errors/exit-codes.js';
import { type WrittenError } from '../report/events/event-log.js';
import { keepFile } from './keep-file.js';
import type { MonthlySummary } from './monthly-summary.js';
import type { SiteOverview } from './site-overview.js';
import { OtherCommitError } from './resume.js';
import { replaceFile } from './workspace.js';

/** `result.json`: how the last command ended. The Jenkins bridge turns it into the build's result and one-line error. */
export interface CommandOutcome {
  readonly version: 1;
  readonly command: string;
  /** '' where the command is about no single site. */
  readonly site: string;
  /** '' without one. */
  readonly run: string;
  readonly exitCode: ExitCode;
  /** One line for the build's description. */
  readonly summary: string;
  /** More of it, below the summary, one sentence each. */
  readonly lines?: readonly string[];
  /** Jenkins asks a person, also where the policy of the site approves what is green. */
  readonly approval?: 'person';
  /** `understudy finish`: what the run's maintenance adds to the report of all sites. */
  readonly maintenance?: MonthlySummary;
  /** What the site adds to the page of all sites. */
  readonly overview?: SiteOverview;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly next: string;
    /** Commit of the site files that the run began with; only with OTHER_COMMIT. */
    readonly commit?: string;
  };
}

/** What a command ends with; it goes into `result.json` and `--json`. */
export type Outcome = Pick<
  CommandOutcome,
  'run' | 'summary' | 'lines' | 'approval' | 'maintenance' | 'overview'
>;

export const exitCodeOf = (error: unknown): ExitCode =>
  error instanceof UnderstudyError ? error.exitCode : EXIT.bug;

export function errorOutcome(error: unknown): NonNullable<CommandOutcome['error']> {
  if (error instanceof OtherCommitError) {
    return { code: error.code, message: error.message, next: error.next, commit: error.commit };
  }
  if (error instanceof UnderstudyError) return { code: error.code, message: error.message, next: error.next };
  const message = messageOf(error);
  return { code: 'INTERNAL', message, next: 'Please report it with the log.' };
}

/** All that is known of it. */
export function writtenError(error: unknown): WrittenError {
  const { code, message, next } = errorOutcome(error);
  const { details = [], host, command, stderr } = error instanceof UnderstudyError ? error : {};
  return compact<WrittenError>({ code, message, next, details, host, command, stderr });
}

/** Only for names that are safe in a path; others get no file, their error is on the console alone. */
const outcomeFile = (workspace: string, site: string): string | undefined =>
  new RegExp(SITE_NAME).test(site) ? path.resolve(workspace, site, 'result.json') : undefined;

export function writeOutcome(workspace: string, outcome: CommandOutcome): void {
  const file = outcomeFile(workspace, outcome.site);
  if (file === undefined) return;
  keepFile(() => {
    replaceFile(file, `${JSON.stringify(outcome, null, 2)}\n`);
  });
}

/** Removes the outcome of an earlier command. */
export function forgetOutcome(workspace: string, site: string): void {
  const file = outcomeFile(workspace, site);
  if (file !== undefined) rmSync(file, { force: true });
}
