// `npm run suites`: the long tests of runner/test/suites, all or the named ones: `npm run suites -- hosts`.
// With --keep, the world of a file in which a test failed goes on until `npm run demo -- --stop`.
// --cells chooses cells of the suite `engines`: `npm run suites -- engines --cells 'mysql→10.5 swap'`, `--cells wrong`.
// Each has a smoke part in `npm test`.
import './setup/check-node.mjs';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setUp, top } from './setup.mjs';
import { jestLayer } from './test/jest-layer.mjs';

const folder = path.join(top, 'runner/test/suites');
const all = existsSync(folder) ? readdirSync(folder) : [];
const keep = process.argv.includes('--keep');
// A world in the memory of this run's own mount namespace could not be looked at: scripts/test/jest.sh.
if (keep) process.env.TMPDIR ??= tmpdir();
const words = process.argv.slice(2).filter((word) => word !== '--keep');
const cells = words.indexOf('--cells');
if (cells >= 0) process.env.UNDERSTUDY_CELLS = words.splice(cells, 2)[1];
const names = words;
const unknown = names.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}. There are: ${all.join(', ')}`);
  process.exit(2);
}

setUp();
let [passed, failed] = [0, 0];
for (const name of names.length > 0 ? names : all) {
  console.log(`\n== ${name}`);
  const counts = await jestLayer(
    top,
    `suites/${name}`,
    [],
    keep ? ['--env', './scripts/test/keep-failed.mjs'] : [],
  );
  passed += counts.passed;
  failed += counts.failed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
