import { EXIT } from './exit-codes.js';
import { UnderstudyError } from './understudy-error.js';

/**
 * What a command ends with when a signal came before this was thrown: exit code 130, with what the error says. Only a
 * state that needs repair, and a lost lock, stay errors of their own.
 */
export function asInterrupted(error: unknown): unknown {
  if (!(error instanceof UnderstudyError))
    return new UnderstudyError('INTERRUPTED', undefined, { cause: error });
  const { code, exitCode } = error;
  if (code === 'INTERRUPTED' || code === 'LOCK_LOST' || exitCode === EXIT.needsRepair) return error;
  const { message, details, next } = error;
  return new UnderstudyError('INTERRUPTED', `Interrupted. ${message}`, { details, next, cause: error });
}
