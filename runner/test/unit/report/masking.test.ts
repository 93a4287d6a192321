import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { quoteWords } from '../../../src/commands/quote.js';
import {
  maskDocument,
  maskSecrets,
  maskValues,
  Secret,
  shownLine,
  shownText,
  UnderstudyError,
} from '../../../src/errors/index.js';
import { createConsole } from '../../../src/report/terminal/console.js';
import { createEventLog } from '../../../src/report/events/event-log.js';
import { escapeXml } from '../../../src/report/run/render-junit.js';
import { escapeHtml } from '../../../src/report/page/html-page.js';
import { plainMarkdown } from '../../../src/report/page/markdown.js';
import { renderFinding } from '../../../src/report/events/reporter.js';
import { replaceFile } from '../../../src/run/workspace.js';

const phpEscaped = (text: string): string => text.replaceAll(/['"\\\0]/g, (sign) => `\\${sign}`);
const bytes = (text: string): Buffer => Buffer.from(text);
const percent = (text: string, upper: boolean): string =>
  [...bytes(text)]
    .map(
      (byte) =>
        `%${upper ? byte.toString(16).padStart(2, '0').toUpperCase() : byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
const lowerPercent = (text: string): string => text.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());

/** What programs, formats and people make of a text. */
const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  JSON: (secret) => JSON.stringify({ a: secret }),
  'JSON in JSON': (secret) => JSON.stringify({ a: JSON.stringify({ b: secret }) }),
  'JSON of PHP': (secret) =>
    JSON.stringify(secret)
      .replaceAll('/', '\\/')
      .replaceAll(/[\u0080-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`),
  HTML: (secret) =>
    secret.replaceAll(
      /[&<>"']/g,
      (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#039;' })[sign] ?? '',
    ),
  'HTML, numeric': (secret) =>
    [...secret]
      .map((sign) => (/\w/.test(sign) ? sign : `&#x${(sign.codePointAt(0) ?? 0).toString(16)};`))
      .join(''),
  XML: (secret) =>
    secret.replaceAll(
      /[&<>"']/g,
      (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[sign] ?? '',
    ),
  'our own HTML': (secret) => escapeHtml(secret),
  'our own XML': (secret) => escapeXml(secret),
  URL: (secret) => encodeURIComponent(secret),
  'URL in lower case': (secret) => lowerPercent(encodeURIComponent(secret)),
  'a form': (secret) => new URLSearchParams({ a: secret }).toString(),
  'every byte in percent': (secret) => percent(secret, true) + percent(secret, false),
  base64: (secret) => bytes(secret).toString('base64'),
  'base64 after one byte': (secret) => bytes(`u:${secret}`).toString('base64'),
  'base64 after two bytes': (secret) => bytes(`u:x${secret}y`).toString('base64'),
  'base64 after three bytes': (secret) => bytes(`abc:${secret} and more`).toString('base64'),
  base64url: (secret) => bytes(`ab${secret}`).toString('base64url'),
  hex: (secret) => bytes(secret).toString('hex'),
  'hex in upper case': (secret) => bytes(secret).toString('hex').toUpperCase(),
  'a shell word': (secret) => quoteWords(['mysql', `-p${secret}`]),
  'a word in double quotes': (secret) => `"${secret.replaceAll(/["\\$`]/g, (sign) => `\\${sign}`)}"`,
  'a shell word in a shell word': (secret) => quoteWords(['sh', '-c', quoteWords(['x', secret])]),
  SQL: (secret) => `'${phpEscaped(secret)}'`,
  'SQL with doubled quotes': (secret) => `'${secret.replaceAll("'", "''")}'`,
  'UTF-8 read as Latin-1': (secret) => bytes(secret).toString('latin1'),
};

/** Any piece of the secret that would help somebody. */
const isVisible = (secret: string, text: string): boolean =>
  text.includes(secret) ||
  Buffer.from(text, 'base64').includes(secret) ||
  text.toLowerCase().includes(bytes(secret).toString('hex'));

const SECRETS = [
  `geh'eim "$x" \\ #€&<b>`,
  'p4ssw0rd+/=%',
  'a-b_c.d~e!f',
  "it''s\\'q",
  'tab\tand\nline-1',
  'ünïcödé-😀-1',
  '%41%42&amp;x',
];

describe('a secret in any encoding', () => {
  const cases = Object.keys(ENCODINGS).flatMap((name) => SECRETS.map((secret) => [name, secret] as const));
  test.each(cases)('%s of %j', (name, secret) => {
    new Secret(secret);
    const text = ENCODINGS[name]?.(secret) ?? '';
    const masked = maskSecrets(`before ${text} after`);
    expect(masked).toContain('****');
    expect(masked.startsWith('before ')).toBe(true);
    expect(masked.endsWith(' after')).toBe(true);
    expect(isVisible(secret, masked)).toBe(false);
    expect(maskDocument(text)).toContain('****');
  });
  test('whatever it is', () => {
    const anySecret = fc
      .string({ unit: 'grapheme', minLength: 6, maxLength: 24 })
      .filter((text) => /[^A-Za-z0-9\s]/.test(text.trim()));
    fc.assert(
      fc.property(anySecret, (secret) => {
        new Secret(secret);
        for (const encode of Object.values(ENCODINGS))
          expect(maskSecrets(`x ${encode(secret)} y`)).toContain('****');
      }),
      { numRuns: 40 },
    );
  });
  test('a key is hidden line by line', () => {
    const lines = [
      '-----BEGIN X-----',
      ...Array.from({ length: 20 }, (_, at) => `${String(at)}AbCdEf0123456789+/${'z'.repeat(40)}`),
    ];
    new Secret(lines.join('\n'));
    for (const line of lines) expect(maskSecrets(`> ${line}`)).toBe('> ****');
  });
});

describe('a secret that is an ordinary word', () => {
  new Secret('state');
  new Secret('message');
  new Secret('table');
  test('is hidden where it stands alone, and not in other words', () => {
    expect(maskSecrets("Access denied for 'u' (using 'state'); understatement, wp_state")).toBe(
      "Access denied for 'u' (using '****'); understatement, wp_state",
    );
    expect(maskSecrets(`Basic ${bytes('user:message').toString('base64')}`)).toMatch(
      /^Basic \w{4,8}\*{4}=*$/,
    );
  });
  test('leaves keys, machine words and markup of Understudy', () => {
    expect(
      maskValues({ state: 'failed', message: 'the state', type: 'message', list: [{ table: 'table' }] }),
    ).toEqual({
      state: 'failed',
      message: 'the ****',
      type: 'message',
      list: [{ table: '****' }],
    });
    expect(maskDocument('<table class="state">message</table>')).toBe('<table class="state">message</table>');
    const folder = mkdtempSync(path.join(tmpdir(), 'understudy-masking-'));
    try {
      replaceFile(path.join(folder, 'result.json'), '{"state":"complete","message":"state"}');
      expect(JSON.parse(readFileSync(path.join(folder, 'result.json'), 'utf8'))).toEqual({
        state: 'complete',
        message: '****',
      });
      createEventLog(path.join(folder, 'events.ndjson'), 'r', 's').write({
        type: 'step',
        text: `the message is ${SECRETS[0] ?? ''}`,
      });
      const event = JSON.parse(readFileSync(path.join(folder, 'events.ndjson'), 'utf8')) as object;
      expect(event).toMatchObject({ type: 'step', text: 'the **** is ****' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Names that somebody may give a table, a file, a plugin or a user. */
const LIES: readonly (readonly [string, string])[] = [
  ['wp_\u001b[2K\rDone', 'wp_\\x1b[2K\\x0dDone'],
  ['a\nINTERNAL: all is lost', 'a\\nINTERNAL: all is lost'],
  ['a\r\nNext: rm -rf /', 'a\\nNext: rm -rf /'],
  ['gpj.\u202eexe', 'gpj.\\u{202e}exe'],
  ['\u2066a\u2069\u200f\u061c', '\\u{2066}a\\u{2069}\\u{200f}\\u{61c}'],
  ['a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
  ['in\u200bvisible\ufeff\u00ad', 'in\\u{200b}visible\\u{feff}\\xad'],
  ['\u009b31m\u0007\u0000', '\\x9b31m\\x07\\x00'],
  ['\ud800half', '\\u{d800}half'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
];

describe('what is printed cannot lie', () => {
  test.each(LIES)('%j', (name, expected) => {
    expect(shownLine(name)).toBe(expected);
    const written: string[] = [];
    const console = createConsole({ write: (text: string) => written.push(text) });
    console.line(`Table ${name}.`);
    console.block(renderFinding({ severity: 'warning', code: 'INTERNAL', message: `Table ${name}.` }));
    expect(written).toEqual([`Table ${expected}.\n`, `   ! INTERNAL: Table ${expected}.\n`]);
    expect(new UnderstudyError('INTERNAL', `Table ${name}.`).message).toBe(`Table ${expected}.`);
    for (const render of [escapeHtml, escapeXml, plainMarkdown])
      expect(render(name)).not.toMatch(
        /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200f\u202a-\u202e\u2066-\u2069]/,
      );
    expect(plainMarkdown(name)).not.toContain('\n');
  });
  test('what is only another language stays', () => {
    for (const text of ['Größe', 'שלום עולם', 'سلام‌', '日本語', '👩‍👧', 'naïve', 'tab\tand\nline'])
      expect(shownText(text)).toBe(text);
  });
  test('markup, links and mentions of a name do nothing', () => {
    expect(plainMarkdown('[x](http://evil) `c` <!channel> @here | a@b.c')).toBe(
      '\\[x\\](http://evil) \\`c\\` \\<\\!channel\\> @ here \\| a@b.c',
    );
  });
});
