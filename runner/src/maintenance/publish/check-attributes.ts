import { several, UnderstudyError } from '../../errors/index.js';
import { type GitTree } from './git-tree.js';
import { type PublishOptions } from './publish-options.js';

/** What changes a file on its way into a repository (gitattributes(5)). */
const ATTRIBUTES = ['filter', 'working-tree-encoding', 'text', 'eol', 'ident'] as const;

/**
 * The repository's own `.gitattributes` (not those that plugins bring along) may want other bytes in it than production
 * has: a large-file pointer, LF for CR LF. Published as they are, these files would show as changed in every clone.
 * @param changed what the commit brings
 * @throws PUBLISH_ATTRIBUTES naming the files
 */
export async function checkAttributes(
  { repository, host }: PublishOptions,
  remote: GitTree,
  ours: GitTree,
  changed: readonly string[],
): Promise<void> {
  const own = new Map(
    [...remote].filter(
      ([path, { mode }]) => /(?:^|\/)\.gitattributes$/.test(path) && !ours.has(path) && /^100/.test(mode),
    ),
  );
  const paths = changed.filter((path) => ours.has(path));
  if (own.size === 0 || paths.length === 0) return;
  await repository.fetchBlobs([...own.values()].map(({ object }) => object));
  const attributes = await repository.attributes(own, paths, ATTRIBUTES);
  const valueOf = (path: string, name: (typeof ATTRIBUTES)[number]): string =>
    attributes.get(path)?.get(name) ?? 'unspecified';
  const isSaid = (value: string): boolean => value !== 'unspecified' && value !== 'unset';
  const filtered = paths.flatMap((path) =>
    (['filter', 'working-tree-encoding'] as const)
      .filter((name) => isSaid(valueOf(path, name)))
      .map((name) => `${path} (${name}=${valueOf(path, name)})`),
  );
  const normalized = paths.filter(
    (path) =>
      valueOf(path, 'text') === 'set' || (isSaid(valueOf(path, 'eol')) && valueOf(path, 'text') !== 'unset'),
  );
  const details = [
    ...filtered,
    ...(await repository.withCrLf(normalized)).map((path) => `${path} (has CR LF, and text or eol is set)`),
  ];
  if (details.length === 0) return;
  throw new UnderstudyError(
    'PUBLISH_ATTRIBUTES',
    `${several(details.length, 'file')} cannot be published as on production: the repository’s .gitattributes wants other bytes.`,
    {
      host: host.label,
      details:
        details.length > 20
          ? [...details.slice(0, 20), `… and ${String(details.length - 20)} more`]
          : details,
    },
  );
}
