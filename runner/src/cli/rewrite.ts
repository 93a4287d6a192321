import { close, open, read, write } from 'node:fs';
import { promisify } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { UnderstudyError } from '../errors/index.js';
import {
  createDumpRewriter,
  createRewriter,
  deriveSitePairs,
  type ReplacementPair,
  type RewriteCounts,
} from '../rewrite/index.js';

interface RewriteFlags {
  readonly file: string;
  readonly from?: string;
  readonly to?: string;
  readonly pair: readonly ReplacementPair[];
  readonly www: 'one' | 'both';
  readonly base64: 'report' | 'rewrite';
  readonly sqlMode: string;
  readonly value?: true;
}

const CHUNK_BYTES = 1 << 20;
const openFile = promisify(open);
const closeFile = promisify(close);

/** `kind:from:to`; URLs have colons of their own, so for them the text is split before the second scheme. */
export function parsePair(text: string, previous: readonly ReplacementPair[] = []): ReplacementPair[] {
  const parts =
    /^(url):(https?:\/\/.+?):(https?:\/\/.+)$/i.exec(text) ?? /^(host|path|text):(.+?):(.+)$/i.exec(text);
  if (parts === null)
    throw new InvalidArgumentError('Write kind:from:to, with url, host, path or text as kind.');
  const [, kind = '', from = '', to = ''] = parts;
  return [...previous, { kind: kind.toLowerCase() as ReplacementPair['kind'], from, to }];
}

const oneOf =
  <const Choice extends string>(...choices: readonly Choice[]) =>
  (text: string): Choice => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw new InvalidArgumentError(`Choose one of: ${choices.join(', ')}.`);
    return found;
  };

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

/** `understudy rewrite --file dump.sql`: the rewriter on a dump, streamed to stdout; counts go to stderr. */
export function rewriteCommand(): Command {
  return new Command('rewrite')
    .description('rewrite the URLs in an SQL dump; streams to stdout')
    .option('--file <dump>', 'the dump; - for stdin', '-')
    .option('--from <url>', 'the site as it is in the dump')
    .option('--to <url>', 'the site as it shall be')
    .option(
      '--pair <kind:from:to>',
      'a further replacement (url, host, path, text); may be repeated',
      parsePair,
      [],
    )
    .option(
      '--www <one|both>',
      'whether the other www form is the same site or one of its own',
      oneOf('one', 'both'),
      'one',
    )
    .option('--base64 <report|rewrite>', 'what to do inside base64', oneOf('report', 'rewrite'), 'report')
    .option('--sql-mode <modes>', 'NO_BACKSLASH_ESCAPES, ANSI_QUOTES, as when the dump was made', '')
    .action(async (flags: RewriteFlags) => {
      const rewriter = createRewriter(pairsOf(flags), { base64: flags.base64 });
      const dump = createDumpRewriter(rewriter, {
        noBackslashEscapes: /\bNO_BACKSLASH_ESCAPES\b/i.test(flags.sqlMode),
        ansiQuotes: /\bANSI(?:_QUOTES)?\b/i.test(flags.sqlMode),
      });
      const input = await openInput(flags.file);
      try {
        for await (const chunk of chunksOf(input)) for (const part of dump.push(chunk)) await writeAll(part);
        for (const part of dump.end()) await writeAll(part);
      } finally {
        if (input !== 0) await closeFile(input);
      }
      process.stderr.write(summaryOf(rewriter.counts, rewriter.left));
    });
}

async function openInput(file: string): Promise<number> {
  if (file === '-') return 0;
  try {
    return await openFile(file, 'r');
  } catch (cause) {
    throw new UnderstudyError('USAGE', `The dump ${file} cannot be opened.`, { cause });
  }
}

/**
 * Reads one chunk ahead while the one before is worked on. Plain reads instead of a stream: they keep memory flat,
 * because a chunk's memory is used again as soon as its bytes were written.
 */
async function* chunksOf(input: number): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)] as const;
  let turn: 0 | 1 = 0;
  let next = readSome(input, buffers[turn]);
  for (;;) {
    const length = await next;
    if (length === 0) return;
    const chunk = buffers[turn].subarray(0, length);
    turn = turn === 0 ? 1 : 0;
    next = readSome(input, buffers[turn]);
    next.catch(() => undefined);
    yield chunk;
  }
}

function retry(code: string | undefined): boolean {
  return code === 'EAGAIN' || code === 'EWOULDBLOCK';
}

async function readSome(input: number, buffer: Buffer): Promise<number> {
  for (;;) {
    try {
      return await new Promise<number>((resolve, reject) => {
        read(input, buffer, 0, buffer.length, null, (error, count) => {
          if (error === null) resolve(count);
          else reject(error);
        });
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (!retry(code)) throw error;
      await wait(2);
    }
  }
}

async function writeAll(bytes: Buffer): Promise<void> {
  for (let from = 0; from < bytes.length;) {
    try {
      from += await new Promise<number>((resolve, reject) => {
        write(1, bytes, from, bytes.length - from, null, (error, count) => {
          if (error === null) resolve(count);
          else reject(error);
        });
      });
    } catch (error) {
      if (!retry((error as NodeJS.ErrnoException).code)) throw error;
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
export function summaryOf(counts: RewriteCounts, left: ReadonlyMap<string, number>): string {
  const lines = [`${String(counts.replacements)} replacements in ${String(counts.values)} values`];
  if (counts.brokenSerialized > 0)
    lines.push(`broken serialized values, replaced as plain text: ${String(counts.brokenSerialized)}`);
  for (const [key, name] of LEFT) if (counts[key] > 0) lines.push(`left: ${name}: ${String(counts[key])}`);
  const names = [...left].sort((a, b) => b[1] - a[1]).slice(0, 20);
  for (const [name, count] of names) lines.push(`  ${name} (${String(count)})`);
  return `${lines.join('\n')}\n`;
}
