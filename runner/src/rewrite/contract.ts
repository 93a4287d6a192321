import { type Edit, type EditList } from './edit-list.js';

/** The types that everything around the replacer sees. Rules: docs/rewriting.md. */

/**
 * One thing to replace.
 * - `url`: `http(s)://host[:port][/path]`; matches http, https and protocol-relative forms in every encoding.
 * - `host`: `host[:port][/path]`; matches the bare host and the host behind other schemes.
 * - `path`: an absolute folder on a server, whole segments.
 * - `text`: these bytes, letter for letter (also with `/` written as `\/`, and URL-encoded).
 */
export interface ReplacementPair {
  readonly kind: 'url' | 'host' | 'path' | 'text';
  readonly from: string;
  readonly to: string;
}

export interface RewriteCounts {
  /** Values changed, and single replacements made. */
  values: number;
  replacements: number;
  /** Left on purpose, by reason; shown in the report. */
  keys: number;
  /** Keys of rows, and the columns that refer to them. */
  tableKeys: number;
  subdomains: number;
  ports: number;
  emails: number;
  /** Serialized values that PHP cannot read; replaced as plain text, their lengths untouched. */
  brokenSerialized: number;
  base64: number;
  /** In values that carry lengths of their own: igbinary, msgpack, protobuf, images. */
  binary: number;
  opaque: number;
  /** `https://acme.com@evil.example`, `https://user@acme.com`. */
  userinfo: number;
  /** `notacme.com`, `acme.com.au`, `acme.com-old`. */
  otherHosts: number;
  /** The host's name as a folder's name: `/var/www/acme.com/`. */
  pathSegments: number;
  /** The right host with a path that no pair names. */
  otherPaths: number;
}

export interface Rewriter {
  /** The new bytes; the same Buffer when nothing changed. */
  rewrite(value: Buffer): Buffer;
  readonly counts: RewriteCounts;
  /**
   * Lower-case needles, bytes as latin1 text: one at least occurs, in any letter case, in a value that could change.
   */
  readonly needles: readonly string[];
  /** Hosts (ASCII, lower case) that values may also name without spelling them out; see `searchForms`. */
  readonly hiddenHosts: readonly string[];
  /** Where needles start in a long text, in ascending order; what `into` held is dropped. */
  needlesIn(text: Buffer, into: number[]): void;
  /** Names that were left (unlisted subdomains, ports) and how often; at most 1,000 names. */
  readonly left: ReadonlyMap<string, number>;
  /** Counts a value that is a key of a row, and so stays as it is; whether it names production. */
  countKey(value: Buffer): boolean;
  /** For callers that keep the surroundings of a value: the single edits, in order; undefined when there are none. */
  edits(value: Buffer): readonly Edit[] | undefined;
  /** The same edits without an object for each; good until the next call. */
  collect(value: Buffer): EditList | undefined;
  /**
   * Edits of plain text that is written with escapes, in raw offsets; good until the next call. Undefined when the
   * text has to be decoded.
   * @param hits where needles start, as {@link needlesIn} gives them, with a last one beyond `end`; number `index` is
   *   the first in the text
   */
  collectPlain(
    window: RawWindow,
    start: number,
    end: number,
    hits: readonly number[],
    index: number,
  ): EditList | undefined;
}

export interface RewriterOptions {
  /** What happens to production hosts inside base64: counted (default) or rewritten. */
  readonly base64?: 'report' | 'rewrite';
}

export const emptyCounts = (): RewriteCounts => ({
  values: 0,
  replacements: 0,
  keys: 0,
  tableKeys: 0,
  subdomains: 0,
  ports: 0,
  emails: 0,
  brokenSerialized: 0,
  base64: 0,
  binary: 0,
  opaque: 0,
  userinfo: 0,
  otherHosts: 0,
  pathSegments: 0,
  otherPaths: 0,
});

/** The surroundings of one hit in a text that is written with escapes, decoded. */
export interface RawWindow {
  /** The decoded bytes; only the first {@link length} count. */
  readonly text: Buffer;
  readonly length: number;
  /** Decodes from raw offset `low` to `end`. @returns the decoded offset of `hit`; -1 when an escape covers it */
  open(hit: number, low: number, end: number): number;
  /** Where decoded offset `decoded` is written. */
  rawOffset(decoded: number): number;
}
