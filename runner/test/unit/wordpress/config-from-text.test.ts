import { describe, expect, test } from '@jest/globals';
import { configFromText } from '../../../src/wordpress/settings/config-from-text.js';

const ENVIRONMENT = new Map([['NAME', 'from-env']]);
const read = (php: string): ReturnType<typeof configFromText> =>
  configFromText(`<?php\n${php}`, '/srv/a/wp-config.php', { environment: ENVIRONMENT });
const value = (php: string): unknown => read(php).constants.get('X');

const known: readonly (readonly [string, unknown])[] = [
  [`define('X', 'a');`, 'a'],
  [`define( "X" , "a\\n\\x41\\101\\u{20ac}\\$\\"b" );`, 'a\nAA€$"b'],
  [`define('X', 'it\\'s \\\\ \\n');`, "it's \\ \\n"],
  [`define('X', 'has ); inside');`, 'has ); inside'],
  [`define('X', 'a', true);`, 'a'],
  [`\\define('X', 'a');`, 'a'],
  [`DEFINE('X', 'a');`, 'a'],
  [`const X = 'a';`, 'a'],
  [`define('X', true);`, true],
  [`define('X', FALSE);`, false],
  [`define('X', 3);`, '3'],
  [`define('X', 'a' . 'b' . "c");`, 'abc'],
  [`define('X', <<<E\n  a "b"\n  c\n  E);`, 'a "b"\nc'],
  [`define('X', <<<'E'\n$a\\n\nE);`, '$a\\n'],
  [`$a = 'v'; $b = $a . '/w'; define('X', $b);`, 'v/w'],
  [`define('X', dirname(__DIR__, 2) . '/c');`, '//c'],
  [`define('X', true ? 'a' : 'b');`, 'a'],
  [`define('S', 'live'); if (S === 'live') { define('X', 'a'); } else { define('X', 'b'); }`, 'a'],
  [
    `define('S', 'x'); if (S === 'live') define('X', 'a'); elseif (S == 'x') define('X', 'b'); else define('X', 'c');`,
    'b',
  ],
  [`if (getenv('NAME') && !getenv('NOPE')) define('X', 'a');`, 'a'],
  [`putenv('Q=1'); define('X', getenv('Q'));`, '1'],
  [`@ini_set('display_errors', 0); define('X', 'a');`, 'a'],
  [`if (isset($_SERVER['HTTP_X_FORWARDED_PROTO'])) { $_SERVER['HTTPS'] = 'on'; } define('X', 'a');`, 'a'],
  [`define('X', 'a'); exit; define('Y', 'b');`, 'a'],
  [`define('Y', 'y'); define('X', Y . '/z');`, 'y/z'],
  [`define('X', __DIR__ . '/c');`, '/srv/a/c'],
  [`define('X', dirname(__FILE__) . '/c');`, '/srv/a/c'],
  [`define('X', getenv('NAME'));`, 'from-env'],
  [`define('X', getenv('NOPE') ?: 'default');`, 'default'],
  [`define('X', getenv('NAME') ?: 'default');`, 'from-env'],
  [`define('X', getenv_docker('NOPE', 'default'));`, 'default'],
  [`define('X', 'first'); define('X', 'second');`, 'first'],
  [`if (!defined('X')) define('X', 'a');`, 'a'],
  [`if ( ! defined( 'X' ) ) { define( 'X', 'a' ); }`, 'a'],
  [
    `// define('X', 'comment');\n# define('X', 'comment');\n/* define('X', 'comment'); */ define('X', 'a');`,
    'a',
  ],
  [`$s = "define('X', 'text');"; define('X', 'a');`, 'a'],
  [`?> define('X', 'html'); <?php define('X', 'a');`, 'a'],
];
test.each(known)('%s', (php, expected) => {
  expect(value(php)).toBe(expected);
});

describe('what only PHP can tell is named, not guessed', () => {
  const unknown = [
    `define('X', strtolower('A'));`,
    `define('X', $value);`,
    `define('X', "a$b");`,
    `define('X', "a{$b['c']}");`,
    `define('X', OTHER);`,
    `define('X', 'a' . f());`,
    `define('X', $_ENV['NAME']);`,
    `define('X', <<<E\na$b\nE\n);`,
    `define('X', "${'$'}{a}");`,
    `if ($staging) { define('X', 'a'); } else { define('X', 'b'); }`,
    `if ($staging) define('X', 'a'); else define('X', 'b');`,
    `if ($staging) { define('X', 'a'); } define('X', 'b');`,
    `function f() { define('X', 'a'); }`,
    `switch ($h) { case 'a': define('X', 'a'); }`,
  ];
  test.each(unknown)('%s', (php) => {
    const { constants, unknown: doubts } = read(php);
    expect(constants.get('X')).toBeUndefined();
    expect(doubts[0]).toBe('X depends on something that only PHP can evaluate.');
  });
  test('table prefix', () => {
    expect(read(`$table_prefix = 'acme_';`)).toMatchObject({ prefix: 'acme_', unknown: [] });
    expect(read(`$table_prefix = f();`).doubtful).toEqual(['$table_prefix']);
  });
  const calls = [
    `my_settings();`,
    `(function () { define('X', 'a'); })();`,
    `$f('X', 'a');`,
    `eval($code);`,
    `new Config;`,
    `Config::load();`,
    '`id`;',
    `foreach ($all as $name => $value) define($name, $value);`,
    `define($name, 'a');`,
    `require $file;`,
    `if ($x): define('X', 'a'); endif;`,
    `putenv($x);`,
  ];
  test.each(calls)('what is called could define anything: %s', (php) => {
    expect(read(php).unknown).not.toEqual([]);
  });
  test('included files, except WordPress itself', () => {
    expect(read(`require_once ABSPATH . 'wp-settings.php';`).unknown).toEqual([]);
    expect(read(`require __DIR__ . '/db.php';`).unknown).toEqual([
      'wp-config.php includes another file, which was not read.',
    ]);
  });
  test('a file that ends in the middle does not hang', () => {
    for (const php of [`define('X', '`, `define('X'`, `/* `, `if (`, `"`, `<<<E\n`, `define('X', (((`])
      expect(value(php)).toBeUndefined();
  });
});
