/**
 * Speed and memory of the dump stream: node --import tsx runner/bench/rewrite-dump.ts [megabytes], or, for a dump that
 * is there: … rewrite-dump.ts <dump.sql> <from> <to>.
 * go-search-replace runs on the same dump when UNDERSTUDY_PEER_GSR names it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../sandbox/runner.js';
import { createDumpRewriter, createRewriter, deriveSitePairs, HELD_BYTES } from '../src/rewrite/index.js';
import { dumpLike, PRODUCTION, STAGING } from './rewrite-samples.js';

const CHUNK_BYTES = 1 << 20;
const ROUNDS = 5;
/** Measured on MariaDB's dumps on a two-core machine; recorded because the tool is in no registry. */
const RECORDED_PEER = '~80 MB/s with 1.4 cores (recorded)';

function report(name: string, rate: number | string, note = ''): void {
  const text = typeof rate === 'number' ? `${rate.toFixed(0)} MB/s` : rate;
  console.log(`${name.padEnd(52)} ${text.padStart(12)}   ${note}`);
}

const sizeOf = (parts: Iterable<Buffer>): number => {
  let size = 0;
  for (const part of parts) size += part.length;
  return size;
};

function measureStream(name: string, dump: Buffer, note: string): void {
  // As the command reads: into three buffers by turns, with room for the end of the chunk before.
  const buffers = [1, 2, 3].map(() => Buffer.alloc(HELD_BYTES + CHUNK_BYTES).subarray(HELD_BYTES));
  let best = Infinity;
  let written = 0;
  for (let round = 0; round < 5; round++) {
    const rewriter = createDumpRewriter(createRewriter(deriveSitePairs(PRODUCTION, STAGING)));
    const start = process.cpuUsage();
    for (let at = 0, turn = 0; at < dump.length; at += CHUNK_BYTES, turn++) {
      const buffer = buffers[turn % 3] as Buffer;
      const length = dump.copy(buffer, 0, at, at + CHUNK_BYTES);
      written += sizeOf(rewriter.push(buffer.subarray(0, length), HELD_BYTES));
    }
    written += sizeOf(rewriter.end());
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  if (written < dump.length) throw new Error('bytes were lost');
  report(name, dump.length / 1e6 / best, note);
}

/** Memory of a process of its own that reads a 40 MB row from a file. */
function measureMemory(folder: string): void {
  const row = join(folder, 'row.sql');
  const value = `a:1:{i:0;s:40000000:"${`${PRODUCTION}/ `.padEnd(1000, 'x').repeat(40_000)}";}`;
  writeFileSync(row, `INSERT INTO \`wp_options\` VALUES (1,'${value.replaceAll('"', '\\"')}');\n`);
  const atExit = join(folder, 'at-exit.cjs');
  writeFileSync(
    atExit,
    "process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)));\n",
  );
  const words = ['-r', atExit, bundle, 'rewrite', '--file', row];
  const urls = ['--from', PRODUCTION, '--to', STAGING];
  const options = { stdio: ['ignore', openSync('/dev/null', 'w'), 'pipe'] as ['ignore', number, 'pipe'] };
  const done = spawnSync(process.execPath, [...words, ...urls], options);
  const kilobytes = Number(done.stderr.toString().trim().split('\n').at(-1));
  report('memory with a row of 40 MB', `${(kilobytes / 1e3).toFixed(0)} MB`, 'goal 200');
}

/** Both programs by turns on the same file, so that what else the machine does meets both. */
function measurePrograms(file: string, from: string, to: string): void {
  const peer = process.env['UNDERSTUDY_PEER_GSR'];
  const program = (...words: string[]): number => secondsOf(process.execPath, [bundle, ...words]);
  const rounds = Array.from({ length: ROUNDS }, () => ({
    understudy: program('rewrite', '--file', file, '--from', from, '--to', to),
    startUp: program('rewrite', '--help'),
    peer: peer === undefined ? NaN : secondsOf(peer, [new URL(from).host, new URL(to).host], file),
  }));
  const best = (name: 'understudy' | 'startUp' | 'peer') => Math.min(...rounds.map((round) => round[name]));
  const megabytes = statSync(file).size / 1e6;
  report(
    'understudy rewrite, a process',
    megabytes / best('understudy'),
    `start-up ${best('startUp').toFixed(2)} s`,
  );
  if (peer === undefined) return report('go-search-replace', 'not measured here', RECORDED_PEER);
  const times = (best('peer') / best('understudy')).toFixed(1);
  report('go-search-replace', megabytes / best('peer'), `understudy: ${times} times, goal 3`);
}

function secondsOf(program: string, words: readonly string[], input?: string): number {
  const [from, to] = [openSync(input ?? '/dev/null', 'r'), openSync('/dev/null', 'w')];
  try {
    const start = process.hrtime.bigint();
    const done = spawnSync(program, words, { stdio: [from, to, 'ignore'] });
    if (done.status !== 0) throw new Error(`${program} failed (${String(done.status)})`);
    return Number(process.hrtime.bigint() - start) / 1e9;
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

function measureMade(megabytes: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  try {
    const dump = dumpLike(megabytes);
    measureStream(
      `dump of ${String(megabytes)} MB, 10 % of the rows hit`,
      dump,
      'without start-up and files',
    );
    const small = dump.subarray(0, Math.floor(dump.length / 10));
    measureStream(`a tenth of it`, small, 'linear');
    measureMemory(folder);
    const file = join(folder, 'dump.sql');
    writeFileSync(file, dump);
    measurePrograms(file, PRODUCTION, STAGING);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(): void {
  const [what = '100', from, to] = process.argv.slice(2);
  if (from === undefined || to === undefined) measureMade(Number(what));
  else measurePrograms(what, from, to);
}

main();
