import { type BackupFile, type BackupTable } from '../manifest.js';

/** What the dump script printed, put together. */
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
    files.push({ name, kind, ...(tables ? { tables } : {}), bytes: sum.bytes, rawBytes, sha256: sum.sha256 });
  }
  return files.sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** The newest `P bytes` line in a piece of output; undefined when there is none. */
export function progressIn(chunk: Buffer): number | undefined {
  const last = [...chunk.toString('latin1').matchAll(/^P (\d+)$/gm)].at(-1)?.[1];
  return last === undefined ? undefined : Number(last);
}
