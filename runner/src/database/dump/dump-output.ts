import { type BackupFile, type BackupTable } from '../manifest.js';
import { UnderstudyError } from '../../errors/index.js';

export interface DumpOutput {
  readonly files: readonly BackupFile[];
  readonly tables: readonly BackupTable[];
  /** Bytes of the whole dump before compression; undefined when the end was not reached. */
  readonly rawBytes: number | undefined;
}

const decode = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

/** Reads the lines described in splitter-perl.ts and scripts.ts. `output` as the host sent it. */
export function parseDumpOutput(output: Buffer): DumpOutput {
  const tables: BackupTable[] = [];
  const raw = new Map<string, { kind: BackupFile['kind']; rawBytes: number }>();
  const shards = new Map<string, string[]>();
  const sums = new Map<string, { bytes: number; sha256: string }>();
  let rawBytes: number | undefined;
  for (const line of output.toString('latin1').split('\n')) {
    const [, letter, rest = ''] = /^(T|F|S|H|end) (.*)$/.exec(line) ?? [];
    const words = rest.split(' ');
    const [first = '', second = '', third = ''] = words;
    if (letter === 'end') rawBytes = Number(first);
    else if (letter === 'T')
      tables.push({
        name: decode(words.slice(3).join(' ')),
        engine: third === '-' ? '' : third,
        rows: Number(first),
        rawBytes: Number(second),
      });
    else if (letter === 'F') raw.set(third, { kind: first as BackupFile['kind'], rawBytes: Number(second) });
    else if (letter === 'S')
      shards.set(first, [...(shards.get(first) ?? []), decode(words.slice(1).join(' '))]);
    else if (letter === 'H') sums.set(third, { bytes: Number(first), sha256: second });
  }
  return { files: filesOf(raw, shards, sums), tables, rawBytes };
}

function filesOf(
  raw: ReadonlyMap<string, { kind: BackupFile['kind']; rawBytes: number }>,
  shards: ReadonlyMap<string, string[]>,
  sums: ReadonlyMap<string, { bytes: number; sha256: string }>,
): BackupFile[] {
  const files: BackupFile[] = [];
  for (const [name, { kind, rawBytes }] of raw) {
    const sum = sums.get(name);
    if (sum === undefined) continue;
    const tables = shards.get(name);
    files.push({ name, kind, tables, bytes: sum.bytes, rawBytes, sha256: sum.sha256 });
  }
  return files.sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** The newest `P bytes` line in a piece of output; undefined when there is none. */
export function progressIn(chunk: Buffer): number | undefined {
  const last = [...chunk.toString('latin1').matchAll(/^P (\d+)$/gm)].at(-1)?.[1];
  return last === undefined ? undefined : Number(last);
}

interface FailedDump {
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
