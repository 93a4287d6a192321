import { type GitAuthor } from '../../commands/git.js';
import { type Signer } from '../../hosts/ssh/ssh-signature.js';
import { bytesOfName } from '../../commands/file-names.js';

interface Signed {
  readonly message: string;
  readonly author: GitAuthor;
  readonly sign: Signer | undefined;
  /** Default: now. */
  readonly at?: Date;
}

/** `Name <address> seconds zone`; what would end a field is left out, as git itself does it. */
const who = ({ name, email }: GitAuthor, at: Date): string => {
  const plain = (text: string): string => text.replace(/[<>\0\n]/g, '').trim();
  return `${plain(name)} <${plain(email)}> ${String(Math.floor(at.getTime() / 1000))} +0000`;
};

const withEnd = (message: string): string => (message.endsWith('\n') ? message : `${message}\n`);

/** A commit as git stores it. The signature is over the text without it, and stands in a header (gitformat-signature(5)). */
export function commitText(
  commit: Signed & { readonly tree: string; readonly parent: string | undefined },
): Buffer {
  const { tree, parent, message, author, sign, at = new Date() } = commit;
  const head = [
    `tree ${tree}`,
    ...(parent === undefined ? [] : [`parent ${parent}`]),
    `author ${who(author, at)}`,
    `committer ${who(author, at)}`,
  ];
  const text = (lines: readonly string[]): Buffer =>
    Buffer.from(`${lines.join('\n')}\n\n${withEnd(message)}`);
  const plain = text(head);
  if (sign === undefined) return plain;
  return text([...head, `gpgsig ${sign(plain).trimEnd().replaceAll('\n', '\n ')}`]);
}

/** An annotated tag; its signature follows the message. */
export function tagText(tag: Signed & { readonly name: string; readonly commit: string }): Buffer {
  const { name, commit, message, author, sign, at = new Date() } = tag;
  const head = `object ${commit}\ntype commit\ntag ${name}\ntagger ${who(author, at)}`;
  const plain = Buffer.from(`${head}\n\n${withEnd(message)}`);
  return sign === undefined ? plain : Buffer.concat([plain, Buffer.from(sign(plain))]);
}

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
