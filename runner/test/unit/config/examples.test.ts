import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { credentialsOf } from '../../../src/config/secrets/credentials-of.js';
import { loadSite, loadSites } from '../../../src/config/load/load-sites.js';
import { nodeAt, resolveNode, type SchemaNode } from '../../../src/config/schema/schema-node.js';
import { siteSchema } from '../../../src/config/schema/site-schema.js';
import { archiveOf, maintenanceOf, notifyOf, publishOf } from '../../../src/config/sections.js';
import { FORMATS } from '../../../src/config/formats/index.js';

const EXAMPLES = path.resolve('sites/examples');

test('every example is a good site file', async () => {
  const { sites, problems } = await loadSites(EXAMPLES);
  expect(problems).toEqual([]);
  const files = (await readdir(EXAMPLES)).filter((file) => file.endsWith('.yaml') && !file.startsWith('_'));
  expect(sites.map((site) => `${site.name}.yaml`)).toEqual(files.sort());
  expect(sites.length).toBeGreaterThanOrEqual(7);
});

test('a database machine is reached with the account of the files’ machine', async () => {
  const site = await loadSite(EXAMPLES, 'two-servers');
  expect(site.production.database.address).toMatchObject({
    host: 'db.acme.example',
    user: 'deploy',
    key: { id: 'production-key' },
  });
});

test('the credentials that a site needs, each once', async () => {
  const site = await loadSite(EXAMPLES, 'efs-and-github');
  expect(credentialsOf(site).map(({ id, kind }) => `${id} ${kind}`)).toEqual([
    'archive-key ssh-key',
    'archived-deploy-key ssh-key',
    'archived-github-token secret-text',
    'chat-webhook secret-text',
    'production-key ssh-key',
    'staging-key ssh-key',
    'staging-login username-password',
  ]);
});

test('typed sections', async () => {
  const big = await loadSite(EXAMPLES, 'load-balanced');
  expect(maintenanceOf(big)).toMatchObject({
    core: 'minor',
    plugins: { exclude: ['revslider'], pin: { woocommerce: '9.3.3' }, securityOnly: false },
    themes: { exclude: [], pin: {} },
    approve: { policy: 'person', timeoutSeconds: 86400, by: ['web-team'] },
    checks: { slowerThanSeconds: 20, screenshots: { threshold: 0.5, width: 1280 } },
    header: { name: 'X-Understudy', value: { source: 'credential', id: 'big-waf-header' } },
    window: { days: ['tue', 'wed'], from: '02:00', to: '05:00', timezone: 'Europe/Berlin' },
  });
  expect(notifyOf(big)).toMatchObject({ webhook: { id: 'chat-webhook' }, on: ['failure', 'approval'] });
  const archived = await loadSite(EXAMPLES, 'efs-and-github');
  expect(archiveOf(archived)).toMatchObject({
    address: { host: 'efs.archived.example' },
    path: '/mnt/efs/archived',
  });
  expect(publishOf(archived)).toMatchObject({
    branch: 'main',
    mode: 'pull-request',
    key: { kind: 'ssh-key' },
    token: { kind: 'secret-text' },
  });
  const plain = await loadSite(EXAMPLES, 'single-server');
  expect(maintenanceOf(plain)).toMatchObject({
    core: 'minor',
    checks: { paths: ['/'] },
    approve: { policy: 'person' },
  });
  expect(archiveOf(plain)).toBeUndefined();
});

test.each([
  ['acme; rm -rf /', 'SITE_UNKNOWN'],
  ['../acme', 'SITE_UNKNOWN'],
  ['-x', 'SITE_UNKNOWN'],
  ['', 'SITE_UNKNOWN'],
  ['two-server', 'SITE_UNKNOWN'],
])('no site of the name %j', async (name, code) => {
  await expect(loadSite(EXAMPLES, name)).rejects.toMatchObject({ code, exitCode: 2 });
});

test('a name that is nearly right is suggested', async () => {
  await expect(loadSite(EXAMPLES, 'two-server')).rejects.toMatchObject({
    details: ['Did you mean two-servers?'],
  });
});

/** Every place of the schema, definitions opened. */
function* places(
  node: SchemaNode,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; node: SchemaNode }> {
  yield { path, node };
  if (path.length > 5) return;
  for (const [key, child] of Object.entries(node.properties ?? {}))
    if (key !== 'via') yield* places(resolveNode(siteSchema, child), [...path, key]);
}

test('the schema is a good draft-07 schema', () => {
  const ajv = new Ajv();
  expect(ajv.validateSchema(siteSchema)).toBe(true);
  expect(siteSchema).toEqual(
    JSON.parse(readFileSync('resources/understudy/schema/site.schema.json', 'utf8')),
  );
});

test('every key of the schema is described, and every example and default is good', () => {
  for (const { path, node } of places(siteSchema)) {
    expect([path.join('.'), node.description ?? '']).not.toEqual([path.join('.'), '']);
    const check = FORMATS[node.format ?? ''];
    for (const value of [node.default, ...(node.examples ?? [])])
      if (typeof value === 'string' && check)
        expect([path.join('.'), value, check(value)]).toEqual([path.join('.'), value, undefined]);
  }
  expect(nodeAt(siteSchema, ['rewrite', 'pairs', 0, 'kind'])?.default).toBe('url');
});
