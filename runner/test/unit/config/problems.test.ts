import { describe, expect, test } from '@jest/globals';
import { loadTexts, problemLines, siteText, type SideText } from './load-in-memory.js';

const lines = async (rest: string, production: SideText = {}, staging: SideText = {}): Promise<string[]> =>
  (await problemLines({ 'acme.yaml': siteText(production, staging, rest) })).map((line) =>
    line.replace(/^acme\.yaml:/, ''),
  );

describe('one sentence per mistake, with its place', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['content: { exlude: [] }', '4:12 content.exlude: The key is unknown. → did you mean exclude?'],
    ['contnet: {}', '4:1 contnet: The key is unknown. → did you mean content?'],
    [
      'content: { keepOptions: [a] }',
      '4:12 content.keepOptions: The key is unknown. → it belongs at staging.keepOptions',
    ],
    [
      'notify: { __proto__: 1, webhook: { env: HOOK } }',
      '4:11 notify.__proto__: The key is unknown. → known here: slack, teams, email, webhook, onlyChanges, on',
    ],
    [
      'content: { route: tunel }',
      '4:19 content.route: The value must be one of: tunnel, direct. → did you mean tunnel?',
    ],
    ['content: { strict: yes }', '4:20 content.strict: true or false is expected. → write true'],
    ['content: { maxDeletePercent: 101 }', '4:30 content.maxDeletePercent: The number must be at most 100.'],
    [
      'content: { maxDeletePercent: "20" }',
      '4:30 content.maxDeletePercent: A number is expected, without quotes. → remove the quotes',
    ],
    [
      'content: { maxDeletePercent: 1e1 }',
      '4:30 content.maxDeletePercent: YAML reads 1e1 as the number 10. → write 10, if that is meant',
    ],
    [
      'maintenance: { approve: { people: { ada: Ada Lovelace } } }',
      '4:42 maintenance.approve.people.ada: The value must be a name and an address: Ada Lovelace <ada@acme.com>.',
    ],
    ['content:', '4:9 content: The key has no value. → give it one, or remove the line'],
    ['content: []', '4:10 content: A mapping of keys to values is expected.'],
    [
      'title: 0123',
      "4:8 title: YAML reads 0123 as the number 123; text is expected. → write '0123' in quotes",
    ],
    ['title: 1e3', "4:8 title: YAML reads 1e3 as the number 1000; text is expected. → write '1e3' in quotes"],
    ['title: true', "4:8 title: YAML reads true as true; text is expected. → write 'true' in quotes"],
    ['title: no', "4:8 title: Other YAML readers take no for true or false. → write 'no' in quotes"],
    [
      'title: 2026-12-24',
      "4:8 title: Other YAML readers take 2026-12-24 for a date. → write '2026-12-24' in quotes",
    ],
    [
      'title: 12:30',
      "4:8 title: Other YAML readers take 12:30 for a number in base 60. → write '12:30' in quotes",
    ],
    [
      'title: "a\\nb"',
      '4:8 title: The text holds a line break. → write it on one line, with visible characters',
    ],
    [
      'title: "a\\0b"',
      '4:8 title: The text holds a NUL character. → write it on one line, with visible characters',
    ],
    [
      'title: "a\\x07b"',
      '4:8 title: The text holds a control character. → write it on one line, with visible characters',
    ],
    ['title: a\ntitle: b', '5:1 A mapping contains the same key twice. → keep one of them'],
    [
      'schedule: * * * * *',
      '4:11 YAML reads this as an alias (*name). → put texts that begin with * in quotes',
    ],
    ['title: !!js/function x', '4:8 YAML tags (!…) are not allowed here. → write the plain value'],
    ['run: { lease: 30 }', '4:15 run.lease: The value must be a number and s, m, h or d, such as 30m.'],
    ['1: x', "4:1 1: YAML reads the key 1 as the number 1. → write '1' in quotes"],
    ['[a, b]: x', '4:1 A key has to be one word, not a list, a mapping or an alias.'],
  ];
  test.each(cases)('%j', async (rest, expected) => {
    expect(await lines(rest)).toContain(expected);
  });

  test('a character that changes the direction of text, in a comment', async () => {
    expect(await lines('title: x # \u202Eesrever')).toContain(
      '4:12 This line contains a character that changes the direction of text. → remove it: the line is not what it looks like',
    );
  });
  test('quotes end the doubt about yes, no and dates', async () => {
    expect(await lines("title: 'no'\nstaging.cron: x".split('\n')[0] ?? '')).toEqual([]);
  });
  test('off is a word of Understudy: not a doubt', async () => {
    expect(await lines('', {}, { more: 'cron: off' })).toEqual([]);
  });
  test('keys that are missing, with the place of the mapping', async () => {
    expect(await problemLines({ 'acme.yaml': 'type: wordpress\nproduction: {}\n' })).toEqual([
      'acme.yaml:1:1 The key staging is missing.',
      'acme.yaml:2:13 production: The key path is missing.',
      'acme.yaml:2:13 production: The key ssh is missing.',
      'acme.yaml:2:13 production: The key url is missing.',
    ]);
  });
  test('a plain PHP site names its databases', async () => {
    const text = siteText().replace('wordpress', 'php');
    expect((await problemLines({ 'acme.yaml': text })).length).toBe(6);
  });
});

describe('values that would be read as something else by a program', () => {
  const hostile: readonly (readonly [string, SideText])[] = [
    ['option as a host', { ssh: 'deploy@-oProxyCommand=id' }],
    ['option as a user', { ssh: '-oProxyCommand=id@host.example' }],
    ['option as an address', { ssh: '-lroot' }],
    ['shell text as a host', { ssh: '"deploy@host;id"' }],
    ['substitution as a host', { ssh: '"deploy@$(id).example"' }],
    ['blank in a host', { ssh: '"deploy@a b"' }],
    ['password in an address', { ssh: 'deploy:hunter22@host.example' }],
    ['shell text in a path', { path: '"/srv/x;rm -rf ."' }],
    ['backquotes in a path', { path: '"/srv/`id`"' }],
    ['quote in a path', { path: `"/srv/it's"` }],
    ['blank in a path', { path: '"/srv/a b"' }],
    ['option as a path', { path: '-rf' }],
    ['the root', { path: '/' }],
    ['the root, spelled oddly', { path: '"//./"' }],
    ['/etc', { path: '/etc' }],
    ['below /etc', { path: '/etc/nginx/html' }],
    ['/home', { path: '/home' }],
    ['a home folder', { path: '/home/deploy' }],
    ['/var/www', { path: '/var/lib/mysql' }],
    ['relative', { path: 'srv/x' }],
    ['empty', { path: '""' }],
    ['blanks', { path: '"  "' }],
    ['parent folders', { path: '/srv/x/../../etc' }],
    ['tilde', { path: '~/html' }],
    ['URL with a login', { url: 'https://user:secret1@x.example' }],
    ['URL with a query', { url: 'https://x.example/?a=b' }],
    ['URL of another scheme', { url: 'ftp://x.example' }],
    ['URL with shell text', { url: '"https://x.example/$(id)"' }],
    ['URL without a scheme', { url: 'x.example' }],
    ['javascript', { url: '"javascript:alert(1)"' }],
    ['container option', { more: 'container: --privileged' }],
    ['container with shell text', { more: 'container: "a;b"' }],
    ['work folder', { more: 'workDir: /' }],
    ['work folder is the home', { more: 'workDir: ~/' }],
    ['work folder leaves the home', { more: 'workDir: ~/../x' }],
    ['database option', { more: 'database: { name: --all-databases }' }],
    ['database user', { more: 'database: { user: "-uroot" }' }],
    ['database shell text', { more: 'database: { name: "a`b" }' }],
    ['database host', { more: 'database: { host: -hx }' }],
    ['socket', { more: 'database: { socket: run/x.sock }' }],
    ['header', { more: 'http: { headers: { "X: y\\r\\nHost": a } }' }],
    ['resolve', { more: 'http: { resolve: evil.example }' }],
    ['host key', { more: 'http: {}, ssh2: x' }],
  ];
  test.each(hostile)('%s', async (_, staging) => {
    const found = await lines('', {}, staging);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((line) => line.startsWith('3:'))).toBe(true);
  });

  const sections = [
    'content: { exclude: ["- *"] }',
    'content: { exclude: ["--delete"] }',
    'content: { exclude: ["../x"] }',
    'content: { exclude: ["*"] }',
    'content: { media: [/abs] }',
    'content: { media: [-x] }',
    'database: { structureOnly: ["a b"] }',
    'database: { structureOnly: [-x] }',
    'rewrite: { skip: [posts] }',
    'rewrite: { pairs: [{ from: acme, to: x }] }',
    'rewrite: { network: { "https://a": b } }',
    'agent: "a; b"',
    'agent: "$(x)"',
    'schedule: "every day"',
    'publish: { repository: "ext::sh -c id", author: { name: a, email: a@b.example } }',
    'publish: { repository: "-u x", author: { name: a, email: a@b.example } }',
    'publish: { repository: "git@h:o/n.git", branch: "-x", author: { name: a, email: a@b.example } }',
    'publish: { repository: "git@h:o/n.git", branch: "a..b", author: { name: a, email: a@b.example } }',
    'publish: { repository: "git@h:o/n.git", author: { name: "a <b>", email: a@b.example } }',
    'maintenance: { window: { from: "25:00", to: "03:00" } }',
    'maintenance: { freeze: ["2026-02-30"] }',
    'maintenance: { window: { from: "02:00", to: "03:00", timezone: Mars } }',
    'archive: { path: / }',
  ];
  test.each(sections)('%s', async (rest) => {
    const found = await lines(rest);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((line) => line.startsWith('4:'))).toBe(true);
  });
});

test.each([
  '/mnt/acme',
  '/efs',
  '/var/www',
  '/usr/share/wordpress',
  '/srv/ünï',
  '/home/acme/public_html',
  '/tmp/x/html',
])('%s may be a document root', async (path) => {
  expect(await lines('', {}, { path })).toEqual([]);
});

describe('secrets that stand in the file', () => {
  const SECRET = 'Hunter2Hunter2';
  const cases: readonly (readonly [string, string, SideText])[] = [
    ['password', '', { more: `database: { password: ${SECRET} }` }],
    ['numeric password', '', { more: 'database: { password: 12345678 }' }],
    ['misspelt key', '', { more: `database: { pasword: ${SECRET}, dbPassword: ${SECRET} }` }],
    [
      'key text',
      '',
      { ssh: `{ host: h.example, user: u, key: "-----BEGIN OPENSSH PRIVATE KEY----- ${SECRET}" }` },
    ],
    ['webhook', `notify: { webhook: "https://hooks.slack.com/services/${SECRET}" }`, {}],
    ['login', '', { more: `http: { basicAuth: "user:${SECRET}" }` }],
    ['header', '', { more: `http: { headers: { Authorization: "Basic ${SECRET}" } }` }],
    ['token in a text', `title: ghp_${SECRET}${SECRET}`, {}],
    [
      'login in an address',
      `publish: { repository: "https://x:${SECRET}@github.com/o/n.git", author: { name: a, email: a@b.example } }`,
      {},
    ],
    ['argument', '', { more: `maintenance: { on: [page, "--password=${SECRET}"], off: [page] }` }],
  ];
  test.each(cases)('%s: refused, and not repeated', async (_, rest, staging) => {
    const found = await lines(rest, {}, staging);
    expect(found.join('\n')).toMatch(/secret|password|token|private key/i);
    expect(found.join('\n')).not.toContain(SECRET);
    expect(found.join('\n')).not.toContain('12345678');
  });
  test('a broken line with a secret is not repeated', async () => {
    const found = await lines(`x: "${SECRET}\n  y: [`);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).not.toContain(SECRET);
  });
  test('names of secrets are no secrets', async () => {
    expect(
      await lines(
        '',
        {},
        {
          more: 'scrub: { columns: { users.password: hash } }, database: { password: { env: DATABASE_PASSWORD } }',
        },
      ),
    ).toEqual([]);
  });
  test('exactly one place', async () => {
    expect(await lines('', {}, { more: 'database: { password: { env: A, file: /b } }' })).toEqual([
      '3:117 staging.database.password: Only one of credential, env, file may be given.',
    ]);
  });
  test('two ids, one variable', async () => {
    expect(
      (
        await lines(
          '',
          { more: 'database: { password: { credential: a-b } }' },
          { more: 'database: { password: { credential: a_b } }' },
        )
      ).join(),
    ).toContain('would share the variable UNDERSTUDY_CREDENTIAL_A_B');
  });
});

test('one credential, two kinds', async () => {
  const found = await lines(
    '',
    {},
    { more: 'http: { basicAuth: { credential: x } }, database: { password: { credential: x } }' },
  );
  expect(found).toEqual([
    '3:171 staging.database.password.credential: The credential x is used as username-password and as secret-text. → write the kind that it has in Jenkins, or use two credentials',
  ]);
  expect(
    await lines(
      '',
      {},
      {
        more: 'http: { basicAuth: { credential: x } }, database: { password: { credential: x, kind: username-password } }',
      },
    ),
  ).toEqual([]);
});

describe('YAML', () => {
  test('anchors and merge keys work, and two sides do not share what they have in common', async () => {
    const text = `type: wordpress
production: &side { url: https://www.acme.com, ssh: deploy@app.acme.net, path: /var/www/acme, http: &http { headers: { X-A: b } } }
staging:
  <<: *side
  url: https://staging.acme.com
  ssh: deploy@staging.acme.net
  http: *http
`;
    const { sites, problems } = await loadTexts({ 'acme.yaml': text });
    expect(problems).toEqual([]);
    expect(sites[0]?.staging.path).toBe('/var/www/acme');
    expect(sites[0]?.staging.http.headers).toEqual({ 'X-A': 'b' });
  });
  test('a billion laughs', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) =>
        `l${String(n + 1)}: &l${String(n + 1)} [${Array(10)
          .fill(`*l${String(n)}`)
          .join(', ')}]`,
    );
    expect(await problemLines({ 'acme.yaml': ['l0: &l0 lol', ...levels].join('\n') })).toEqual([
      'acme.yaml:1:1 The file uses aliases so often that it would grow without bounds.',
    ]);
  });
  test('nesting without end', async () => {
    expect((await problemLines({ 'acme.yaml': '['.repeat(60_000) })).join()).toContain('acme.yaml:');
  });
  test.each([
    ['text', 'just a text'],
    ['list', '- a\n- b'],
    ['two documents', 'a: 1\n---\nb: 2'],
    ['too large', `# ${'x'.repeat(300_000)}`],
    ['empty', ''],
  ])('%s', async (_, text) => {
    expect((await problemLines({ 'acme.yaml': text })).length).toBeGreaterThan(0);
  });
});

describe('several files', () => {
  test('all problems of all files in one answer; good sites are loaded', async () => {
    const { sites, problems } = await loadTexts({
      'bad.yaml': siteText(
        { url: 'https://bad.example' },
        { url: 'https://s.bad.example', path: '/etc' },
        'titel: x',
      ),
      'good.yaml': siteText(),
      'worse.yaml': 'x: [',
      'Upper.yaml': siteText(),
      'ending.yml': siteText(),
      '_default.yaml': '',
      'notes.txt': 'anything',
    });
    expect(sites.map((site) => site.name)).toEqual(['good']);
    expect([...new Set(problems.map((problem) => problem.file))].sort()).toEqual([
      'Upper.yaml',
      '_default.yaml',
      'bad.yaml',
      'ending.yml',
      'worse.yaml',
    ]);
    expect(problems.filter((problem) => problem.file === 'bad.yaml').map((problem) => problem.line)).toEqual([
      3, 4,
    ]);
  });
  test('defaults lie beneath; short and long spellings of ssh meet', async () => {
    const { sites, problems } = await loadTexts({
      '_defaults.yaml':
        'type: wordpress\nagent: linux\nproduction: { ssh: { user: deploy, port: 2222, key: { credential: k } }, database: { host: h } }\nstaging: { ssh: { user: deploy }, keepOptions: [a, b] }\ncontent: { route: direct, strict: true }',
      'acme.yaml':
        'production: { url: https://www.acme.com, ssh: app.acme.net, path: /var/www/acme, database: { socket: /s } }\nstaging: { url: https://s.acme.com, ssh: { host: s.acme.net }, path: /srv/x, keepOptions: [c] }\ncontent: { strict: false }',
    });
    expect(problems).toEqual([]);
    expect(sites[0]).toMatchObject({
      agent: 'linux',
      production: {
        address: {
          kind: 'ssh',
          host: 'app.acme.net',
          user: 'deploy',
          port: 2222,
          key: { source: 'credential', id: 'k', kind: 'ssh-key', env: 'UNDERSTUDY_CREDENTIAL_K' },
        },
        database: { server: { kind: 'socket', path: '/s' } },
      },
      staging: { address: { host: 's.acme.net', user: 'deploy', port: 22 }, keepOptions: ['c'] },
      content: { route: 'direct', strict: false },
    });
  });
  test('a mistake in the defaults is told once, at its own place', async () => {
    expect(
      await problemLines({
        '_defaults.yaml': 'content: { rout: x }',
        'a.yaml': siteText(),
        'b.yaml': siteText({ url: 'https://b.example' }, { url: 'https://s.b.example', path: '/srv/b' }),
      }),
    ).toEqual(['_defaults.yaml:1:12 content.rout: The key is unknown. → did you mean route?']);
  });
  test('a rule that a default breaks points into the defaults', async () => {
    expect(
      await problemLines({
        '_defaults.yaml': 'staging: { path: /srv/x, workDir: /srv/x/y }',
        'a.yaml':
          'type: wordpress\nproduction: { url: https://a.example, ssh: u@a.example, path: /var/www/a }\nstaging: { url: https://s.example, ssh: u@s.example }',
      }),
    ).toEqual([
      '_defaults.yaml:1:35 staging.workDir: The work folder /srv/x/y lies in the document root of staging. → choose a folder outside every document root, such as /srv/understudy/<site>',
    ]);
  });
  test('the digest changes with the file, the defaults and the SQL that it names', async () => {
    const text = siteText({}, { more: 'scrub: { sql: [x.sql] }' });
    const digest = async (files: Record<string, string>): Promise<string | undefined> =>
      (await loadTexts(files)).sites[0]?.digest;
    const digests = await Promise.all([
      digest({ 'a.yaml': text, 'x.sql': '1' }),
      digest({ 'a.yaml': text, 'x.sql': '2' }),
      digest({ 'a.yaml': `${text}#`, 'x.sql': '1' }),
      digest({ 'a.yaml': text, 'x.sql': '1', '_defaults.yaml': 'agent: x' }),
    ]);
    expect(new Set(digests).size).toBe(4);
    expect(await digest({ 'a.yaml': text, 'x.sql': '1' })).toBe(digests[0]);
    expect(await digest({ 'a.yaml': text })).toBeUndefined();
  });
});
