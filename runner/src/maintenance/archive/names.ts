import { UnderstudyError } from '../../errors/index.js';
import { type Tree } from '../tree/site-tree.js';

/**
 * Staging is trusted less than the archive: what it calls its files must not lead out of the archive's folder, into
 * version control, or through a link.
 * @throws ARCHIVE_COPY_FAILED naming them
 */
export function assertSafeNames({ entries }: Pick<Tree, 'entries'>, host: string): void {
  const all = new Set(entries.map(({ path }) => path));
  const unsafe = entries
    .map(({ path }) => path)
    .filter((path) => !isInside(path) || hasEntryAbove(path, all));
  if (unsafe.length > 0)
    throw new UnderstudyError('ARCHIVE_COPY_FAILED', 'Staging names files that cannot be archived.', {
      host,
      details: unsafe.slice(0, 20).map((path) => JSON.stringify(path)),
      next: 'Someone may have tampered with staging. Nothing was archived.',
    });
}

const isInside = (path: string): boolean =>
  path !== '' &&
  path
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');

const foldersAbove = (path: string): string[] => {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
};
const hasEntryAbove = (path: string, all: ReadonlySet<string>): boolean =>
  foldersAbove(path).some((folder) => all.has(folder));

/** Every folder above the given files, deepest first: what may have become empty. */
export const foldersOf = (paths: readonly string[]): string[] =>
  [...new Set(paths.flatMap(foldersAbove))].sort((a, b) => b.split('/').length - a.split('/').length);
