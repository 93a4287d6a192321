import { UnderstudyError } from '../errors/index.js';

let isReported = false;

/**
 * Writes something that is kept on the runner's own disk: events, reports, copies of records. A disk that is full, read
 * only or gone is no reason to stop in the middle of a cutover, or to leave staging behind its maintenance page: it is
 * reported on stderr, once, and the work goes on.
 * @returns whether it was written
 * @throws what is no refusal of the file system
 */
export function keepFile(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (!isFileError(error)) throw error;
    if (!isReported)
      process.stderr.write(
        `WORKSPACE_UNWRITABLE: What this command keeps on the machine of the runner is incomplete: ${error.message}\n` +
          'Next: Free space in the workspace (or name another one with --workspace). The work itself goes on.\n',
      );
    isReported = true;
    return false;
  }
}

const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/** A disk of this machine that is full is no bug in Understudy. Other errors stay what they are. */
export const asDiskError = (error: unknown): unknown =>
  isFileError(error) && FULL.has(error.code)
    ? new UnderstudyError('RUNNER_DISK_FULL', `This machine could not write a file: ${error.message}`, {
        cause: error,
      })
    : error;

/** Whether this machine's operating system refused a call. */
const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'syscall' in error && 'errno' in error && 'code' in error;
