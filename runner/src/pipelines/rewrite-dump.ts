import { close, open, read, writev } from 'node:fs';
import { promisify } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { UnderstudyError } from '../errors/index.js';
import {
  createDumpRewriter,
  createRewriter,
  deriveSitePairs,
  HELD_BYTES,
  type DumpRewriter,
  type ReplacementPair,
  type RewriteCounts,
} from '../rewrite/index.js';

const CHUNK_BYTES = 1 << 20;
const openFile = promisify(open);
const closeFile = promisify(close);

/** What the command's flags say. */
export interface RewriteFlags {
  readonly file: string;
  readonly from?: string;
  readonly to?: string;
  readonly pair: readonly ReplacementPair[];
  readonly www: 'one' | 'both';
  readonly base64: 'report' | 'rewrite';
  readonly sqlMode: string;
}

/**
 * Rewrites the dump `flags.file` (`-` is stdin) to stdout; counts go to stderr.
 * @throws UnderstudyError USAGE, REWRITE_PAIR_REFUSED, REWRITE_STREAM_BROKEN
 */
export async function rewriteDump(flags: RewriteFlags): Promise<void> {
  const rewriter = createRewriter(pairsOf(flags), { base64: flags.base64 });
  const dump = createDumpRewriter(rewriter, {
    noBackslashEscapes: /\bNO_BACKSLASH_ESCAPES\b/i.test(flags.sqlMode),
    ansiQuotes: /\bANSI(?:_QUOTES)?\b/i.test(flags.sqlMode),
  });
  const input = await openInput(flags.file);
  try {
    await pump(input, dump);
  } catch (error) {
    throw streamProblem(error, flags.file);
  } finally {
    if (input !== 0) await closeFile(input);
  }
  process.stderr.write(summaryOf(rewriter.counts, rewriter.left));
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

async function openInput(file: string): Promise<number> {
  if (file === '-') return 0;
  try {
    return await openFile(file, 'r');
  } catch (cause) {
    throw new UnderstudyError('USAGE', `The dump ${file} cannot be opened.`, { cause });
  }
}

/** A reader that went away, a full disk or a folder in place of a dump are no bugs. */
function streamProblem(error: unknown, file: string): unknown {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  if (error instanceof UnderstudyError || code === '') return error;
  if (code === 'EISDIR') return new UnderstudyError('USAGE', `${file} is a folder, not a dump.`);
  const what =
    code === 'EPIPE'
      ? 'Whoever reads the result has gone away.'
      : `${syscall === 'read' ? `${file} cannot be read` : 'The result cannot be written'}: ${code}.`;
  return new UnderstudyError('REWRITE_STREAM_BROKEN', what, { cause: error });
}

/** Rewrites `input` to stdout: while one chunk is worked on, the next is read and the one before is written. */
async function pump(input: number, dump: DumpRewriter): Promise<void> {
  let writing = Promise.resolve();
  for await (const chunk of chunksOf(input)) {
    const parts = dump.push(chunk, HELD_BYTES);
    await writing;
    writing = writeAll(parts);
    writing.catch(() => undefined);
  }
  await writing;
  await writeAll(dump.end());
}

/**
 * Reads one chunk ahead. Plain reads instead of a stream: they keep memory flat, because a chunk's memory is used
 * again once it was worked on and written. Before each chunk {@link HELD_BYTES} are free.
 */
async function* chunksOf(input: number): AsyncGenerator<Buffer> {
  const buffers = [1, 2, 3].map(() => Buffer.allocUnsafe(HELD_BYTES + CHUNK_BYTES).subarray(HELD_BYTES));
  let turn = 0;
  let next = fill(input, buffers[turn] as Buffer);
  for (;;) {
    const chunk = await next;
    if (chunk.length === 0) return;
    turn = (turn + 1) % buffers.length;
    next = fill(input, buffers[turn] as Buffer);
    next.catch(() => undefined);
    yield chunk;
  }
}

/** Reads until the buffer is full or the input ends: a pipe gives few bytes at a time. */
async function fill(input: number, buffer: Buffer): Promise<Buffer> {
  for (let filled = 0; filled < buffer.length;) {
    const count = await attempt<number>((done) => {
      read(input, buffer, filled, buffer.length - filled, null, done);
    });
    if (count === 0) return buffer.subarray(0, filled);
    filled += count;
  }
  return buffer;
}

async function writeAll(parts: Iterable<Buffer>): Promise<void> {
  let waiting: Buffer[] = [];
  let size = 0;
  for (const part of parts) {
    waiting.push(part);
    size += part.length;
    if (size < CHUNK_BYTES) continue;
    await writeTogether(waiting, size);
    [waiting, size] = [[], 0];
  }
  await writeTogether(waiting, size);
}

async function writeTogether(parts: Buffer[], size: number): Promise<void> {
  for (let left = size; left > 0;) {
    const written = await attempt<number>((done) => {
      writev(1, parts, done);
    });
    left -= written;
    dropWritten(parts, written);
  }
}

/** Takes the first `count` bytes away. */
function dropWritten(parts: Buffer[], count: number): void {
  let left = count;
  while (left > 0) {
    const first = parts[0] as Buffer;
    if (first.length > left) {
      parts[0] = first.subarray(left);
      return;
    }
    left -= first.length;
    parts.shift();
  }
}

/** Does what `start` starts; again, when the descriptor is one that does not wait and has nothing to give or no room. */
async function attempt<Result>(
  start: (done: (error: NodeJS.ErrnoException | null, result: Result) => void) => void,
): Promise<Result> {
  for (;;) {
    try {
      return await new Promise<Result>((resolve, reject) => {
        start((error, result) => {
          if (error === null) resolve(result);
          else reject(error);
        });
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' && code !== 'EWOULDBLOCK') throw error;
      await wait(2);
    }
  }
}

const LEFT: readonly (readonly [keyof RewriteCounts, string])[] = [
  ['keys', 'hits in keys and property names'],
  ['subdomains', 'subdomains that no pair names'],
  ['ports', 'addresses with another port'],
  ['emails', 'e-mail addresses'],
  ['userinfo', 'addresses with a user name'],
  ['otherHosts', 'other hosts that look alike'],
  ['pathSegments', 'folders that have the name of the host'],
  ['otherPaths', 'pages outside the path of the site'],
  ['opaque', 'payloads of unknown classes (C:)'],
  ['base64', 'hits inside base64'],
];

/** What was done and what was left, as lines for a person. */
function summaryOf(counts: RewriteCounts, left: ReadonlyMap<string, number>): string {
  const lines = [`${String(counts.replacements)} replacements in ${String(counts.values)} values`];
  if (counts.brokenSerialized > 0)
    lines.push(`broken serialized values, replaced as plain text: ${String(counts.brokenSerialized)}`);
  for (const [key, name] of LEFT) if (counts[key] > 0) lines.push(`left: ${name}: ${String(counts[key])}`);
  const names = [...left].sort((a, b) => b[1] - a[1]).slice(0, 20);
  for (const [name, count] of names) lines.push(`  ${name} (${String(count)})`);
  return `${lines.join('\n')}\n`;
}
