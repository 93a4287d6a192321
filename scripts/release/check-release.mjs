/**
 * What must be so before a release is made.
 * @param {string} version
 * @param {{ git(...words: string[]): string, current: string }} repository
 * @throws Error that says what to do
 */
export function checkRelease(version, { git, current }) {
  if (!/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(version))
    throw new Error('name the version: npm run release -- 1.2.0');
  if (compare(version, current) < 0)
    throw new Error(`${version} is older than ${current}, which package.json has`);
  if (git('status', '--porcelain') !== '') throw new Error('there are changes that are not committed');
  if (git('branch', '--show-current') !== 'main')
    throw new Error('a release is made on main: git switch main');
  if (git('tag', '--list', `v${version}`) !== '') throw new Error(`v${version} exists already`);
}

function compare(one, other) {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
