/** What rsync's output says, line by line. Lines come from `--out-format='%i %l %n%L'`, `--stats` and `progress2`. */
export type RsyncLine =
  | {
      readonly kind: 'entry';
      readonly change: 'new' | 'content' | 'attributes' | 'none';
      readonly type: 'file' | 'folder' | 'link' | 'other';
      /** Relative to the tree, as bytes; folders without the slash at the end; '' is the tree itself. */
      readonly path: Buffer;
      /** In bytes; of a link: the length of its target. */
      readonly size: number;
      /** Where a link points. */
      readonly target?: Buffer;
    }
  | { readonly kind: 'only-on-staging'; readonly folder: boolean; readonly path: Buffer }
  | { readonly kind: 'progress'; readonly bytes: number }
  | {
      readonly kind: 'stat';
      readonly name: string;
      readonly value: number;
      /** `(reg: 4, dir: 2)` behind the number of files. */
      readonly parts: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'skipped'; readonly path: Buffer }
  | { readonly kind: 'other'; readonly text: string };

const TYPES = { f: 'file', d: 'folder', L: 'link', D: 'other', S: 'other' } as const;
const ENTRY = /^([<>ch.])([fdLDS])(.{9}) (\d+) (.*)$/s;
const DELETED = /^\*deleting {3}(?:\d+ )?(.*)$/s;
const PROGRESS = /^\s*(\d+)\s+(\d+)%\s/;
const STAT = /^([A-Z][A-Za-z ]+): (\d+)(?: \((.*)\))?/;
const SKIPPED = /^skipping non-regular file "(.*)"$/s;

/** Reads one line (without its end). Unknown lines are `other`: they are remarks for people. */
export function parseRsyncLine(line: string): RsyncLine {
  const entry = ENTRY.exec(line);
  if (entry) return parseEntry(entry);
  const deleted = DELETED.exec(line)?.[1];
  if (deleted !== undefined)
    return {
      kind: 'only-on-staging',
      folder: deleted.endsWith('/'),
      path: decodeName(deleted.replace(/\/$/, '')),
    };
  const progress = PROGRESS.exec(line);
  if (progress) return { kind: 'progress', bytes: Number(progress[1]) };
  const stat = STAT.exec(line);
  if (stat) return { kind: 'stat', name: stat[1] ?? '', value: Number(stat[2]), parts: statParts(stat[3]) };
  const skipped = SKIPPED.exec(line)?.[1];
  if (skipped !== undefined) return { kind: 'skipped', path: decodeName(skipped) };
  return { kind: 'other', text: line };
}

function parseEntry([, , letter = 'f', flags = '', length = '0', rest = '']: RegExpExecArray): RsyncLine {
  const type = TYPES[letter as keyof typeof TYPES];
  const size = Number(length);
  const [name, target] = type === 'link' ? splitLink(rest, size) : [rest, undefined];
  return {
    kind: 'entry',
    change: changeOf(type, flags),
    type,
    path: decodeName(type === 'folder' ? name.replace(/^\.\/$|\/$/, '') : name),
    size,
    ...(target === undefined ? {} : { target: decodeName(target) }),
  };
}

const statParts = (text = ''): Readonly<Record<string, number>> =>
  Object.fromEntries([...text.matchAll(/(\w+): (\d+)/g)].map(([, name, value]) => [name, Number(value)]));

/** `%i` after its first two letters: checksum, size, time, perms, owner, group, and three more. */
function changeOf(type: string, flags: string): 'new' | 'content' | 'attributes' | 'none' {
  if (flags.startsWith('+')) return 'new';
  if (type === 'folder') return flags.includes('p') ? 'attributes' : 'none';
  if (/^[cs]|^.[s]|^..[tT]/.test(flags)) return 'content';
  return /^[. ]*$/.test(flags) ? 'none' : 'attributes';
}

/** `name -> target`; both may hold ` -> `, so the target's length in bytes decides. */
function splitLink(text: string, targetLength: number): [string, string | undefined] {
  for (let at = text.indexOf(' -> '); at >= 0; at = text.indexOf(' -> ', at + 1)) {
    const target = text.slice(at + 4);
    if (decodeName(target).length === targetLength) return [text.slice(0, at), target];
  }
  const at = text.indexOf(' -> ');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 4)];
}

/** Undoes rsync's `\#ooo`, the only escape in its output. */
export function decodeName(text: string): Buffer {
  if (!text.includes('\\#')) return Buffer.from(text, 'latin1');
  return Buffer.from(
    text.replace(/\\#([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8) & 255)),
    'latin1',
  );
}

/** rsync's own form of a name (`LC_ALL=C`): one line of printable ASCII, the same bytes always the same text. */
export function encodeName(name: Buffer): string {
  const text = name.toString('latin1');
  if (/^[ -[\]-~\t]*$/.test(text)) return text;
  return text.replace(
    /[\x00-\x08\x0a-\x1f\x7f-\xff]|\\(?=#[0-7]{3})/g,
    (byte) => `\\#${byte.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}

/** For people: UTF-8 where it is, escapes where it is not. */
export function showName(name: Buffer): string {
  const text = name.toString('utf8');
  return Buffer.from(text, 'utf8').equals(name) && !/[\x00-\x1f\x7f]/.test(text) ? text : encodeName(name);
}

/**
 * Cuts a stream of output into lines and hands each to `take`. A line ends at `\n` or `\r`: names cannot hold
 * either (rsync escapes them), and progress2 writes over its own line with `\r`.
 */
export class RsyncLines {
  #rest = '';
  constructor(private readonly take: (line: RsyncLine) => void) {}
  write(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('latin1')).split(/[\r\n]+/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.take(parseRsyncLine(line));
  }
  end(): void {
    if (this.#rest !== '') this.take(parseRsyncLine(this.#rest));
    this.#rest = '';
  }
}
