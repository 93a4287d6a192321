/**
 * Speed and memory of the dump stream: node --import tsx runner/bench/rewrite-dump.ts [megabytes]
 * go-search-replace runs on the same dump when UNDERSTUDY_PEER_GSR names it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDumpRewriter, createRewriter, deriveSitePairs } from '../src/rewrite/index.js';
import { dumpLike, PRODUCTION, STAGING } from './rewrite-samples.js';

const CHUNK_BYTES = 1 << 20;
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
  let best = Infinity;
  let written = 0;
  for (let round = 0; round < 5; round++) {
    const rewriter = createDumpRewriter(createRewriter(deriveSitePairs(PRODUCTION, STAGING)));
    const start = process.cpuUsage();
    for (let at = 0; at < dump.length; at += CHUNK_BYTES)
      written += sizeOf(rewriter.push(dump.subarray(at, at + CHUNK_BYTES)));
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
  const program = join(folder, 'row.mts');
  const command = new URL('../src/cli/rewrite.ts', import.meta.url).href;
  writeFileSync(
    program,
    `import { rewriteCommand } from ${JSON.stringify(command)};\n` +
      `await rewriteCommand().parseAsync(process.argv);\n` +
      `process.stderr.write(String(process.resourceUsage().maxRSS));\n`,
  );
  const urls = ['--from', PRODUCTION, '--to', STAGING];
  const options = { stdio: ['ignore', openSync('/dev/null', 'w'), 'pipe'] as ['ignore', number, 'pipe'] };
  const done = spawnSync(process.execPath, ['--import', 'tsx', program, '--file', row, ...urls], options);
  const kilobytes = Number(done.stderr.toString().trim().split('\n').at(-1));
  report('memory with a row of 40 MB', `${(kilobytes / 1e3).toFixed(0)} MB`, 'goal 200, loader included');
}

function measurePeer(file: string, bytes: number): void {
  const peer = process.env['UNDERSTUDY_PEER_GSR'];
  if (peer === undefined) return report('go-search-replace', 'not measured here', RECORDED_PEER);
  const start = process.hrtime.bigint();
  const options = {
    stdio: [openSync(file, 'r'), openSync('/dev/null', 'w'), 'inherit'] as [number, number, 'inherit'],
  };
  const done = spawnSync(peer, ['www.acme.com', 'staging.acme.com'], options);
  if (done.status !== 0) return report('go-search-replace', `failed (${String(done.status)})`);
  report('go-search-replace', bytes / 1e6 / (Number(process.hrtime.bigint() - start) / 1e9));
}

function main(): void {
  const megabytes = Number(process.argv[2] ?? 100);
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  try {
    const dump = dumpLike(megabytes);
    measureStream(
      `dump of ${String(megabytes)} MB, 10 % of the rows hit`,
      dump,
      'goal 3 times go-search-replace',
    );
    const small = dump.subarray(0, Math.floor(dump.length / 10));
    measureStream(`a tenth of it`, small, 'linear');
    measureMemory(folder);
    const file = join(folder, 'dump.sql');
    writeFileSync(file, dump);
    measurePeer(file, dump.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
