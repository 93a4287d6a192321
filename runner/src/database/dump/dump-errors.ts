import { UnderstudyError } from '../../errors/index.js';

export interface FailedDump {
  readonly host: string;
  readonly program: string;
  readonly code: number;
  readonly stderr: string;
  readonly schema: string;
}

/** Error 1412: a table was altered while it was dumped. A second try mostly succeeds. */
export const isTableChanged = (stderr: string): boolean =>
  /\b1412\b|Table definition has changed/i.test(stderr);

const tableIn = (stderr: string): string | undefined => /(?:table|Table) [`']([^`']+)[`']/.exec(stderr)?.[1];

/** What went wrong, in one sentence, from the exit code of the dump script and what its parts wrote. */
export function dumpFailure({ host, program, code, stderr, schema }: FailedDump): UnderstudyError {
  const details = { host, command: `${program} ${schema} | splitter`, stderr };
  const splitter = /^splitter: (.*)$/m.exec(stderr)?.[1];
  if (isTableChanged(stderr))
    return new UnderstudyError(
      'DUMP_TABLE_CHANGED',
      `Table ${tableIn(stderr) ?? '(see below)'} of ${schema} was altered while it was dumped, twice.`,
      details,
    );
  if (splitter?.startsWith('disk: ') === true || /No space left on device/i.test(stderr))
    return new UnderstudyError(
      'DUMP_DISK_SHORT',
      splitter?.startsWith('disk: ') === true
        ? `The backup of ${schema} stopped itself: ${splitter.slice(6)} on the disk of the work folder.`
        : `The disk of the work folder is full; the backup of ${schema} is not complete.`,
      details,
    );
  if (/Unknown database/i.test(stderr))
    return new UnderstudyError('DUMP_FAILED', `The server has no database ${schema}.`, details);
  // The dump program's own words say more than the splitter's "cut off", which follows from them. That it could not
  // write (nobody reads any more; the number beside it may be an older one) follows from the splitter's.
  const own = /^(?:mysqldump|mariadb-dump):? (?!\[?warning|got errno \d+ on write)(.*)$/im.exec(stderr)?.[1];
  const shown = own ?? splitter;
  const ended = own === undefined ? 'The dump is of no use' : `${program} failed`;
  return new UnderstudyError(
    'DUMP_FAILED',
    shown === undefined
      ? `The backup of ${schema} ended with exit code ${String(code)}.`
      : `${ended}: ${shown}`,
    details,
  );
}
