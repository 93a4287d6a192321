import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProgram } from '../../../src/cli/program.js';
import { loadSites } from '../../../src/config/load/load-sites.js';
import { problemLines, loadTexts, siteText, type SideText } from './load-in-memory.js';

const lines = async (rest: string, staging: SideText = {}, production: SideText = {}): Promise<string> =>
  (await problemLines({ 'acme.yaml': siteText(production, staging, rest) })).join('\n');

describe('what no site can mean', () => {
  const label = 'a'.repeat(64);
  const cases: readonly (readonly [string, SideText, string])[] = [
    ["database: { structureOnly: ['*'] }", {}, 'rows of every table'],
    [
      "database: { structureOnly: ['wp_log', '*_*'] }",
      {},
      'structureOnly[1]: The pattern would leave out the rows',
    ],
    ["database: { structureOnly: ['x_*'] }", { more: 'database: { prefix: x_ }' }, 'rows of every table'],
    ["database: { exclude: ['?*'] }", {}, 'leave out every table'],
    ...['mysql', 'sys', 'Information_Schema', 'performance_schema'].map(
      (name) =>
        ['', { more: `database: { name: ${name} }` }, 'schema of the database server itself'] as const,
    ),
    ...['a:4:', '";s:4', 's:12:"x', 'i:5;', 'x";}', 'a:1:{i:0', '{s:4:', 'b:1;i'].map(
      (from) =>
        [
          `rewrite: { pairs: [{ kind: text, from: '${from.padEnd(4)}', to: other }] }`,
          {},
          'serialized PHP',
        ] as const,
    ),
    [
      'rewrite: { pairs: [{ kind: text, from: acme, to: \'s:4:"acme"\' }] }',
      {},
      'pairs[0].to: The value holds structure',
    ],
    [
      'rewrite: { pairs: [{ kind: path, from: /srv/a, to: /srv//a/ }] }',
      {},
      'Both ends of the pair are the same',
    ],
    ['rewrite: { pairs: [{ kind: text, from: acme, to: acme }] }', {}, 'Both ends of the pair are the same'],
    [
      'rewrite: { pairs: [{ from: "https://a.example", to: "http://A.example/" }] }',
      {},
      'Both ends are the same address',
    ],
    ['rewrite: { network: { a.example: A.example/ } }', {}, 'Both ends are the same address'],
    ['', { url: `https://${label}.example` }, 'more than 63 characters'],
    ['', { ssh: `u@${label}.example` }, 'more than 63 characters'],
    ['', { ssh: `u@${'ä'.repeat(60)}.example` }, 'more than 63 characters'],
    ['', { url: '"https://[2001:db8::1]/"' }, 'holds an IPv6 address: a site needs a host name'],
    ['', { url: '"http://[::1]:8080"' }, 'holds an IPv6 address: a site needs a host name'],
    ['', { url: '"http://::1/x"' }, 'holds an IPv6 address: a site needs a host name'],
    ['rewrite: { network: { a.example: "[::1]/x" } }', {}, 'holds an IPv6 address: a site needs a host name'],
    ['rewrite: { pairs: [{ from: "http://[::1]/", to: "https://a.example" }] }', {}, 'holds an IPv6 address'],
    ['rewrite: { pairs: [{ kind: host, from: "2001:db8::5", to: a.example }] }', {}, 'holds an IPv6 address'],
    ['', { ssh: '"u@2001:db8::1"' }, 'an IPv6 address in brackets: user@[2001:db8::1]'],
    ['', { more: 'database: { host: "[::1]" }' }, 'write it without them'],
    ['', { more: 'database: { password: *acme }' }, 'put texts that begin with * in quotes'],
  ];
  test.each(cases)('%s %j', async (rest, staging, said) => {
    expect(await lines(rest, staging)).toContain(said);
  });

  test('what looks alike is let through', async () => {
    const rest = `database: { structureOnly: ['wp_log*', '*_log'], alsoInSchema: ['*'], exclude: ['crm_*'] }
rewrite: { pairs: [{ kind: text, from: 'Note: 12:30', to: 'a: 4; b' }, { kind: text, from: 'a4: x', to: '"x": "y"' }] }`;
    expect(await lines(rest, { more: 'database: { name: mysql_acme, host: "2001:db8::2" }' })).toBe('');
    expect(await lines('', { ssh: '"u@[2001:db8::1]:2222"' })).toBe('');
    expect(await lines('', { url: `https://${'a'.repeat(63)}.example` })).toBe('');
  });

  test('brackets tell the address of http.resolve from its port', async () => {
    const resolved = async (text: string): Promise<string | undefined> =>
      (await loadTexts({ 'a.yaml': siteText({}, { more: `http: { resolve: "${text}" }` }) })).sites[0]
        ?.staging.http.resolve;
    expect(
      await Promise.all(['2001:db8::5', '[2001:db8::5]:8443', '10.0.0.5:8443', '10.0.0.5'].map(resolved)),
    ).toEqual(['[2001:db8::5]', '[2001:db8::5]:8443', '10.0.0.5:8443', '10.0.0.5']);
  });
});

describe('no message shows what may be a secret', () => {
  const SECRET = 's3cr3tx';
  /** 0777123 is 777123 for YAML, 0x77712 is 489234, 1e77 is 1e+77. */
  const SHOWN = /s3cr|777123|489234|77712|1e\+?77/;
  const inPassword = (text: string): SideText => ({ more: `database: { password: ${text} }` });
  const cases: readonly (readonly [string, SideText])[] = [
    ...[
      `{${SECRET}}`,
      `{${SECRET}: x}`,
      `{"${SECRET} a": x}`,
      `{credential: {${SECRET}: x}}`,
      `[${SECRET}]`,
    ].map((text) => ['', inPassword(text)] as const),
    ...[
      '0777123',
      '0x77712',
      '1e77',
      '{0777123}',
      '{? 0777123 : x}',
      '{env: 0777123}',
      '{credential: 0777123}',
    ].map((text) => ['', inPassword(text)] as const),
    ...[`*${SECRET}`, `!${SECRET} x`, `"\\x${SECRET}"`, `{credential: a, kind: ${SECRET}}`].map(
      (text) => ['', inPassword(text)] as const,
    ),
    ['', { more: `database: { password:${SECRET} }` }],
    ['', { more: `database: { {${SECRET}}: x }` }],
    ['', { more: `database: { ${SECRET} }` }],
    ['', { more: 'database: { pasword: 0777123 }' }],
    ['', { more: 'http: { basicAuth: 0777123 }' }],
    ['', { more: `http: { basicAuth: {"user:${SECRET}"} }` }],
    ['', { more: 'http: { headers: { X-Auth-Token: 0777123 } }' }],
    ['', { more: `http: { headers: { X-Auth-Token: {${SECRET}: x} } }` }],
    ['', { ssh: `{ host: h.example, user: u, key: {${SECRET}} }` }],
    ['', { ssh: '{ host: h.example, user: u, key: 0777123 }' }],
    ['', { ssh: `deploy:${SECRET}@h.example` }],
    [`notify: { webhook: {${SECRET}: 1, ${SECRET}: 2} }`, {}],
    [`x: [ "${SECRET}" ${SECRET}`, {}],
    [`notify: { webhook: x } ${SECRET}`, {}],
    [`%${SECRET}`, {}],
    [`password ${SECRET}`, {}],
  ];
  test.each(cases)('%s %j', async (rest, staging) => {
    const found = await lines(rest, staging);
    expect(found).not.toBe('');
    expect(found).not.toMatch(SHOWN);
  });
});

describe('files that are invalid', () => {
  const inFolder = async (make: (folder: string) => void): Promise<string> => {
    const folder = mkdtempSync(path.join(tmpdir(), 'understudy-sites-'));
    try {
      make(folder);
      const { problems } = await loadSites(folder);
      return problems
        .map(
          ({ file, line, column, message }) =>
            `${path.basename(file)}:${String(line)}:${String(column)} ${message}`,
        )
        .join('\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const cases: readonly (readonly [string, (file: string) => void, string])[] = [
    ['FIFO', (file) => execFileSync('mkfifo', [file]), 'it is not a regular file'],
    [
      'device',
      (file) => {
        symlinkSync('/dev/zero', file);
      },
      'it is a link that leads to /dev/zero',
    ],
    [
      'folder',
      (file) => {
        mkdirSync(file);
      },
      'it is not a regular file',
    ],
    [
      'Latin-1',
      (file) => {
        writeFileSync(file, Buffer.from('a: x\ntitle: K\xf6ln', 'latin1'));
      },
      '.yaml:2:9 The file is not UTF-8 text.',
    ],
    [
      'cut-off character',
      (file) => {
        writeFileSync(file, Buffer.from([0x61, 0xc3]));
      },
      '.yaml:1:2 The file is not UTF-8 text.',
    ],
  ];
  test.each(cases)('%s as site file and as defaults', async (_, make, said) => {
    for (const name of ['acme.yaml', '_defaults.yaml'])
      expect(
        await inFolder((folder) => {
          make(path.join(folder, name));
        }),
      ).toContain(said);
  });

  test('no site file at all', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'understudy-sites-'));
    const validate = createProgram().parseAsync(['node', 'understudy', '--sites', folder, 'validate']);
    await expect(validate).rejects.toMatchObject({ code: 'SITES_FOLDER_EMPTY', exitCode: 2 });
    rmSync(folder, { recursive: true });
  });
});
