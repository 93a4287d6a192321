import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { checkFile, checkMerged } from '../../../src/config/load/check-file.js';
import { readYaml } from '../../../src/config/load/read-yaml.js';
import { RULES } from '../../../src/config/rules/index.js';

const GOOD = readFileSync('sites/examples/load-balanced.yaml', 'utf8');
const SNIPPETS = [
  'null',
  '~',
  '[]',
  '{}',
  '[[',
  '*x',
  '&a',
  '<<: *a',
  '!!binary x',
  '__proto__: 1',
  'constructor: {}',
  '0x1F',
  '.nan',
  '"\\ud800"',
  '\u202e',
  '\t',
  '? a',
  '---',
  '%YAML 1.1',
  '-',
  ': ',
  '\0',
  "'",
];

/** Everything that loading does with one file; must end in problems, never in an exception. */
function check(text: string): number {
  const file = checkFile(readYaml('x.yaml', text));
  const defaults = checkFile(readYaml('_defaults.yaml', ''));
  const { draft, problems } = checkMerged('x', file, defaults);
  return file.problems.length + problems.length + RULES.flatMap((rule) => rule(draft)).length;
}

test('a good file that was edited carelessly gives problems, not exceptions', () => {
  fc.assert(
    fc.property(
      fc.nat(GOOD.length),
      fc.nat(40),
      fc.oneof(fc.constantFrom(...SNIPPETS), fc.string({ maxLength: 12, unit: 'binary' })),
      (at, cut, text) => {
        expect(check(GOOD.slice(0, at) + text + GOOD.slice(at + cut))).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 150 },
  );
});
