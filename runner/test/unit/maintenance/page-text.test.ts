import { describe, expect, test } from '@jest/globals';
import { assetsIn, hasForm, phpErrorsIn, phpErrorsInLog } from '../../../src/maintenance/checks/page-text.js';

describe('PHP errors', () => {
  test.each([
    [
      '<br />\n<b>Fatal error</b>:  Uncaught Error: Call to undefined function f() in /var/www/wp-content/plugins/x/x.php:3 in <b>/var/www/wp-content/plugins/x/x.php</b> on line <b>3</b><br />',
      'fatal',
    ],
    ['Warning: Undefined variable $a in /srv/x/wp-content/themes/t/a.php on line 12', 'warning'],
    ['<h1>Error establishing a database connection</h1>', 'fatal'],
    ['<body id="error-page"><div class="wp-die-message"><p>Kritischer Fehler</p></div>', 'fatal'],
  ])('are seen in %s', (page, level) => {
    expect(phpErrorsIn(page).map((error) => error.level)).toEqual([level]);
  });
  test('are named without the folders of the server', () => {
    expect(phpErrorsIn('Warning: a in /srv/x/wp-content/themes/t/a.php on line 12')[0]?.text).toBe(
      'PHP Warning: a in wp-content/themes/t/a.php:12',
    );
  });
  test('are not seen in prose', () => {
    expect(phpErrorsIn('<p>Warning: the stage is dark. Notice: no refunds.</p>')).toEqual([]);
  });
  test('are read from logs, each once', () => {
    const line =
      '[21-Nov-2026 20:00:00 UTC] PHP Fatal error:  Uncaught Error: x in /w/wp-content/plugins/p/p.php:7';
    expect(phpErrorsInLog(`${line}\n${line}\nother`)).toEqual([
      { level: 'fatal', text: 'PHP Fatal error: Uncaught Error: x in wp-content/plugins/p/p.php:7' },
    ]);
  });
});

test('assets are style sheets, scripts and pictures of the own host', () => {
  const page = `<link rel="stylesheet" href="/a.css?ver=1&amp;x=2"><link rel="canonical" href="/page">
    <script src="//staging.acme.test/b.js"></script><img src='c.png'><img src="data:image/png;base64,x">
    <script src="https://cdn.example/d.js"></script><!-- <img src="/no.png"> --><a href="/e">e</a>`;
  expect(assetsIn(page, 'http://staging.acme.test/shop/')).toEqual([
    'http://staging.acme.test/a.css?ver=1&x=2',
    'http://staging.acme.test/b.js',
    'http://staging.acme.test/shop/c.png',
  ]);
});

test.each([
  [undefined, true],
  ['form', true],
  ['#login', true],
  ['form.wpcf7-form', true],
  ['form.other', false],
  ['#nothing', false],
  ['main > form input[name=x]', undefined],
])('the form %s', (selector, expected) => {
  expect(hasForm('<form class="a wpcf7-form" id=login>', selector)).toBe(expected);
});
