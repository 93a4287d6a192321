import { several, UnderstudyError } from '../../errors/index.js';
import {
  createDumpRewriter,
  createRewriter,
  deriveSitePairs,
  HELD_BYTES,
  type DumpProblems,
  type DumpRewriter,
  type ReplacementPair,
  type RewriteCounts,
} from '../../rewrite/index.js';
import { streamThrough } from './dump-stream.js';

/** What the command's flags say. */
export interface RewriteFlags {
  readonly file: string;
  readonly from?: string;
  readonly to?: string;
  readonly pair: readonly ReplacementPair[];
  readonly www: 'one' | 'both';
  readonly base64: 'report' | 'rewrite';
  readonly sqlMode: string;
  /** Dump of the tables' definitions, for a dump that has none. */
  readonly tables?: string;
}

/**
 * Rewrites the dump `flags.file` (`-` is stdin) to stdout; counts go to stderr.
 * @throws UnderstudyError USAGE, REWRITE_PAIR_REFUSED, REWRITE_STREAM_BROKEN, REWRITE_TABLES_UNKNOWN, REWRITE_VALUE_REFUSED
 */
export async function rewriteDump(flags: RewriteFlags): Promise<void> {
  const rewriter = createRewriter(pairsOf(flags), { base64: flags.base64 });
  const dump = createDumpRewriter(rewriter, {
    noBackslashEscapes: /\bNO_BACKSLASH_ESCAPES\b/i.test(flags.sqlMode),
    ansiQuotes: /\bANSI(?:_QUOTES)?\b/i.test(flags.sqlMode),
  });
  if (flags.tables !== undefined) await readTables(flags.tables, dump);
  const ends = new DumpEnds();
  await streamThrough(
    flags.file,
    (chunk) => {
      ends.see(chunk);
      const parts = dump.push(chunk, HELD_BYTES);
      refuseUnknown(dump.problems);
      return parts;
    },
    () => dump.end(),
  );
  process.stderr.write(summaryOf(rewriter.counts, rewriter.left));
  refuseProblems(dump.problems, ends);
}

/** Lets the lexer see the definitions of tables; nothing of them is written. */
async function readTables(file: string, dump: DumpRewriter): Promise<void> {
  const drop = (chunk: Buffer): readonly Buffer[] => {
    Array.from(dump.push(Buffer.from(chunk)));
    return [];
  };
  await streamThrough(file, drop);
  drop(Buffer.from('\n;\n'));
}

/** The first and last bytes of a dump: its tool writes a line there when it is complete. */
class DumpEnds {
  #head = '';
  #tail = '';

  see(chunk: Buffer): void {
    if (this.#head.length < ENDS_BYTES) this.#head += chunk.toString('latin1', 0, ENDS_BYTES);
    this.#tail = (this.#tail + chunk.toString('latin1', Math.max(0, chunk.length - ENDS_BYTES))).slice(
      -ENDS_BYTES,
    );
  }

  get lacksTrailer(): boolean {
    return (
      /^(?:\/\*M![^\n]*\n)?-- (?:MySQL|MariaDB) dump /.test(this.#head) &&
      !/^-- Dump completed/m.test(this.#tail)
    );
  }
}

const ENDS_BYTES = 512;

/** @throws UnderstudyError REWRITE_STREAM_BROKEN for a dump that was cut off, REWRITE_VALUE_REFUSED for values too long */
function refuseProblems({ isTruncated, tooLong }: DumpProblems, ends: DumpEnds): void {
  if (isTruncated)
    throw new UnderstudyError('REWRITE_STREAM_BROKEN', 'The dump ends within a statement: it is truncated.');
  if (ends.lacksTrailer)
    throw new UnderstudyError(
      'REWRITE_STREAM_BROKEN',
      'The dump lacks its last line, "-- Dump completed": it is truncated.',
    );
  if (tooLong.size === 0) return;
  throw new UnderstudyError(
    'REWRITE_VALUE_REFUSED',
    `New values in ${several(tooLong.size, 'column')} do not fit; a server would refuse or cut them.`,
    {
      details: [...tooLong].map(([place, count]) => `${place}: ${several(count, 'value')}`),
    },
  );
}

/** @throws UnderstudyError REWRITE_TABLES_UNKNOWN before rows are written of which the identities are not known */
function refuseUnknown({ unknownTables }: DumpProblems): void {
  if (unknownTables.size === 0) return;
  throw new UnderstudyError(
    'REWRITE_TABLES_UNKNOWN',
    `The dump does not say which columns ${[...unknownTables].join(', ')} has, so that identities such as guid would be rewritten.`,
  );
}

function pairsOf(flags: RewriteFlags): ReplacementPair[] {
  if ((flags.from === undefined) !== (flags.to === undefined))
    throw new UnderstudyError('USAGE', '--from and --to belong together.');
  const derived =
    flags.from === undefined || flags.to === undefined
      ? []
      : deriveSitePairs(flags.from, flags.to, { wwwServed: flags.www });
  const pairs = [...derived, ...flags.pair];
  if (pairs.length === 0)
    throw new UnderstudyError('USAGE', 'Nothing to replace: give --from and --to, or --pair.');
  return pairs;
}

const LEFT: readonly (readonly [keyof RewriteCounts, string])[] = [
  ['keys', 'hits in keys and property names'],
  ['tableKeys', 'keys of rows, and what refers to them'],
  ['subdomains', 'subdomains that no pair names'],
  ['ports', 'addresses with another port'],
  ['emails', 'e-mail addresses'],
  ['userinfo', 'addresses with a user name'],
  ['otherHosts', 'other hosts that look alike'],
  ['pathSegments', 'folders that have the name of the host'],
  ['otherPaths', 'pages outside the path of the site'],
  ['opaque', 'payloads of unknown classes (C:)'],
  ['base64', 'hits inside base64'],
  ['binary', 'hits in binary values'],
];

/** What was done and what was left, as lines for a person. */
function summaryOf(counts: RewriteCounts, left: ReadonlyMap<string, number>): string {
  const lines = [`${several(counts.replacements, 'replacement')} in ${several(counts.values, 'value')}`];
  if (counts.brokenSerialized > 0)
    lines.push(`broken serialized values, replaced as plain text: ${String(counts.brokenSerialized)}`);
  for (const [key, name] of LEFT) if (counts[key] > 0) lines.push(`left: ${name}: ${String(counts[key])}`);
  const names = [...left].sort((a, b) => b[1] - a[1]).slice(0, 20);
  for (const [name, count] of names) lines.push(`  ${name} (${String(count)})`);
  return `${lines.join('\n')}\n`;
}
