/** Speed of the value-level rewriter on one core: node --import tsx runner/bench/rewrite-engine.ts */
import { createRewriter, deriveSitePairs } from '../src/rewrite/index.js';
import { post, PRODUCTION, randomFrom, serializedValue, STAGING } from './rewrite-samples.js';

/** Processor time, not time on the clock: the same on a busy machine. */
function secondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function measure(name: string, values: readonly Buffer[], target: string): void {
  const bytes = values.reduce((sum, value) => sum + value.length, 0);
  const rewriter = createRewriter(deriveSitePairs(PRODUCTION, STAGING));
  let best = Infinity;
  for (let round = 0; round < 7; round++) {
    const start = process.cpuUsage();
    for (const value of values) rewriter.rewrite(value);
    best = Math.min(best, secondsSince(start));
  }
  const rate = (bytes / 1e6 / best).toFixed(0);
  console.log(`${name.padEnd(52)} ${rate.padStart(6)} MB/s   ${target}`);
}

function main(): void {
  const random = randomFrom(1);
  const texts = Array.from({ length: 20_000 }, (_, i) => Buffer.from(post(random, i % 10 === 0)));
  measure('posts, 10 % with a hit', texts, 'goal 300');
  measure('one text of 16 MB, a hit in every tenth paragraph', [Buffer.concat(texts)], 'goal 300');
  const serialized = Array.from({ length: 40_000 }, () => Buffer.from(serializedValue(random)));
  measure('every value serialized and hit twice', serialized, 'goal 100');
  const nested = serialized.map((value) => Buffer.from(`s:${String(value.length)}:"${value.toString()}";`));
  measure('serialized in serialized, hit twice', nested, '');
  const json = serialized.map((value) => Buffer.from(JSON.stringify({ data: value.toString() })));
  measure('serialized in JSON, hit twice', json, '');
  for (const megabytes of [10, 100]) {
    const one = `a:1:{i:0;s:${String(megabytes * 1e6)}:"${`${PRODUCTION}/ `.padEnd(100, 'x').repeat(megabytes * 1e4)}";}`;
    measure(`one serialized string of ${String(megabytes)} MB, 10 hits per KB`, [Buffer.from(one)], 'linear');
  }
  let deep = `${PRODUCTION}/`;
  for (let level = 0; level < 10_000; level++) deep = `s:${String(deep.length)}:"${deep}";`;
  measure('10,000 levels of serialized in serialized', [Buffer.from(deep)], '');
}

main();
