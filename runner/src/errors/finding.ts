import { type Code, type ErrorCode } from './catalogue.js';
import { type ErrorDetails, UnderstudyError } from './understudy-error.js';

interface FindingText {
  /** One sentence with the details of the case. */
  readonly message: string;
  /** What belongs to it, a line each: lines to add, what a program said. */
  readonly details?: readonly string[] | undefined;
  readonly host?: string | undefined;
  readonly next?: string | undefined;
}

/** A finding that stops the run. */
export type ErrorFinding = FindingText & { readonly severity: 'error'; readonly code: ErrorCode };

/** What is wrong, or worth knowing, before anything was changed. Only a code with an exit code can be an error. */
export type Finding =
  | ErrorFinding
  | (FindingText & { readonly severity: 'warning'; readonly code: Code })
  | (FindingText & { readonly severity: 'info'; readonly code: Code });

export const isErrorFinding = (finding: Finding): finding is ErrorFinding => finding.severity === 'error';

/** An error as a finding: what a program said stands below it. */
export function findingOf(error: UnderstudyError): ErrorFinding {
  const details = [...error.details, ...(error.stderr ?? '').split('\n').filter((line) => line !== '')];
  return {
    severity: 'error',
    code: error.code,
    message: error.message,
    next: error.next,
    ...(details.length === 0 ? {} : { details }),
    host: error.host,
  };
}

/** What went wrong does not stop the run. */
export const warningOf = (error: UnderstudyError): Finding => ({ ...findingOf(error), severity: 'warning' });

/** The error that a finding is. @param details in place of the finding's own */
export const errorOf = (
  { code, message, ...finding }: ErrorFinding,
  details: ErrorDetails = {},
): UnderstudyError => new UnderstudyError(code, message, { ...finding, ...details });
