// `npm test`: makes this machine ready, then runs every layer of tests and checks.
// `npm test -- unit integration` runs these layers; words that are no layer choose test files: `npm test -- unit lock`.
import './setup/check-node.mjs';
import { performance } from 'node:perf_hooks';
import { setUp, top } from './setup.mjs';
import { layers } from './test/layers.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const names = layers(top, []).map(({ name }) => name);
const chosen = words.filter((word) => names.includes(word));
const patterns = words.filter((word) => !names.includes(word));

const results = [];
await timed('setup', async () => {
  setUp();
  return undefined;
});
for (const layer of layers(top, patterns)) {
  const wanted = chosen.length > 0 ? chosen.includes(layer.name) : patterns.length === 0 || layer.patterns;
  if (wanted) await timed(layer.name, layer.run);
}
finish();

async function timed(name, run) {
  if (name !== 'setup') console.log(`\n== ${name}`);
  const start = performance.now();
  const counts = await run();
  results.push({ name, seconds: (performance.now() - start) / 1000, ...counts });
}

function finish() {
  const column = (value, width) => String(value ?? '').padStart(width);
  console.log(
    `\n${'layer'.padEnd(14)}${column('passed', 8)}${column('failed', 8)}${column('skipped', 9)}${column('seconds', 9)}`,
  );
  for (const { name, passed, failed, skipped, seconds } of results) {
    const counts = `${column(passed, 8)}${column(failed, 8)}${column(skipped || '', 9)}`;
    console.log(`${name.padEnd(14)}${counts}${column(seconds.toFixed(1), 9)}`);
  }
  const sum = (key) => results.reduce((total, result) => total + (result[key] ?? 0), 0);
  const seconds = sum('seconds');
  console.log(
    `${'all'.padEnd(14)}${column(sum('passed'), 8)}${column(sum('failed'), 8)}${column(sum('skipped') || '', 9)}${column(seconds.toFixed(1), 9)}`,
  );
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
}
