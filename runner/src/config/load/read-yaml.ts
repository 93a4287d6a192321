import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Document } from 'yaml';
import { type KeyPath } from '../mapping.js';
import { type Complaint, formatKey, type Problem } from '../problem.js';
import { yamlSurprises } from './yaml-surprises.js';

/** No site file needs more; larger input is refused before it is parsed. */
const MOST_BYTES = 256 * 1024;
/** Aliases in one file that may be expanded: shared blocks, not a "billion laughs". */
const MOST_ALIASES = 100;

export interface YamlFile {
  readonly file: string;
  /** The file as plain values; `{}` for an empty file or one that cannot be parsed. */
  readonly data: Readonly<Record<string, unknown>>;
  /** False when it could not be parsed: nothing else can then be said about it. */
  readonly readable: boolean;
  readonly problems: readonly Problem[];
  /** How many steps of the path exist in this file, and where the last of them stands. */
  locate(path: KeyPath, atKey?: boolean): Location;
  /** The text of a scalar as it stands in the file (`0123`), and whether it was in quotes. */
  written(path: KeyPath): { readonly text: string; readonly quoted: boolean } | undefined;
}
interface Location {
  readonly depth: number;
  readonly line: number;
  readonly column: number;
}

/** Parses a site file. Messages never show the text of a line: it may hold a secret. */
export function readYaml(file: string, text: string): YamlFile {
  if (Buffer.byteLength(text) > MOST_BYTES)
    return unreadable(file, [whole(file, `The file is larger than ${String(MOST_BYTES / 1024)} KB.`)]);
  const lines = new LineCounter();
  let document: Document.Parsed;
  let data: unknown;
  const problems: Problem[] = [];
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      merge: true,
      uniqueKeys: true,
      keepSourceTokens: false,
    });
    for (const error of [...document.errors, ...document.warnings])
      problems.push({ file, ...at(error.pos[0]), key: '', ...describeYamlError(error.code, error.message) });
    problems.push(
      ...yamlSurprises(document, text).map((found) => ({
        file,
        ...at(found.offset),
        key: found.key,
        message: found.message,
        ...(found.suggestion === undefined ? {} : { suggestion: found.suggestion }),
      })),
    );
    // A key that stands twice does not hide what else is wrong.
    if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return unreadable(file, problems);
    // As JSON, so that two aliases of one block are two values: defaults and corrections go into each by itself.
    data = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: MOST_ALIASES }) ?? {}));
  } catch (error) {
    const reason =
      error instanceof ReferenceError && /unresolved alias/i.test(error.message)
        ? 'holds an alias (*name) that nothing defines: put texts that begin with * in quotes'
        : error instanceof ReferenceError
          ? 'uses aliases so often that it would grow without bounds'
          : 'is nested too deeply or cannot be parsed';
    return unreadable(file, [...problems, whole(file, `The file ${reason}.`)]);
  }
  if (data === null || data === undefined) data = {};
  if (typeof data !== 'object' || Array.isArray(data))
    return unreadable(file, [...problems, whole(file, 'The file must be a mapping of keys to values.')]);
  return {
    file,
    data: data as Record<string, unknown>,
    readable: true,
    problems,
    locate: (path, atKey) => {
      const { depth, offset } = find(document, path, atKey ?? false);
      return { depth, ...at(offset) };
    },
    written: (path) => {
      const { depth, node } = find(document, path, false);
      if (depth !== path.length || !isScalar(node) || typeof node.source !== 'string') return undefined;
      return { text: node.source, quoted: node.type !== 'PLAIN' };
    },
  };
}

/** Puts a complaint at its place. `files`: the site file, then the defaults; the one that knows more of the path wins. */
export function placeComplaint(files: readonly [YamlFile, ...YamlFile[]], complaint: Complaint): Problem {
  const places = files.map((file) => ({ file, place: file.locate(complaint.path, complaint.atKey) }));
  const best = places.reduce((a, b) => (b.place.depth > a.place.depth ? b : a));
  return {
    file: best.file.file,
    line: best.place.line,
    column: best.place.column,
    key: formatKey(complaint.hidesKey === true ? complaint.path.slice(0, -1) : complaint.path),
    message: complaint.message,
    suggestion: complaint.suggestion,
  };
}

/** About a file as a whole. */
export const whole = (file: string, message: string): Problem => ({
  file,
  line: 1,
  column: 1,
  key: '',
  message,
});

const unreadable = (file: string, problems: readonly Problem[]): YamlFile => ({
  file,
  data: {},
  readable: false,
  problems,
  locate: () => ({ depth: 0, line: 1, column: 1 }),
  written: () => undefined,
});

/** The deepest node on the path that exists. */
function find(
  document: Document.Parsed,
  path: KeyPath,
  atKey: boolean,
): { depth: number; offset: number; node: unknown } {
  let node: unknown = document.contents;
  let offset = 0;
  let depth = 0;
  for (const [index, step] of path.entries()) {
    const pair = childOf(document, node, step);
    if (!pair) break;
    depth += 1;
    node = pair.value;
    const last = atKey && index === path.length - 1;
    offset = rangeStart(last ? pair.key : pair.value) ?? rangeStart(pair.key) ?? offset;
  }
  return { depth, offset, node: dealias(document, node) };
}

function childOf(
  document: Document.Parsed,
  parent: unknown,
  step: string | number,
): { key: unknown; value: unknown } | undefined {
  const node = dealias(document, parent);
  if (isSeq(node) && typeof step === 'number') {
    const value = node.items[step];
    return value === undefined ? undefined : { key: value, value };
  }
  if (!isMap(node)) return undefined;
  const own = node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(step));
  if (own) return { key: own.key, value: own.value };
  for (const merged of node.items.filter((pair) => isScalar(pair.key) && pair.key.source === '<<')) {
    const source = dealias(document, merged.value);
    const found = isSeq(source)
      ? source.items.map((item) => childOf(document, item, step)).find((pair) => pair !== undefined)
      : childOf(document, source, step);
    if (found) return found;
  }
  return undefined;
}

const dealias = (document: Document.Parsed, node: unknown): unknown =>
  isAlias(node) ? node.resolve(document) : node;
const rangeStart = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];

/** A sentence of the library without what it quotes of the file: `Unexpected scalar token in YAML stream: "hunter2"`. */
const withoutQuotes = (sentence: string): string =>
  sentence
    .replace(/( in YAML stream)?: .*$/, '')
    .replace(/^(Invalid escape sequence|Unresolved alias|Unresolved tag|Unknown directive) .*$/i, '$1');

function describeYamlError(code: string, message: string): { message: string; suggestion?: string } {
  switch (code) {
    case 'DUPLICATE_KEY':
      return { message: 'A mapping contains the same key twice.', suggestion: 'keep one of them' };
    case 'BAD_ALIAS':
      return {
        message: 'YAML reads this as an alias (*name).',
        suggestion: 'put texts that begin with * in quotes',
      };
    case 'TAB_AS_INDENT':
      return { message: 'YAML does not allow a tab here.', suggestion: 'indent with two spaces' };
    case 'BAD_INDENT':
    case 'MISSING_CHAR':
      if (/flow (?:map|collection|sequence)|end with a [}\]]/i.test(message))
        return {
          message: 'A { or [ that was opened above is not closed.',
          suggestion: 'close it with } or ] at the end of its line',
        };
      return otherYamlError(code, message);
    case 'MULTIPLE_DOCS':
      return { message: 'The file holds more than one document (---).', suggestion: 'one file per site' };
    case 'TAG_RESOLVE_FAILED':
      return { message: 'YAML tags (!…) are not allowed here.', suggestion: 'write the plain value' };
    default:
      return otherYamlError(code, message);
  }
}

const otherYamlError = (code: string, message: string): { message: string } => ({
  message: `YAML: ${withoutQuotes(message.split('\n')[0] ?? code)}`.replace(/[^.]$/, '$&.'),
});
