import { UnderstudyError } from '../errors/index.js';
import { compilePairs } from './compile-pairs.js';
import { type Edit } from './edit-list.js';
import { emptyCounts, type ReplacementPair, type Rewriter, type RewriterOptions } from './contract.js';
import { NeedleScanner } from './match/needle-scanner.js';
import { PlainTextPass } from './plain-text-pass.js';
import { ValuePass, type PassContext } from './value-pass.js';

/** Needles without matches are never found; an empty table needs one. */
const NOTHING = Buffer.from('\0\0understudy: no pairs\0\0');

/** Makes the replacer for a set of pairs; counts add up over all values. @throws REWRITE_PAIR_REFUSED */
export function createRewriter(pairs: readonly ReplacementPair[], options: RewriterOptions = {}): Rewriter {
  const compiled = compilePairs(pairs);
  const rewritesBase64 = options.base64 === 'rewrite';
  const scanner = new NeedleScanner(
    compiled.roles.length === 0
      ? [{ bytes: NOTHING }]
      : compiled.roles.map((role) => ({ bytes: role.needle, isExact: role.isExact })),
  );
  const make = (): Rewriter & { readonly context: PassContext } => {
    const passes: ValuePass[] = [];
    const found: number[] = [];
    const context: PassContext = {
      pairs: compiled,
      scanner,
      counts: emptyCounts(),
      left: new Map(),
      rewritesBase64,
      passAt: (depth) => (passes[depth] ??= new ValuePass(context, depth)),
    };
    const plain = new PlainTextPass(compiled, scanner, context.counts);
    const pass = context.passAt(0);
    const changes = (value: Buffer): boolean => {
      const changed = pass.run(value);
      if (changed) context.counts.values++;
      return changed;
    };
    return {
      context,
      counts: context.counts,
      left: context.left,
      needles: compiled.needles,
      hiddenHosts: compiled.hiddenHosts,
      needlesIn: (text, into) => {
        into.length = scanner.collect(text, into, found);
      },
      rewrite: (value) => (changes(value) ? pass.edits.apply(value) : value),
      countKey: (value) => {
        const known = { ...context.counts };
        const names = pass.run(value);
        Object.assign(context.counts, known);
        if (names) context.counts.tableKeys++;
        return names;
      },
      edits: (value): readonly Edit[] | undefined => (changes(value) ? pass.edits.toEdits() : undefined),
      collectPlain: (window, start, end, hits, index) =>
        plain.run(window, start, end, hits, index) ? plain.edits : undefined,
      collect: (value) => (changes(value) ? pass.edits : undefined),
    };
  };
  refuseUnstable(pairs, make());
  return make();
}

/** A new text that another pair would change again makes a second run change something. */
function refuseUnstable(pairs: readonly ReplacementPair[], rewriter: Rewriter): void {
  for (const pair of pairs) {
    const again = rewriter.rewrite(Buffer.from(pair.to)).toString();
    if (again !== pair.to && pair.from !== pair.to)
      throw new UnderstudyError(
        'REWRITE_PAIR_REFUSED',
        `The ${pair.kind} pair "${pair.from}" to "${pair.to}" is invalid: a second run would turn "${pair.to}" into "${again}".`,
      );
  }
}
