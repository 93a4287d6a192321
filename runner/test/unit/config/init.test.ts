import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Site } from '../../../src/config/site.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { containerOf, findPlaces, likelyRoots } from '../../../src/pipelines/init/find-wordpress.js';
import { type SideText, siteFileText, type SiteText } from '../../../src/pipelines/init/site-file-text.js';
import { loadTexts } from './load-in-memory.js';

const hostKey = `SHA256:${'Ab+/'.repeat(10)}Abc`;
const SSH = { user: 'deploy', port: 22, hostKey } as const;
const side = (name: string, more: Partial<SideText> = {}): SideText => ({
  url: `https://${name}.acme.com`,
  ssh: { host: `${name}.acme.net`, user: 'deploy', port: 22, hostKey },
  path: `/srv/${name}`,
  remarks: [],
  ...more,
});

describe('the site file of init validates', () => {
  test.each<[string, Partial<SideText>]>([
    ['plain', {}],
    [
      'everything that can be found',
      {
        ssh: { host: '127.0.0.1', user: 'deploy', port: 2222, key: '~/.ssh/my key', hostKey },
        container: { name: 'acme-php', path: '/var/www/html' },
        databaseContainer: 'acme-db',
        databaseServer: { host: '127.0.0.1', port: 33061 },
        basicAuth: 'ACME_STAGING_LOGIN',
        resolve: '10.0.0.5:8443',
        ca: '/etc/ssl/acme.pem',
        remarks: ['A remark.'],
      },
    ],
    ['IPv6', { ssh: { host: '2001:db8::1', user: 'deploy', port: 22, hostKey } }],
    ['words that YAML reads', { ssh: { host: 'no', user: 'yes', port: 22, hostKey } }],
  ])('%s', async (_, more) => {
    const text = siteFileText({
      type: 'wordpress',
      production: side('www'),
      staging: side('staging', more),
      media: { mode: 'sync', why: 'Uploads are on production itself (3 MB): they are copied.' },
    });
    const { sites, problems } = await loadTexts({ 'acme.yaml': text });
    expect(problems).toEqual([]);
    const { ssh } = side('staging', more);
    if (ssh === 'local') throw new Error('not over ssh');
    const { host, user, port, key } = ssh;
    expect(sites[0]?.staging.address).toMatchObject({
      host,
      user,
      port,
      hostKeys: [hostKey],
      ...(key === undefined ? {} : { key: { source: 'file', path: key } }),
    });
  });
});

describe('the site file of init for', () => {
  const written = async (type: SiteText['type'], more: Partial<SideText>): Promise<Site> => {
    const text = siteFileText({ type, production: side('www', more), staging: side('staging', more) });
    const { sites, problems } = await loadTexts({ 'acme.yaml': text });
    expect(problems).toEqual([]);
    return sites[0] as Site;
  };
  test('a host behind a bastion pins both keys', async () => {
    const via = { ...SSH, host: 'bastion.acme.net', user: 'jump', port: 2222, key: '/k' };
    const { staging } = await written('wordpress', { ssh: { ...SSH, host: '10.0.0.5', key: '/k', via } });
    const key = { source: 'file', path: '/k' };
    expect(staging.address).toMatchObject({
      host: '10.0.0.5',
      hostKeys: [hostKey],
      key,
      via: { host: 'bastion.acme.net', user: 'jump', port: 2222, hostKeys: [hostKey], key },
    });
  });
  test('staging on the machine of Understudy', async () => {
    const text = siteFileText({
      type: 'wordpress',
      production: side('www'),
      staging: side('staging', { ssh: 'local' }),
    });
    const { sites, problems } = await loadTexts({ 'acme.yaml': text });
    expect(problems).toEqual([]);
    expect(sites[0]?.staging.address).toEqual({ kind: 'local' });
  });
  test('a site that is not WordPress names its database, and where its password is', async () => {
    const account = { name: 'portal', user: 'portal-user', password: 'ACME_STAGING_DATABASE' };
    const { type, staging } = await written('php', { account });
    expect(type).toBe('php');
    expect(staging.database).toMatchObject({
      name: 'portal',
      user: 'portal-user',
      password: { source: 'env', env: 'ACME_STAGING_DATABASE' },
    });
  });
});

describe('where WordPress lies', () => {
  let home: string;
  const former = process.env['HOME'];
  beforeAll(() => {
    home = mkdtempSync(path.join(tmpdir(), 'understudy-init-'));
    process.env['HOME'] = home;
  });
  afterAll(() => {
    process.env['HOME'] = former;
    rmSync(home, { recursive: true, force: true });
  });
  const put = (file: string, text = ''): void => {
    mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
    writeFileSync(path.join(home, file), text);
  };

  test('in the document root, in a folder of its own, in Bedrock, in releases behind a link', async () => {
    put('plain/wp-load.php');
    put('own/wp/wp-load.php');
    put('own/index.php', "<?php require __DIR__ . '/wp/wp-blog-header.php';");
    put('bedrock/web/wp/wp-load.php');
    put('bedrock/web/index.php', "<?php require __DIR__ . '/wp/wp-blog-header.php';");
    put('deployed/releases/1/web/wp-load.php');
    put('deployed/releases/2/web/wp-load.php');
    symlinkSync('releases/2', path.join(home, 'deployed/current'));
    put('plain/wp-content/uploads/backup/wp-load.php');
    const found = await findPlaces(createLocalHost('production', 'production'), 'www.acme.com');
    const own = found.wordpress
      .filter((root) => root.startsWith(home))
      .map((root) => path.relative(home, root));
    expect(own.sort()).toEqual(['bedrock/web', 'deployed/current/web', 'own', 'plain']);
  });
});

test('what is served and is WordPress comes first', () => {
  const places = { containers: [], dumps: true };
  expect(likelyRoots({ ...places, served: ['/a', '/b'], wordpress: ['/b', '/c'] })).toEqual(['/b']);
  expect(likelyRoots({ ...places, served: ['/a'], wordpress: ['/c'] })).toEqual(['/c']);
  expect(likelyRoots({ ...places, served: ['/a'], wordpress: [] })).toEqual(['/a']);
});

test('the container that shows the folder', () => {
  const containers = [
    { name: 'other', source: '/srv/other', target: '/var/www' },
    { name: 'php', source: '/srv/acme', target: '/var/www' },
  ];
  const places = { served: [], wordpress: [], dumps: true, containers };
  expect(containerOf(places, '/srv/acme/html')).toEqual({ name: 'php', path: '/var/www/html' });
  expect(containerOf(places, '/srv/acmee')).toBeUndefined();
});
