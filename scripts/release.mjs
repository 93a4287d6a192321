// `npm run release -- 1.2.0`: checks, the section of the CHANGELOG, the bundle, a commit, the tags v1.2.0 and v1, and in
// build/release the archive, the runner, a CycloneDX SBOM and checksums. Pushes nothing: it prints the commands.
// --tested leaves `npm test` out, for a commit that CI has tested.
import './setup/check-node.mjs';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { releasedChangelog } from './release/changelog.mjs';
import { checkRelease } from './release/check-release.mjs';
import { billOfMaterials } from './release/bill-of-materials.mjs';
import { checksums } from './release/checksums.mjs';
import { setUp, top } from './setup.mjs';

const { values, positionals } = parseArgs({
  options: { tested: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [version = ''] = positionals;
const git = (...words) => execFileSync('git', words, { cwd: top, encoding: 'utf8' }).trim();
const npm = (...words) => execFileSync('npm', words, { cwd: top, stdio: 'inherit' });
const read = (name) => readFileSync(path.join(top, name), 'utf8');

try {
  checkRelease(version, { git, current: JSON.parse(read('package.json')).version });
  const changelog = releasedChangelog(read('CHANGELOG.md'), version, new Date());
  setUp();
  if (!values.tested) npm('test', '--silent');
  writeFileSync(path.join(top, 'CHANGELOG.md'), changelog);
  npm('version', version, '--no-git-tag-version', '--allow-same-version', '--silent');
  npm('run', '--silent', 'build');
  git('add', '--all');
  git('commit', '--quiet', '--message', `Release ${version}`);
  const major = `v${version.split('.')[0]}`;
  git('tag', '--annotate', '--message', `Understudy ${version}`, `v${version}`);
  git('tag', '--force', '--annotate', '--message', `Understudy ${version}`, major);
  writeFiles();
  console.log(`Understudy ${version} is committed and tagged. To publish it:
  git push origin HEAD:main v${version}
  git push --force origin ${major}
and attach the files of build/release. To take it back: git tag -d v${version}; git reset --hard HEAD~1`);
} catch (error) {
  console.error(`release: ${error.message}`);
  process.exitCode = 1;
}

function writeFiles() {
  const folder = path.join(top, 'build/release');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const name = `understudy-${version}`;
  git(
    'archive',
    '--format=tar.gz',
    `--prefix=${name}/`,
    '--output',
    path.join(folder, `${name}.tar.gz`),
    `v${version}`,
  );
  copyFileSync(path.join(top, 'resources/understudy/runner.cjs'), path.join(folder, `${name}.cjs`));
  writeFileSync(path.join(folder, `${name}.cdx.json`), billOfMaterials(top));
  writeFileSync(path.join(folder, 'SHA256SUMS'), checksums(folder));
}
