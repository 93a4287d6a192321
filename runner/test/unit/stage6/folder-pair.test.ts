import { expect, test } from '@jest/globals';
import { folderPair } from '../../../src/stages/staging/folder-pair.js';

test.each([
  ['/var/www/acme/', '/srv/acme/html/', { kind: 'path', from: '/var/www/acme', to: '/srv/acme/html' }],
  ['/home/deploy//acme', '/srv/acme', { kind: 'path', from: '/home/deploy/acme', to: '/srv/acme' }],
  ['/var/www/acme', '/var/www/html', { kind: 'path', from: '/var/www/acme', to: '/var/www/html' }],
  ['/var/www/acme/', '/var/www/acme', undefined],
  ['/var/www/html', '/srv/acme/html', undefined],
  ['/usr/share/nginx/html/', '/srv/acme', undefined],
  ['/bitnami/wordpress', '/srv/acme', undefined],
  ['/app', '/srv/acme', undefined],
  ['/acme', '/srv/acme', undefined],
  ['/a/b/c', '/srv/acme', undefined],
  [undefined, '/srv/acme', undefined],
  ['/var/www/acme', undefined, undefined],
])('%s to %s', (production, staging, wanted) => {
  expect(folderPair(production, staging)).toEqual(wanted);
});
