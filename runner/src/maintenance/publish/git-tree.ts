import { bytesOfName } from '../../commands/file-names.js';

/** An entry of a git tree: mode (`100644`, `100755`, `120000`, `160000`) and object name. */
export interface GitEntry {
  readonly mode: string;
  readonly object: string;
}
/** Path → entry. */
export type GitTree = ReadonlyMap<string, GitEntry>;

/** What `git update-index -z --index-info` takes. */
export const indexInfo = (entries: GitTree): Buffer =>
  Buffer.concat([...entries].map(([path, { mode, object }]) => bytesOfName(`${mode} ${object}\t${path}\0`)));

/** @param pattern with mode, object and path as its groups, in the order of git's answer */
export function parseEntries(text: string, pattern: RegExp): GitTree {
  const tree = new Map<string, GitEntry>();
  for (const record of text.split('\0')) {
    const [, mode, object, path] = pattern.exec(record) ?? [];
    if (mode !== undefined && object !== undefined && path !== undefined) tree.set(path, { mode, object });
  }
  return tree;
}
