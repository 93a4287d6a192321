import { describe, expect, test } from '@jest/globals';
import { problemLines, siteText } from '../config/load-in-memory.js';

/** A site file as somebody writes it in the first hour, and what they read. The connected half: runner/test/suites/newcomer. */
const good = siteText();
const change = (from: string, to: string): string => {
  if (!good.includes(from)) throw new Error(`the file does not hold ${from}`);
  return good.replace(from, to);
};

const mistakes: readonly (readonly [mistake: string, text: string, reads: readonly string[]])[] = [
  ['a tab as indentation', 'type: wordpress\nproduction:\n\turl: https://www.acme.com\n', ['acme.yaml:3']],
  ['a colon without a blank', change('ssh: deploy@app', 'ssh:deploy@app'), ['acme.yaml:2']],
  ['a brace that is not closed', change(' }\nstaging', '\nstaging'), ['not closed']],
  ['an empty file', '', ['acme.yaml']],
  ['a list instead of a mapping', '- type: wordpress\n', ['acme.yaml']],
  ['a misspelt key', change('staging:', 'stagging:'), ['stagging', 'staging']],
  ['a misspelt key of a side', change('path: /srv', 'pfad: /srv'), ['pfad', 'path']],
  ['a key twice', `${good}title: A\ntitle: B\n`, ['acme.yaml:6', 'twice']],
  ['no staging', good.split('\n').slice(0, 2).join('\n'), ['staging']],
  ['no type', good.replace('type: wordpress\n', ''), ['type']],
  ['a type that there is not', change('type: wordpress', 'type: wordpres'), ['wordpress']],
  [
    'an address without https://',
    change('https://staging.acme.com', 'staging.acme.com'),
    ['staging.url', 'https://'],
  ],
  ['ftp as scheme', change('https://staging', 'ftp://staging'), ['staging.url']],
  ['a login in the address', change('https://staging', 'https://guest:s3cr3t@staging'), ['basicAuth']],
  ['a question mark in the address', change('staging.acme.com,', 'staging.acme.com/?x=1,'), ['staging.url']],
  ['no user for ssh', change('deploy@staging.acme.net', 'staging.acme.net'), ['staging.ssh']],
  ['a password for ssh', change('deploy@staging', 'deploy:s3cr3t@staging'), ['a key']],
  ['ssh:// in front', change('deploy@staging', 'ssh://deploy@staging'), ['staging.ssh']],
  [
    'a port that is invalid',
    change('deploy@staging.acme.net', 'deploy@staging.acme.net:99999'),
    ['staging.ssh'],
  ],
  ['a relative path', change('/srv/acme/html', 'acme/html'), ['staging.path', 'absolute']],
  ['~ as document root', change('/srv/acme/html', '~/html'), ['staging.path']],
  ['a path with ..', change('/srv/acme/html', '/srv/acme/../html'), ['staging.path', '..']],
  ['/ as document root', change('/srv/acme/html', '/'), ['staging.path']],
  ['/etc as document root', change('/srv/acme/html', '/etc'), ['staging.path']],
  [
    'the address of production twice',
    change('https://staging.acme.com', 'https://www.acme.com'),
    ['staging.url'],
  ],
  [
    'the folder of production twice',
    change('deploy@staging.acme.net, path: /srv/acme/html', 'deploy@app.acme.net, path: /var/www/acme'),
    ['staging.path'],
  ],
  [
    'staging inside of production',
    change(
      'deploy@staging.acme.net, path: /srv/acme/html',
      'deploy@app.acme.net, path: /var/www/acme/staging',
    ),
    ['staging.path'],
  ],
  [
    'a password in the file',
    siteText({}, { more: 'database: { password: s3cr3t-of-acme }' }),
    ['credential', 'env'],
  ],
  [
    'a short fingerprint',
    siteText({}, { ssh: '{ host: a.acme.net, user: deploy, hostKey: "SHA256:abc" }' }),
    ['hostKey', 'ssh-keygen -lf'],
  ],
  [
    'hostKeys for hostKey',
    siteText({}, { ssh: '{ host: a.acme.net, user: deploy, hostKeys: [] }' }),
    ['hostKeys', 'did you mean hostKey'],
  ],
  [
    'a key as text',
    siteText({}, { ssh: '{ host: a.acme.net, user: deploy, key: ~/.ssh/id_ed25519 }' }),
    ['path', '{ file:'],
  ],
  ['yes for true', siteText({}, { more: 'sharesServer: yes' }), ['sharesServer', 'true']],
  ['a number in quotes', siteText({}, { more: "keepGenerations: '2'" }), ['keepGenerations']],
  [
    'a mode that there is not',
    siteText({}, {}, 'content: { media: { mode: copy } }'),
    ['sync', 'read-through'],
  ],
  ['a time without a unit', siteText({}, {}, 'run: { resumeWithin: 24 }'), ['resumeWithin']],
];

describe('what somebody reads who writes the first site file', () => {
  test.each(mistakes)('%s', async (_, text, reads) => {
    const lines = await problemLines({ 'acme.yaml': text });
    expect(lines.length).toBeGreaterThan(0);
    const said = lines.join('\n');
    if (process.env['SHOW'] !== undefined) console.log(said);
    for (const words of reads) expect(said).toContain(words);
    expect(said).not.toContain('s3cr3t');
    // One mistake, few lines: what follows from it is not told too.
    expect(lines.length).toBeLessThanOrEqual(3);
  });

  test.each([
    [{ 'acme.yml': good }, 'acme.yaml'],
    [{ 'Acme.yaml': good }, 'small letters|lower-case'],
    [
      {
        'acme.yaml': Buffer.from('type: w\xffrdpress', 'latin1').toString('latin1').replace('\xff', '\ufffd'),
      },
      'type',
    ],
  ])('%j', async (files, words) => {
    expect((await problemLines(files as Record<string, string>)).join('\n')).toMatch(new RegExp(words));
  });
});
