import { describe, expect, test } from '@jest/globals';
import { problemLines, type SideText, siteText } from './load-in-memory.js';

const guard = async (production: SideText, staging: SideText, rest = ''): Promise<string[]> =>
  problemLines({ 'acme.yaml': siteText(production, staging, rest) });

describe('staging has production’s URL', () => {
  const same: readonly (readonly [string, string])[] = [
    ['https://www.acme.com', 'https://www.acme.com'],
    ['https://www.acme.com', 'HTTPS://WWW.ACME.COM/'],
    ['https://www.acme.com', 'http://www.acme.com'],
    ['https://www.acme.com', 'https://www.acme.com:443'],
    ['https://www.acme.com', 'http://www.acme.com:80/'],
    ['https://www.acme.com', 'https://www.acme.com.'],
    ['https://www.acme.com', 'https://acme.com'],
    ['https://acme.com', 'https://www.acme.com'],
    ['https://müller.example', 'https://xn--mller-kva.example'],
    ['https://MÜLLER.example', 'https://müller.example'],
    ['https://acme.com/blog', 'https://acme.com//blog/'],
    ['https://acme.com/blog', 'https://acme.com/%62log'],
    ['http://127.0.0.1', 'http://127.1'],
  ];
  test.each(same)('%s and %s', async (production, staging) => {
    expect((await guard({ url: production }, { url: staging })).join('\n')).toContain(
      'staging.url: Staging has the URL of production.',
    );
  });
  const different: readonly (readonly [string, string])[] = [
    ['https://acme.com', 'https://staging.acme.com'],
    ['https://acme.com', 'https://acme.com.au'],
    ['https://acme.com', 'https://acme.com:8443'],
    ['http://127.0.0.1:8001', 'http://127.0.0.1:8002'],
    ['https://acme.com', 'https://acme.com/staging'],
  ];
  test.each(different)('%s and %s are two', async (production, staging) => {
    expect(await guard({ url: production }, { url: staging })).toEqual([]);
  });
});

describe('staging has production’s files', () => {
  const machines: readonly (readonly [string, string])[] = [
    ['deploy@app.acme.net', 'deploy@app.acme.net'],
    ['deploy@app.acme.net', 'other@APP.acme.net.'],
    ['deploy@app.acme.net', 'deploy@app.acme.net:2222'],
    ['local', 'me@localhost'],
    ['local', 'me@127.0.0.2'],
    ['local', "'me@[::1]'"],
    ['me@localhost', 'me@127.1'],
    ['me@10.0.0.5', 'me@10.0.0.5'],
    ['me@10.0.0.5', "'me@[::ffff:10.0.0.5]'"],
    ['deploy@server.müller.example', 'deploy@server.xn--mller-kva.example'],
    [
      '{ host: a.example, user: x, hostKey: "SHA256:uNiVztksCsDhcc0u9e8BrvZbN5L8CE0rj4mGzJ3l1pI" }',
      '{ host: b.example, user: x, hostKey: ["SHA256:uNiVztksCsDhcc0u9e8BrvZbN5L8CE0rj4mGzJ3l1pI"] }',
    ],
    ['{ host: localhost, user: x, via: jump@bastion.example }', 'x@bastion.example'],
    ['{ host: 10.0.0.5, user: x, via: jump@bastion.example }', 'x@10.0.0.5'],
  ];
  test.each(machines)('%s and %s are one machine', async (production, staging) => {
    const [line] = await guard({ ssh: production }, { ssh: staging, path: '/var/www/acme' });
    expect(line).toContain("staging.path: Staging's folder is the folder of production on ");
  });
  test('two private addresses behind two bastions are two machines', async () => {
    const behind = (bastion: string): string => `{ host: 10.0.0.5, user: x, via: jump@${bastion} }`;
    expect(
      await guard({ ssh: behind('a.example') }, { ssh: behind('b.example'), path: '/var/www/acme' }),
    ).toEqual([]);
  });

  const paths: readonly (readonly [string, string, string])[] = [
    ['/var/www/acme', '/var/www/acme', 'is'],
    ['/var/www/acme', '/var//www/./acme/', 'is'],
    ['/var/www/acme', '/var/www/acme/staging', 'lies in'],
    ['/var/www/acme/html', '/var/www/acme', 'holds'],
  ];
  test.each(paths)('%s and %s', async (production, staging, relation) => {
    const ssh = 'deploy@one.example';
    const lines = await guard({ ssh, path: production }, { ssh, path: staging });
    expect(lines.join('\n')).toContain(
      `Staging's folder ${relation} the folder of production on one.example.`,
    );
  });
  test('neighbours with a common beginning are two', async () => {
    const ssh = 'deploy@one.example';
    expect(await guard({ ssh, path: '/var/www/acme' }, { ssh, path: '/var/www/acme-staging' })).toEqual([]);
  });
});

describe('staging has production’s database', () => {
  const database = (text: string): SideText => ({ more: `database: { ${text} }` });
  test('same server, same name, in any spelling', async () => {
    const lines = await guard(
      database('host: DB.acme.net, name: acme'),
      database('host: db.acme.net., port: 3306, name: ACME'),
    );
    expect(lines).toEqual([
      "acme.yaml:3:145 staging.database.name: Staging's database is the database of production.",
    ]);
  });
  test('a loopback address and a socket of one machine', async () => {
    const ssh = 'deploy@one.example';
    const lines = await guard(
      { ssh, ...database('host: 127.0.0.1, name: acme') },
      { ssh, path: '/srv/x', ...database('socket: /run/mysqld/mysqld.sock, name: acme') },
    );
    expect(lines.join()).toContain("Staging's database is the database of production.");
  });
  test('same server, other name: only when it is allowed', async () => {
    const [production, staging] = [
      database('host: db.acme.net, name: acme'),
      database('host: db.acme.net, name: acme_staging'),
    ];
    expect((await guard(production, staging)).join()).toContain(
      '→ if this is intended, write staging.sharesServer: true',
    );
    expect(await guard(production, { more: `${staging.more ?? ''}, sharesServer: true` })).toEqual([]);
  });
  test('sharesServer does not allow the same database', async () => {
    const same = database('host: db.acme.net, name: acme');
    expect((await guard(same, { more: `${same.more ?? ''}, sharesServer: true` })).length).toBe(1);
  });
  test('loopback on two machines, other ports: two servers', async () => {
    expect(
      await guard(database('host: 127.0.0.1, name: acme'), database('host: 127.0.0.1, name: acme')),
    ).toEqual([]);
    expect(
      await guard(database('host: db.acme.net, name: a'), database('host: db.acme.net, port: 3307, name: a')),
    ).toEqual([]);
  });
});

describe('across files', () => {
  const other = siteText(
    {
      url: 'https://shop.example',
      ssh: 'deploy@shop.example',
      path: '/var/www/shop',
      more: 'database: { host: db.example, name: shop }',
    },
    { url: 'https://staging.shop.example', ssh: 'deploy@staging.acme.net', path: '/srv/shop' },
  );
  const cases: readonly (readonly [string, SideText, string])[] = [
    [
      'URL of another production',
      { url: 'https://www.shop.example' },
      'Staging has the URL of production of the site shop.',
    ],
    [
      'folder of another production',
      { ssh: 'x@shop.example', path: '/var/www' + '/shop/x' },
      "Staging's folder lies in the folder of production of the site shop on shop.example.",
    ],
    [
      'database of another production',
      { more: 'database: { host: db.example, name: shop }' },
      "Staging's database is the database of production of the site shop.",
    ],
    [
      'URL of another staging',
      { url: 'https://staging.shop.example' },
      'Staging has the URL of staging of the site shop.',
    ],
    [
      'folder of another staging',
      { path: '/srv/shop/inner' },
      "Staging's folder lies in the folder of staging of the site shop.",
    ],
    [
      'work folder of another staging',
      { more: 'workDir: ~/.understudy/shop' },
      'Staging has the work folder of staging of the site shop.',
    ],
  ];
  test.each(cases)('%s', async (_, staging, message) => {
    const lines = await problemLines({ 'acme.yaml': siteText({}, staging), 'shop.yaml': other });
    expect(lines.filter((line) => line.startsWith('acme')).join('\n')).toContain(message);
  });
  test('two stagings of one production are allowed', async () => {
    const second = siteText(
      {},
      { url: 'https://second.acme.com', path: '/srv/second', more: 'workDir: /srv/understudy/second' },
    );
    expect(await problemLines({ 'acme.yaml': siteText(), 'second.yaml': second })).toEqual([]);
  });
});

describe('work folders and archive', () => {
  const cases: readonly (readonly [string, SideText, string])[] = [
    [
      'inside the document root',
      { more: 'workDir: /srv/acme/html/.understudy' },
      'lies in the document root of staging',
    ],
    ['above the document root', { more: 'workDir: /srv/acme' }, 'holds the document root of staging'],
    [
      'below a home that is a document root',
      { ssh: 'acme@x.example', path: '/home/acme/.understudy' },
      'lies in the document root of staging',
    ],
  ];
  test.each(cases)('%s', async (_, staging, message) => {
    expect((await guard({}, staging)).join('\n')).toContain(message);
  });
  test('an archive that is a side’s folder', async () => {
    const lines = await guard({}, {}, 'archive: { ssh: x@staging.acme.net, path: /srv/acme }');
    expect(lines).toEqual(["acme.yaml:4:43 archive.path: The archive's folder holds the folder of staging."]);
  });
});
