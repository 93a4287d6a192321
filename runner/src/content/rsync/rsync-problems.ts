import { several, type ErrorCode, type Finding, UnderstudyError } from '../../errors/index.js';
import { decodeName, showName } from './parse-rsync.js';

const KEPT = 50;
const LAST_LINES = 40;

/** rsync's stderr as it comes: the last lines, and the files it names. Memory does not grow with the output. */
export class RsyncComplaints {
  readonly vanished: string[] = [];
  /** `could not make way for …`: a folder with protected files stands there. */
  readonly inTheWay: string[] = [];
  readonly failed: string[] = [];
  readonly lines: string[] = [];
  diskFull = false;
  #rest = '';

  write(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    lines.forEach((line) => {
      this.#take(line);
    });
  }

  end(): void {
    if (this.#rest !== '') this.#take(this.#rest);
    this.#rest = '';
  }

  #take(raw: string): void {
    const line = showName(decodeName(raw.trimEnd()));
    if (line === '') return;
    this.lines.push(line);
    if (this.lines.length > LAST_LINES) this.lines.shift();
    if (/No space left on device|Disk quota exceeded/.test(line)) this.diskFull = true;
    const vanished = /^file has vanished: "(.*)"/.exec(line)?.[1];
    const inTheWay = /^could not make way for .*?: (.*)$/.exec(line)?.[1];
    if (vanished !== undefined) keep(this.vanished, vanished);
    else if (inTheWay !== undefined) keep(this.inTheWay, inTheWay);
    else if (/^rsync: .*"/.test(line)) keep(this.failed, line.replace(/^rsync: (?:\[\w+\] )?/, ''));
  }
}

const keep = (list: string[], text: string): void => {
  if (list.length < KEPT) list.push(text);
};

/** What rsync's exit codes mean (rsync(1), EXIT VALUES; 127 and 255 are the shell's and ssh's). */
const MEANINGS: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  1: ['CONTENT_SYNC_FAILED', 'rsync did not understand its options'],
  2: ['RSYNC_UNSUITABLE', 'The two rsync versions are incompatible'],
  3: ['CONTENT_SOURCE_MISSING', 'rsync could not open the folder of the site'],
  5: ['CONTENT_LINK_BROKEN', 'rsync could not begin to talk with the other end'],
  10: ['CONTENT_LINK_BROKEN', 'The network connection of rsync broke'],
  11: ['CONTENT_SYNC_FAILED', 'rsync could not read or write a file'],
  12: [
    'CONTENT_LINK_BROKEN',
    'The connection of rsync broke, or rsync could not be started on the other host',
  ],
  14: ['CONTENT_SYNC_FAILED', 'rsync could not start its own processes'],
  20: ['CONTENT_KILLED', 'rsync was ended by a signal'],
  22: ['CONTENT_SYNC_FAILED', 'rsync had not enough memory'],
  30: ['CONTENT_STALLED', 'rsync waited too long for data'],
  35: ['CONTENT_STALLED', 'rsync waited too long for the connection'],
  127: ['RSYNC_UNSUITABLE', 'rsync was not found'],
  255: ['CONTENT_LINK_BROKEN', 'ssh could not connect production with staging'],
};

/**
 * @returns findings where the run is good enough: 0, and 24 (files vanished, which is normal on a live site)
 * @throws UnderstudyError for any other code; 23 names the files
 */
export function judgeRsyncExit(code: number, complaints: RsyncComplaints, host: string): readonly Finding[] {
  if (code === 0) return [];
  if (code === 24) return [vanishedFinding(complaints, host)];
  const details = { host, stderr: complaints.lines.join('\n') };
  if (complaints.diskFull)
    throw new UnderstudyError('CONTENT_DISK_FULL', 'The disk filled up while files were copied.', details);
  if (code === 23) throw partialTransfer(complaints, details);
  if (code > 128 && code < 160)
    throw new UnderstudyError('CONTENT_KILLED', `rsync was ended by signal ${String(code - 128)}.`, details);
  const [name, sentence] = MEANINGS[code] ?? ['CONTENT_SYNC_FAILED', 'rsync failed'];
  throw new UnderstudyError(name, `${sentence} (exit code ${String(code)}).`, details);
}

function vanishedFinding({ vanished }: RsyncComplaints, host: string): Finding {
  const named = vanished.slice(0, 3).join(', ');
  return {
    severity: 'warning',
    code: 'CONTENT_FILES_VANISHED',
    message: `Files disappeared from production while they were copied${named === '' ? '' : `: ${named}`}.`,
    host,
  };
}

function partialTransfer(
  complaints: RsyncComplaints,
  details: { host: string; stderr: string },
): UnderstudyError {
  const { inTheWay, failed } = complaints;
  if (inTheWay.length > 0)
    return new UnderstudyError(
      'CONTENT_IN_THE_WAY',
      `Production has a file or a link where staging has a folder with files of its own: ${inTheWay.slice(0, 3).join(', ')}.`,
      { ...details, details: inTheWay },
    );
  if (failed.some((line) => /change_dir|link_stat .*failed/.test(line)))
    return new UnderstudyError(
      'CONTENT_SOURCE_MISSING',
      `rsync cannot enter the folder: ${failed[0] ?? ''}.`,
      {
        ...details,
        details: failed,
      },
    );
  return new UnderstudyError(
    'CONTENT_FILES_UNREADABLE',
    `rsync could not copy ${failed.length >= KEPT ? `${String(KEPT)} or more files` : several(failed.length, 'file')} (exit code 23).`,
    { ...details, details: failed },
  );
}
