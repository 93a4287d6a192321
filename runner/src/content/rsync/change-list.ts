import { writeSync } from 'node:fs';
import { posix } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { type ChangeLetter, mayBeSettings, searchLine, type StayingFile } from '../settings/find-settings.js';
import { asDiskError } from '../../run/keep-file.js';
import { encodeName, type RsyncLine, RsyncLines, showName } from './parse-rsync.js';

/** What a comparison of the two trees found, counted. Complete when the stream has ended. */
export interface ChangeCounts {
  /** Files and links on production that are not excluded. */
  readonly production: number;
  /** The same on staging. */
  readonly staging: number;
  readonly created: number;
  readonly updated: number;
  /** Files and links only on staging; which of them go is decided with the inventory. */
  readonly onlyOnStaging: number;
  /** Folders that are new or get other modes. */
  readonly folders: number;
  /** Size of the files whose content is new. */
  readonly bytes: number;
  /** Size of all files that will lie beside the live tree: those with other modes as well. */
  readonly room: number;
}

export interface ProductionLink {
  readonly path: Buffer;
  readonly target: Buffer;
  readonly changed: boolean;
}

export interface FolderChanges {
  readonly folder: string;
  readonly created: number;
  readonly updated: number;
  readonly bytes: number;
}

/** A file by the name that people see. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: number;
}

/** Descriptors of files that are open for writing. */
export interface Spools {
  /** Takes the names of entries to send, each ended by NUL; undefined: nobody wants them. */
  readonly changed?: number;
  /** Takes the files to search for settings (find-settings.ts). */
  readonly search: number;
}

const KEPT_LINKS = 1000;
const KEPT_FOLDERS = 2000;
/** Names of new files, and as many of changed ones. */
export const KEPT_NAMES = 200;

/**
 * Takes the output of `compareTrees` and gives what record-lists.ts reads: a line for each name. Holds counts only, so
 * its memory does not grow with the site. Names of entries to send and of files to search go to `spools`.
 */
export class ChangeList extends Transform {
  readonly links: ProductionLink[] = [];
  /** Something, if only a folder, is on staging alone. */
  hasSurplus = false;
  readonly skipped: string[] = [];
  readonly remarks: string[] = [];
  /** The first of them, in rsync's order; `counts` says how many there are. */
  readonly named: Record<'created' | 'updated', NamedFile[]> = { created: [], updated: [] };
  readonly #counts = {
    production: 0,
    created: 0,
    updated: 0,
    onlyOnStaging: 0,
    folders: 0,
    bytes: 0,
    room: 0,
  };
  readonly #folders = new Map<string, { created: number; updated: number; bytes: number }>();
  readonly #lines = new RsyncLines((line) => {
    this.#take(line);
  });
  #names: string[] = [];
  #changed: Buffer[] = [];
  #search: string[] = [];

  constructor(private readonly spools: Spools) {
    super();
  }

  get counts(): ChangeCounts {
    const { production, created, onlyOnStaging } = this.#counts;
    return { ...this.#counts, staging: production - created + onlyOnStaging };
  }

  /** These files are not sent after all. Those that stay by their name were never counted. */
  leaveOut(files: readonly StayingFile[]): void {
    for (const { change, size, reason, path } of files) {
      if (change === 's' || reason === undefined) continue;
      const shown = showName(path);
      const kind = change === 'n' ? 'created' : 'updated';
      this.named[kind] = this.named[kind].filter(({ name }) => name !== shown);
      const sums = this.#folders.get(folderOf(shown));
      for (const counts of sums === undefined ? [this.#counts] : [this.#counts, sums]) {
        counts[kind] -= 1;
        if (change !== 'a') counts.bytes -= size;
      }
      this.#counts.room -= size;
    }
  }

  /** The folders with the most new and updated files, two levels deep. */
  topFolders(count: number): readonly FolderChanges[] {
    return [...this.#folders]
      .map(([folder, sums]) => ({ folder, ...sums }))
      .filter(({ created, updated }) => created + updated > 0)
      .sort((a, b) => filesOf(b) - filesOf(a) || b.bytes - a.bytes || a.folder.localeCompare(b.folder))
      .slice(0, count);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#handOn(() => {
      this.#lines.write(chunk);
    }, done);
  }

  override _flush(done: TransformCallback): void {
    this.#handOn(() => {
      this.#lines.end();
      this.#names.push('=');
    }, done);
  }

  /** A full disk of the runner is this stream's error: thrown into a connection, it would be lost there. */
  #handOn(take: () => void, done: TransformCallback): void {
    try {
      take();
      this.#flush();
    } catch (cause) {
      done(asDiskError(cause) as Error);
      return;
    }
    done();
  }

  #flush(): void {
    if (this.#names.length > 0) this.push(Buffer.from(`${this.#names.join('\n')}\n`, 'latin1'));
    if (this.spools.changed !== undefined) writeAll(this.spools.changed, Buffer.concat(this.#changed));
    writeAll(this.spools.search, Buffer.from(this.#search.join(''), 'latin1'));
    this.#names = [];
    this.#changed = [];
    this.#search = [];
  }

  #take(line: RsyncLine): void {
    if (line.kind === 'entry') this.#entry(line);
    else if (line.kind === 'only-on-staging') {
      this.#names.push(`-${encodeName(line.path)}${line.folder ? '/' : ''}`);
      this.hasSurplus = true;
      if (line.folder) return;
      this.#counts.onlyOnStaging += 1;
    } else if (line.kind === 'stat' && line.name === 'Number of files') {
      this.#counts.production = (line.parts['reg'] ?? 0) + (line.parts['link'] ?? 0);
    } else if (line.kind === 'skipped') {
      if (this.skipped.length < KEPT_LINKS) this.skipped.push(showName(line.path));
    } else if (line.kind === 'other' && this.remarks.length < 100) this.remarks.push(line.text);
  }

  #entry(line: RsyncLine & { kind: 'entry' }): void {
    if (line.path.length === 0 || line.type === 'other') return;
    const isFolder = line.type === 'folder';
    const changed = line.change !== 'none';
    const name = encodeName(line.path);
    this.#names.push(`+${name}${isFolder ? '/' : ''}`);
    if (changed) this.#changed.push(line.path, NUL);
    if (line.type === 'file' && mayBeSettings(name, line.size))
      this.#search.push(searchLine(LETTERS[line.change], line.size, name));
    // Deployments link to settings that all releases share. A link's own size says nothing.
    if (line.type === 'link' && mayBeSettings(name, 1))
      this.#search.push(searchLine(LETTERS[line.change], 0, name));
    if (isFolder) this.#counts.folders += changed ? 1 : 0;
    else this.#file(line);
    if (line.target !== undefined && this.links.length < KEPT_LINKS && leadsOutside(line.path, line.target))
      this.links.push({ path: line.path, target: line.target, changed });
  }

  #file({ change, type, path, size }: RsyncLine & { kind: 'entry' }): void {
    const counts = this.#counts;
    if (change === 'none') return;
    const kind = change === 'new' ? 'created' : 'updated';
    counts[kind] += 1;
    const bytes = type === 'file' && change !== 'attributes' ? size : 0;
    counts.bytes += bytes;
    counts.room += type === 'file' ? size : 0;
    const name = showName(path);
    if (this.named[kind].length < KEPT_NAMES) this.named[kind].push({ name, bytes });
    const folder = folderOf(name);
    const known = this.#folders.get(folder);
    if (known === undefined && this.#folders.size >= KEPT_FOLDERS) return;
    const sums = known ?? { created: 0, updated: 0, bytes: 0 };
    sums[kind] += 1;
    sums.bytes += bytes;
    this.#folders.set(folder, sums);
  }
}

/** Two levels deep; `.` is the document root. */
const folderOf = (path: string): string => path.split('/').slice(0, -1).slice(0, 2).join('/') || '.';

export const filesOf = ({ created, updated }: Pick<FolderChanges, 'created' | 'updated'>): number =>
  created + updated;

const NUL = Buffer.of(0);
const LETTERS: Readonly<Record<(RsyncLine & { kind: 'entry' })['change'], ChangeLetter>> = {
  new: 'n',
  content: 'u',
  attributes: 'a',
  none: 's',
};

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** True for absolute links and for relative ones that climb out of the tree. */
export function leadsOutside(path: Buffer, target: Buffer): boolean {
  const to = target.toString('latin1');
  if (to.startsWith('/')) return true;
  const reached = posix.join(posix.dirname(path.toString('latin1')), to);
  return reached === '..' || reached.startsWith('../');
}
