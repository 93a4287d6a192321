import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Runs `npm ci` unless node_modules holds what package-lock.json says. Returns what it did in words, or ''. */
export function installNodeModules(top) {
  if (upToDate(top)) return '';
  console.log('setup: npm ci');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: top,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status !== 0)
    throw new Error(`npm ci failed:\n${`${result.stdout}${result.stderr}`.slice(0, 3000)}`);
  return 'installed the npm packages';
}

/** npm keeps a copy of what it installed; packages for other platforms are not in it. */
function upToDate(top) {
  const installedFile = path.join(top, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(path.join(top, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([name, entry]) => name === '' || entry.optional || installed[name]?.version === entry.version,
  );
}
