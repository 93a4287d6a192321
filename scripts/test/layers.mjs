import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { jestLayer } from './jest-layer.mjs';
import { runCommand } from './run-command.mjs';

/** The layers in the order in which they run: what is quick and points at the cause comes first. */
export function layers(top, patterns) {
  const command = (name, ...argv) => ({ name, run: async () => counted(await runCommand(top, argv)) });
  const jest = (name) => ({ name, patterns: true, run: () => jestLayer(top, name, patterns) });
  return [
    command('types', 'npx', 'tsc', '--noEmit', '-p', 'tsconfig.json'),
    command('lint', 'npx', 'eslint', '.'),
    command('format', 'npx', 'prettier', '--check', '--log-level=warn', '.'),
    command('imports', 'npx', 'depcruise', '--config', '.dependency-cruiser.cjs', 'runner/src'),
    command('unused', 'npx', 'knip', '--no-config-hints'),
    command('words', 'node', 'scripts/lint/words.mjs'),
    command('generated', 'node', '--import', 'tsx', 'scripts/generate.ts', '--check'),
    { name: 'runner', run: () => rebuiltRunner(top) },
    jest('unit'),
    jest('property'),
    { name: 'groovy', run: () => groovySpecs(top) },
    command('groovy-lint', 'sh', 'test/groovy/lint.sh'),
    jest('integration'),
    jest('bundle'),
  ];
}

const counted = ({ ok }) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1 });

/** The runner that Jenkins takes is in the repository; it must be what its sources give. */
async function rebuiltRunner(top) {
  const fresh = 'build/test/runner.cjs';
  const { ok } = await runCommand(top, ['node', 'scripts/build.mjs', fresh]);
  const same = [
    ['resources/understudy/runner.cjs', 'runner.cjs'],
    ['resources/understudy/runner.sha256', 'runner.sha256'],
    ['THIRD-PARTY-LICENSES', 'runner.cjs.licences'],
  ].every(([name, made]) => {
    const committed = path.join(top, name);
    return (
      ok &&
      existsSync(committed) &&
      readFileSync(committed).equals(readFileSync(path.join(top, 'build/test', made)))
    );
  });
  if (!same)
    console.error('The runner or THIRD-PARTY-LICENSES is not what the sources give: run npm run build');
  return counted({ ok: same });
}

/** Specs print `N passed, N failed` as their last line. */
async function groovySpecs(top) {
  if (!existsSync(path.join(top, 'test/groovy/run.sh'))) return { passed: 0, failed: 0 };
  const { ok, output } = await runCommand(top, ['sh', 'test/groovy/run.sh']);
  const last = [...output.matchAll(/(\d+) passed, (\d+) failed/g)].at(-1);
  if (last === undefined) return counted({ ok });
  const failed = Number(last[2]);
  return { passed: Number(last[1]), failed: !ok && failed === 0 ? 1 : failed };
}
