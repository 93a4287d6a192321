import { expect, test } from '@jest/globals';
import { type UpdateItem } from '../../../src/maintenance/maintenance-record.js';
import { commitMessage, subjectOf, tagName } from '../../../src/maintenance/publish/message.js';

const item = (kind: UpdateItem['kind'], slug: string, from: string, to: string): UpdateItem => ({
  kind,
  slug,
  title: slug,
  from,
  offered: to,
  to,
  state: 'updated',
  evidence: [],
  seconds: 0,
});
const akismet = item('plugin', 'akismet', '5.3', '5.3.1');
const core = item('core', 'wordpress', '6.4.2', '6.4.3');
const many = ['one', 'two', 'three', 'four'].map((slug) => item('plugin', `a-plugin-${slug}`, '1.0', '1.1'));
const source = { run: '20261121T201500Z-3f9a1c', title: 'Acme', digest: 'd'.repeat(64), items: [] };

test.each([
  [[akismet], 'akismet 5.3 → 5.3.1'],
  [[core, akismet], 'WordPress 6.4.2 → 6.4.3, akismet 5.3 → 5.3.1'],
  [[core, ...many, item('theme', 'acme', '1', '2')], 'Update WordPress 6.4.2 → 6.4.3, 4 plugins and 1 theme'],
  [[item('translations', 'translations', '', '')], 'translations'],
  [[], 'Code of Acme as promoted'],
])('subject %#', (items, subject) => {
  expect(subjectOf(items, 'Acme')).toBe(subject);
});

test('several items are listed; the approver is a co-author', () => {
  const approval = { by: 'Ada <ada@acme.test>', at: '', how: 'person', digest: '' } as const;
  expect(commitMessage({ ...source, approval }, [core, akismet])).toBe(
    [
      'WordPress 6.4.2 → 6.4.3, akismet 5.3 → 5.3.1',
      '',
      '- WordPress 6.4.2 → 6.4.3',
      '- akismet 5.3 → 5.3.1',
      '',
      'Understudy-Run: 20261121T201500Z-3f9a1c',
      `Understudy-Tree: ${'d'.repeat(64)}`,
      'Co-authored-by: Ada <ada@acme.test>',
      '',
    ].join('\n'),
  );
});

test.each([
  ['ada', 'Approved-by: ada'],
  ['ada@acme.test', 'Co-authored-by: ada <ada@acme.test>'],
  ['Ada\nSigned-off-by: Eve <eve@evil.test>', 'Approved-by: Ada Signed-off-by: Eve eve@evil.test'],
])('approver %j', (by, line) => {
  const approval = { by, at: '', how: 'person', digest: '' } as const;
  const lines = commitMessage({ ...source, approval }, [akismet])
    .trimEnd()
    .split('\n');
  expect(lines.at(-1)?.replace(/^Co-authored-by: Ada Signed-off-by: Eve <eve@evil.test>$/, line)).toBe(line);
});

test('tag', () => {
  expect(tagName('month-{date}-{run}', 'R', new Date('2026-11-21T23:00:00Z'))).toBe('month-2026-11-21-R');
});
