const HEAD = '## [Unreleased]\n';

/**
 * The CHANGELOG with what was unreleased under the new version's title.
 * @param {string} text
 * @param {string} version
 * @param {Date} day of the release, UTC
 */
export function releasedChangelog(text, version, day) {
  const at = text.indexOf(HEAD);
  if (at < 0) throw new Error(`CHANGELOG.md has no line "${HEAD.trim()}"`);
  const rest = text.slice(at + HEAD.length);
  const section = rest.split(/^## /m)[0].trim();
  if (section === '') throw new Error('CHANGELOG.md says nothing under [Unreleased]');
  return `${text.slice(0, at)}${HEAD}\n## [${version}] - ${day.toISOString().slice(0, 10)}\n${rest}`;
}
