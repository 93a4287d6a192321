import { decodeName, showName } from '../rsync/parse-rsync.js';

/** Which of the files that only staging has are deleted, and which stay because no sync brought them. */
export interface RecordedLists {
  readonly deleted: number;
  readonly kept: number;
  /** The first names, for people: 200 (in a plan ten). */
  readonly deletedNames: readonly string[];
  /** The first ten. */
  readonly preservedNames: readonly string[];
  /** Deleted files by folder, two levels deep; `.` is the document root. Empty in a plan. */
  readonly deletedIn: ReadonlyMap<string, number>;
}

/** Reads the answer of scripts/record-lists.ts. */
export function parseRecordedLists(text: string): RecordedLists {
  const lines = text.split('\n');
  const count = (name: string): number =>
    Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0);
  const names = (name: string): readonly string[] =>
    lines
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => showName(decodeName(line.slice(name.length + 2))));
  return {
    deleted: count('deleted'),
    kept: count('kept'),
    deletedNames: names('deleted'),
    preservedNames: names('kept'),
    deletedIn: new Map(lines.flatMap(folderLine)),
  };
}

/** `deleted-in 12 wp-content/plugins`. */
function folderLine(line: string): [string, number][] {
  const [, count, name] = /^deleted-in (\d+) (.+)$/.exec(line) ?? [];
  return name === undefined ? [] : [[showName(decodeName(name)), Number(count)]];
}
