import { readTree } from '../../commands/tree.js';
import { UnderstudyError } from '../../errors/index.js';
import { type CommandResult, type ReadingHost } from '../../hosts/host.js';
import { type CodeRules } from './code-rules.js';
import { pathFilter } from '../../content/rsync/path-filter.js';
import { treeOf, type Tree, type TreeEntry } from './site-tree.js';
import { createHash } from 'node:crypto';
import { fileNameOf } from '../../commands/file-names.js';

export interface TreeOptions {
  /** Only these paths below the root count, and of them only what the filters let through. */
  readonly rules: CodeRules;
  /** Default 1800; reading from EFS is slow. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

/**
 * Reads every file of a tree on the host where it lies; only names and checksums travel.
 * @param root absolute
 * @throws TREE_UNREADABLE when a single file could not be read: half a tree has no digest
 */
export async function treeDigest(host: ReadingHost, root: string, options: TreeOptions): Promise<Tree> {
  const { rules, signal, timeoutSeconds = 1800 } = options;
  const result = await host.run(readTree(root, rules.roots), {
    allowedExitCodes: 'any',
    label: `make the digest of ${root}`,
    timeoutSeconds,
    ...(signal === undefined ? {} : { signal }),
  });
  const fail = (why: string): never => {
    throw unreadable(host, root, why, result);
  };
  if (result.code !== 0) return fail(`the command ended with exit code ${String(result.code)}`);
  const isCode = pathFilter(rules.filters);
  return treeOf(parseTreeEntries(result.stdout, fail).filter(({ path }) => isCode(path)));
}

const unreadable = (
  host: ReadingHost,
  root: string,
  why: string,
  { stderr }: CommandResult,
): UnderstudyError =>
  new UnderstudyError('TREE_UNREADABLE', `The files of ${root} could not all be read: ${why}.`, {
    host: host.label,
    ...(stderr.trim() === '' ? {} : { stderr }),
  });

/**
 * Reads the answer of commands/tree.ts. Batches of files (`F`): the lines of sha256sum, a line `=`, then as many lines
 * `MODE SIZE`; batches of links (`L`): lines `SIZE PATH TEXT` in hexadecimal; `end` when nothing is missing.
 * @param fail called with what is wrong; does not return
 */
function parseTreeEntries(answer: Buffer, fail: (why: string) => never): TreeEntry[] {
  const lines = answer.toString('latin1').split('\n');
  const entries: TreeEntry[] = [];
  let at = 0;
  while (lines[at] === 'F' || lines[at] === 'L') {
    const end = lines.indexOf('.', at);
    if (end < 0) return fail('the answer is cut off');
    const batch = lines.slice(at + 1, end);
    entries.push(...(lines[at] === 'F' ? parseFiles(batch, fail) : parseLinks(batch, fail)));
    at = end + 1;
  }
  if (lines[at] !== 'end') return fail('the answer is cut off');
  return entries;
}

function parseFiles(batch: readonly string[], fail: (why: string) => never): TreeEntry[] {
  const middle = batch.indexOf('=');
  const sums = batch.slice(0, middle);
  const metadata = batch.slice(middle + 1);
  if (middle < 0 || sums.length !== metadata.length) return fail('a file vanished or could not be read');
  return sums.map((line, index) => {
    // GNU puts a backslash in front of a line whose name it had to escape.
    const [, escaped, sha256 = '', name = ''] = /^(\\?)([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? fail(line);
    const [, mode = '', size = ''] =
      /^([0-7]+) (\d+)$/.exec(metadata[index] ?? '') ?? fail('a file has no size');
    return {
      path: pathOf(escaped === '\\' ? unescape(name) : name),
      type: 'file',
      executable: (Number.parseInt(mode, 8) & 0o100) !== 0,
      sha256,
      bytes: Number(size),
    };
  });
}

function parseLinks(batch: readonly string[], fail: (why: string) => never): TreeEntry[] {
  return batch.map((line) => {
    const [, name = '', text = ''] =
      /^([0-9a-f]+) ([0-9a-f]*)$/.exec(line) ?? fail('a link could not be read');
    return {
      path: pathOf(Buffer.from(name, 'hex').toString('latin1')),
      type: 'link',
      executable: false,
      sha256: createHash('sha256').update(Buffer.from(text, 'hex')).digest('hex'),
      bytes: 0,
    };
  });
}

const unescape = (name: string): string =>
  name.replace(/\\([\\nr])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter === 'r' ? '\r' : '\\'));

/** Without `./`; bytes that are no text come back as the bytes that they were. */
const pathOf = (bytes: string): string => fileNameOf(Buffer.from(bytes, 'latin1')).replace(/^\.\//, '');
