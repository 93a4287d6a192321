/**
 * The replacer: bytes in, bytes out, no I/O. Rules: docs/rewriting.md.
 * This file is the public face of the folder.
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
  subdomains: number;
  ports: number;
  emails: number;
  brokenSerialized: number;
  base64: number;
  opaque: number;
}
export interface Rewriter {
  /** The new bytes; the same Buffer when nothing changed. */
  rewrite(value: Buffer): Buffer;
  readonly counts: RewriteCounts;
  /** Lower-case needles (bare hosts) of which at least one occurs in every value that could change. */
  readonly needles: readonly string[];
}
export interface RewriterOptions {
  readonly base64?: 'report' | 'rewrite';
}
