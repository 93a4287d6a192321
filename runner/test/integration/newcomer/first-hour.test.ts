import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  ADMINISTRATOR,
  createNewcomerWorld,
  LOGIN,
  type NewcomerPage,
  type NewcomerWorld,
} from '../../../../sandbox/newcomer/newcomer-world.js';
import { linesRunBy } from '../../unit/docs/markdown.js';
import { projectFolder } from '../../../../sandbox/runner.js';
import {
  agentOf,
  expectExit,
  initWords,
  prepareStaging,
  siteFileOf,
} from '../../../../sandbox/newcomer/play.js';

let world: NewcomerWorld;
beforeAll(async () => {
  world = await createNewcomerWorld();
}, 120_000);
afterAll(() => world.stop());

const understudy = (code: number, ...words: string[]): Promise<string> => expectExit(world, code, ...words);
const staging = (pathAndQuery: string, more: object = {}): Promise<NewcomerPage> =>
  world.get(`https://staging.acme.test${pathAndQuery}`, { login: LOGIN, ...more });

/** What each line of the README does here; `prepare` and `prepare --apply` with what they print to paste. */
const steps: Readonly<Record<string, () => Promise<void>>> = {
  'init acme': async () => {
    // Nobody has said yet whose keys these are.
    const asked = await understudy(3, ...initWords(world, false));
    expect(asked).toContain(`--production-host-key ${world.production.ssh.fingerprint}`);
    expect(existsSync(siteFileOf(world))).toBe(false);
    expect(await understudy(0, ...initWords(world, true))).toContain('understudy prepare acme');
    const file = readFileSync(siteFileOf(world), 'utf8');
    for (const line of [
      `path: ${world.production.root}\n`,
      'basicAuth: { env: ACME_STAGING_LOGIN }',
      'media: { mode: sync }',
    ])
      expect(file).toContain(line);
    expect(await understudy(2, ...initWords(world, true))).toContain('never written over');
    await understudy(0, 'validate');
  },
  'doctor acme': async () => {
    // One thing is missing: it is named once, with the command.
    expect((await understudy(3, 'doctor', 'acme')).match(/understudy prepare acme/g)).toHaveLength(1);
  },
  'prepare acme': async () => {
    expect(await understudy(0, 'prepare', 'acme')).toContain('Nothing was changed');
  },
  'prepare acme --apply': async () => {
    const said = await prepareStaging(world);
    expect(said).toContain('Next: understudy doctor acme');
    expectConfig(said);
    await understudy(0, 'doctor', 'acme');
  },
  'plan acme': async () => {
    expect((await understudy(0, 'plan', 'acme')).split('\n').length).toBeLessThan(45);
  },
  'sync acme': async () => {
    const said = await understudy(0, 'sync', 'acme');
    expect(said).toContain('Staging:  https://staging.acme.test');
    expect(said).toContain('staging was empty before');
    await lookAtStaging();
  },
};

/** Its other lines, and those of other pages, when staging stands. */
const later: Readonly<Record<string, () => Promise<void>>> = {
  '--version': async () => {
    expect(await understudy(0, '--version')).toMatch(/\d+\.\d+\.\d+/);
  },
  validate: async () => {
    expect(await understudy(0, 'validate')).toContain('1 site file, no problems');
  },
  status: async () => {
    expect(await understudy(0, 'status')).toContain('complete');
  },
  'leaks acme': async () => {
    await understudy(0, 'leaks', 'acme');
  },
  'runs acme': async () => {
    expect(await understudy(0, 'runs', 'acme')).toContain(runOfWorld());
  },
  'show acme <run>': async () => {
    expect(await understudy(0, 'show', 'acme', runOfWorld())).toContain('Sync content');
  },
  'logs acme <run>': async () => {
    expect(await understudy(0, 'logs', 'acme', runOfWorld())).toContain('Comparing the files');
  },
  'rollback acme': async () => {
    expect(await understudy(0, 'rollback', 'acme')).toContain('Staging is empty again');
    await understudy(0, 'rollback', 'acme');
    expect(await understudy(0, 'status')).toContain('a rollback changed what staging serves');
    await lookAtStaging();
  },
};

const runOfWorld = (): string =>
  readdirSync(path.join(agentOf(world).workspace, 'acme')).find((name) => /^\d{8}T\d{6}Z-/.test(name)) ?? '';

test('the first hour of the README: from two servers and nothing else to a staging that is right', async () => {
  const readme = readFileSync(path.join(projectFolder, 'README.md'), 'utf8');
  const [, block = ''] = /## The first hour[\s\S]*?```\n([\s\S]*?)```/.exec(readme) ?? [];
  const lines = block.split('\n').flatMap((line) => /^understudy (.*?) *(?:#.*)?$/.exec(line)?.[1] ?? []);
  expect(lines).toEqual(Object.keys(steps));
  for (const line of lines) await steps[line]?.();
  const known = { ...steps, ...later };
  expect([...new Set(linesRunBy('first-hour.test.ts'))].sort()).toEqual(Object.keys(known).sort());
  for (const step of Object.values(later)) await step();
}, 300_000);

test('init of a staging behind a bastion, on this machine, and of a site that is not WordPress', async () => {
  const { ssh } = world.production;
  const file = siteFileOf(world);
  /** What it says and what it wrote, as if it were the first site. */
  const init = async (code: number, ...more: string[]): Promise<readonly [said: string, written: string]> => {
    rmSync(file, { force: true });
    const said = await understudy(code, ...initWords(world, true), ...more);
    return [said, existsSync(file) ? readFileSync(file, 'utf8') : ''];
  };
  const bastion = ['--staging-via', `deploy@${ssh.address}:${String(ssh.port)}`];
  const [asked] = await init(3, ...bastion);
  expect(asked).toContain(`--staging-via-host-key ${ssh.fingerprint}`);
  const both = [...bastion, '--staging-via-host-key', ssh.fingerprint];
  const [reached, behind] = await init(0, ...both);
  expect(reached).toContain('✓ staging (deploy@');
  expect(behind).toMatch(new RegExp(`via:\\n +host: .${ssh.address}.\\n`));
  await understudy(0, 'doctor', 'acme');
  expect((await init(2, '--staging-ssh', 'local', ...both))[0]).toContain('is this machine');
  expect((await init(0, '--staging-ssh', 'local'))[1]).toContain('  ssh: local\n');
  const sides = ['production', 'staging'] as const;
  const database = sides.flatMap((side) => [
    ...[`--${side}-database-name`, `portal_${side}`, `--${side}-database-user`, 'portal'],
    ...[`--${side}-path`, world[side].root],
  ]);
  const [next, php] = await init(0, '--type', 'php', ...database);
  expect(next).toContain('export ACME_STAGING_DATABASE=');
  expect(php).toContain('type: php\n');
}, 120_000);

function expectConfig(said: string): void {
  const config = readFileSync(path.join(world.staging.root, 'wp-config.php'), 'utf8');
  expect(config).toContain("define( 'WP_ENVIRONMENT_TYPE', 'staging' );");
  expect(said).not.toContain(/'DB_PASSWORD', '(.*)'/.exec(config)?.[1] ?? '');
  expect(existsSync(path.join(world.staging.home, '.understudy/acme/prepare'))).toBe(false);
}

async function lookAtStaging(): Promise<void> {
  expect((await world.get('https://staging.acme.test/')).status).toBe(401);
  const home = await staging('/');
  expect([home.status, String(home.body)]).toEqual([200, expect.stringContaining('Acme Theatre')]);
  expect(String(home.body)).not.toContain('www.acme.test');
  const page = await staging('/the-first-hour/');
  expect(page.status).toBe(200);
  const picture = '/wp-content/uploads/2026/11/stage.png';
  expect(String(page.body)).toContain(`https://staging.acme.test${picture}`);
  expect((await staging(picture)).body.subarray(1, 4).toString()).toBe('PNG');
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
