import { describe, expect, test } from '@jest/globals';
import { pathFilter } from '../../../src/content/rsync/path-filter.js';

describe('pathFilter reads rules as rsync does', () => {
  test.each([
    ['- .git', '.git/HEAD', false],
    ['- .git', 'a/b/.git/HEAD', false],
    ['- .git', 'a/.gitignore', true],
    ['- /wp-content/uploads', 'wp-content/uploads/2024/a.jpg', false],
    ['- /wp-content/uploads', 'x/wp-content/uploads/a.jpg', true],
    ['- wp-content/cache', 'x/wp-content/cache/a', false],
    ['- wp-content/cache', 'xwp-content/cache/a', true],
    ['- *.log', 'a/b/error.log', false],
    ['- *.log', 'a/b/error.log.txt', true],
    ['- /*/wp-content/cache', 'sub/wp-content/cache/x', false],
    ['- /*/wp-content/cache', 'a/b/wp-content/cache/x', true],
    ['- node_modules/', 'a/node_modules/b.js', false],
    ['- node_modules/', 'a/node_modules', true],
    ['- a/**/b', 'a/x/y/b', false],
    ['- a?c', 'abc', false],
    ['- a?c', 'a/c', true],
    ['- file[0-9].php', 'file7.php', false],
    ['- file[!0-9].php', 'file7.php', true],
    ['- a+b(c).php', 'a+b(c).php', false],
    ['- /tmp/***', 'tmp/a/b', false],
    ['- \\*.php', '*.php', false],
    ['- \\*.php', 'a.php', true],
  ])('%s: %s → %s', (rule, path, expected) => {
    expect(pathFilter([rule])(path)).toBe(expected);
  });

  test('takes the first rule that matches', () => {
    const isCode = pathFilter(['+ /wp-content/plugins/**/.htaccess', '- .htaccess']);
    expect(isCode('wp-content/plugins/shield/.htaccess')).toBe(true);
    expect(isCode('.htaccess')).toBe(false);
  });

  test('refuses a rule that it does not know', () => {
    expect(() => pathFilter(['merge .rsync-filter'])).toThrow('not a filter rule');
  });
});
