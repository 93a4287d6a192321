import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './run-command.mjs';

/** Runs the jest tests below `runner/test/<name>` and counts them from jest's own JSON; `more`: options of jest. */
export async function jestLayer(top, name, patterns, more = []) {
  const folder = `runner/test/${name}`;
  if (!existsSync(path.join(top, folder))) return { passed: 0, failed: 0 };
  const resultFile = path.join(top, `build/test/${name}.json`);
  mkdirSync(path.dirname(resultFile), { recursive: true });
  rmSync(resultFile, { force: true });
  // A pattern must match below this layer's folder.
  const paths = patterns.length === 0 ? [`${folder}/`] : patterns.map((pattern) => `${folder}/.*${pattern}`);
  const options = [
    '--json',
    `--outputFile=${resultFile}`,
    '--passWithNoTests',
    ...more,
    '--testPathPatterns',
    ...paths,
  ];
  const { ok } = await runCommand(top, ['sh', 'scripts/test/jest.sh', ...options]);
  if (!existsSync(resultFile)) return { passed: 0, failed: 1 };
  const result = JSON.parse(readFileSync(resultFile, 'utf8'));
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    failed: !ok && failed === 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}
