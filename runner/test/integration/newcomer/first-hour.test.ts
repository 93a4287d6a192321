import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  ADMINISTRATOR,
  createNewcomerWorld,
  LOGIN,
  type NewcomerPage,
  type NewcomerWorld,
} from '../../../../sandbox/newcomer/newcomer-world.js';
import { runUnderstudy, type RunnerResult } from '../../../../sandbox/runner.js';

let world: NewcomerWorld;
beforeAll(async () => {
  world = await createNewcomerWorld();
}, 120_000);
afterAll(() => world.stop());

const sites = (): string => path.join(world.folder, 'agent/sites');
async function understudy(...words: string[]): Promise<RunnerResult> {
  return runUnderstudy(
    {
      sites: sites(),
      workspace: path.join(world.folder, 'agent/workspace'),
      environment: { ACME_STAGING_LOGIN: LOGIN },
    },
    ...words,
  );
}
async function expectCode(code: number, ...words: string[]): Promise<string> {
  const done = await understudy(...words);
  const said = done.stdout + done.stderr;
  expect(`${words[0] ?? ''} ended with ${String(done.code)}\n${said}`).toContain(
    `${words[0] ?? ''} ended with ${String(code)}\n`,
  );
  return said;
}
const staging = (pathAndQuery: string, more: object = {}): Promise<NewcomerPage> =>
  world.get(`https://staging.acme.test${pathAndQuery}`, { login: LOGIN, ...more });
const initWords = (): string[] => {
  const side = (name: 'production' | 'staging', url: string): string[] => {
    const { ssh, pages } = world[name];
    return [
      ...[`--${name}`, url, `--${name}-ssh`, `deploy@${ssh.address}:${String(ssh.port)}`],
      ...[`--${name}-resolve`, pages, `--${name}-ca`, world.ca],
    ];
  };
  return [
    ...['init', 'acme', '--key', world.key],
    ...side('production', 'https://www.acme.test'),
    ...side('staging', 'https://staging.acme.test'),
    ...['--staging-path', '/var/www/staging'],
  ];
};

test('from two servers and nothing else to a staging that is right', async () => {
  // Nobody has said yet whose keys these are.
  const asked = await expectCode(3, ...initWords());
  expect(asked).toContain(`--production-host-key ${world.production.ssh.fingerprint}`);
  expect(existsSync(path.join(sites(), 'acme.yaml'))).toBe(false);
  const keys = (['production', 'staging'] as const).flatMap((name) => [
    `--${name}-host-key`,
    world[name].ssh.fingerprint,
  ]);
  const init = await expectCode(0, ...initWords(), ...keys);
  expect(init).toContain('understudy prepare acme');
  const file = readFileSync(path.join(sites(), 'acme.yaml'), 'utf8');
  expect(file).toContain('path: /var/www/acme\n');
  expect(file).toContain('basicAuth: { env: ACME_STAGING_LOGIN }');
  expect(file).toContain('media: { mode: sync }');
  expect(await expectCode(2, ...initWords(), ...keys)).toContain('never written over');
  await expectCode(0, 'validate');
  // Doctor names the one thing that is missing, once, with the command.
  const sick = await expectCode(3, 'doctor', 'acme');
  console.log(sick);
  expect(sick.match(/understudy prepare acme/g)).toHaveLength(1);
  await prepare();
  await expectCode(0, 'doctor', 'acme');
  const plan = await expectCode(0, 'plan', 'acme');
  expect(plan.split('\n').length).toBeLessThan(45);
  const sync = await expectCode(0, 'sync', 'acme');
  expect(sync).toContain('Staging:  https://staging.acme.test');
  await lookAtStaging();
  expect(await expectCode(0, 'status')).toContain('complete');
  // The way back: staging was empty, and says so.
  expect(await expectCode(0, 'rollback', 'acme')).toContain('empty');
  await expectCode(0, 'rollback', 'acme');
  await lookAtStaging();
}, 300_000);

/** What the newcomer and the administrators do with what `prepare` prints. */
async function prepare(): Promise<void> {
  const shown = await expectCode(0, 'prepare', 'acme');
  expect(shown).toContain('Nothing was changed');
  const folder = /install -d .*/.exec(shown)?.[0] ?? '';
  await world.asRoot(world.staging, folder);
  const applied = await expectCode(3, 'prepare', 'acme', '--apply');
  await world.asRoot(world.staging, /mariadb < \S+/.exec(applied)?.[0] ?? '');
  const rule = /location \/ \{.*\}/.exec(applied)?.[0] ?? '';
  const { nginx } = world.staging;
  writeFileSync(nginx, readFileSync(nginx, 'utf8').replace(/\}\n$/, `${rule}\n}\n`));
  await world.reloadNginx();
  await world.startStaging();
  const done = await expectCode(0, 'prepare', 'acme', '--apply');
  expect(done).toContain('Next: understudy doctor acme');
  const config = readFileSync(path.join(world.staging.www, 'staging/wp-config.php'), 'utf8');
  expect(config).toContain("define( 'WP_ENVIRONMENT_TYPE', 'staging' );");
  const password = /'DB_PASSWORD', '(.*)'/.exec(config)?.[1] ?? 'none';
  expect(shown + applied + done).not.toContain(password);
  expect(existsSync(path.join(world.staging.home, '.understudy/acme/prepare'))).toBe(false);
}

async function lookAtStaging(): Promise<void> {
  expect((await world.get('https://staging.acme.test/')).status).toBe(401);
  const home = await staging('/');
  expect([home.status, String(home.body)]).toEqual([200, expect.stringContaining('Acme Theatre')]);
  expect(String(home.body)).not.toContain('www.acme.test');
  const page = await staging('/the-first-hour/');
  expect(page.status).toBe(200);
  const picture = /https:\/\/staging\.acme\.test(\/wp-content\/uploads\/\S+\.png)/.exec(
    String(page.body),
  )?.[1];
  expect(picture).toBe('/wp-content/uploads/2026/11/stage.png');
  expect((await staging(picture ?? '')).body.subarray(1, 4).toString()).toBe('PNG');
  const form = new URLSearchParams({ log: ADMINISTRATOR.user, pwd: ADMINISTRATOR.password, testcookie: '1' });
  const login = await staging('/wp-login.php', {
    form: String(form),
    cookie: 'wordpress_test_cookie=WP%20Cookie%20check',
  });
  expect([login.status, login.location]).toEqual([302, expect.stringContaining('/wp-admin/')]);
  const cookie = login.cookies.map((line) => line.split(';')[0]).join('; ');
  const admin = await staging('/wp-admin/profile.php', { cookie });
  expect([admin.status, String(admin.body)]).toEqual([200, expect.stringContaining(ADMINISTRATOR.email)]);
}
