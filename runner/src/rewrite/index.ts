/** The replacer: bytes in, bytes out, no I/O. Rules: docs/rewriting.md. This file is the public face of the folder. */
export { type ReplacementPair, type RewriteCounts, type Rewriter } from './contract.js';
export { type Edit } from './edit-list.js';
export { deriveSitePairs } from './derive-site-pairs.js';
export { createRewriter } from './rewriter.js';
export { changeSerializedArray } from './serialized/serialized-array.js';
export { isValidSerialized } from './serialized/valid-serialized.js';
export { findHosts, isLeak, type HostFinding } from './match/find-hosts.js';
export { hiddenForms, searchForms } from './encoding/hidden-forms.js';
export {
  createDumpRewriter,
  HELD_BYTES,
  type DumpProblems,
  type DumpRewriter,
  type DumpRewriterOptions,
} from './dump/dump-rewriter.js';
