import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeArchitecture } from '../../../../sandbox/architectures/site-file.js';
import { ensureBundle, runUnderstudy } from '../../../../sandbox/runner.js';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { sqlString } from '../../../../sandbox/world/php.js';

let world: World;
beforeAll(async () => {
  await ensureBundle();
  world = await createWorld();
}, 600_000);
afterAll(async () => world?.stop(), 120_000);

/** From the runner's environment, as Jenkins gives it. */
const FROM_ENVIRONMENT = 'Env-0nly-$ecret "x\' 42';
/** Pieces that no quoting changes: of the environment's password and of those that wp-config.php holds. */
const PIECES = ['Env-0nly-$ecret', 'Pr0d#app', 'st4ging;#pw'];

/** What every other process shows to everybody on its machine. */
function shown(runner: number): string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    for (const kind of Number(pid) === runner ? ['cmdline'] : ['cmdline', 'environ']) {
      const text = read(`/proc/${pid}/${kind}`);
      if (PIECES.some((piece) => text.includes(piece))) found.push(`${kind} of ${text.slice(0, 200)}`);
    }
  }
  return found;
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

function filesWithSecrets(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const text = read(path.join(folder, name));
    return PIECES.some((piece) => text.includes(piece)) && !name.endsWith('wp-config.php');
  });
}

test('shows no password in a log, an event, a report, a record or to another process', async () => {
  const { server, account, database } = world.staging;
  await server.query(
    `CREATE USER 'from_environment'@'%' IDENTIFIED BY ${sqlString(FROM_ENVIRONMENT)};
     GRANT ALL ON *.* TO 'from_environment'@'%';`,
    database,
  );
  const call = await writeArchitecture(world, 'secrets', {
    staging: { database: { admin: { user: 'from_environment', password: { env: 'ACME_ADMIN_PASSWORD' } } } },
  });
  const seen = new Set<string>();
  let watching: NodeJS.Timeout | undefined;
  let samples = 0;
  const onStart = (pid: number): void => {
    watching = setInterval(() => {
      samples += 1;
      for (const one of shown(pid)) seen.add(one);
    }, 15);
  };
  const environment = { ACME_ADMIN_PASSWORD: FROM_ENVIRONMENT };
  const result = await runUnderstudy({ ...call, environment, onStart }, 'sync', 'acme');
  clearInterval(watching);
  expect({ code: result.code, said: result.code === 0 ? '' : result.stderr }).toEqual({ code: 0, said: '' });
  expect(samples).toBeGreaterThan(20);
  expect([...seen]).toEqual([]);
  expect(PIECES.filter((piece) => (result.stdout + result.stderr).includes(piece))).toEqual([]);
  expect(filesWithSecrets(call.workspace)).toEqual([]);
  for (const { home } of Object.values(world.hosts)) expect(filesWithSecrets(home)).toEqual([]);

  // A login that fails is told without the password too.
  const wrong = { ACME_ADMIN_PASSWORD: `${FROM_ENVIRONMENT} but wrong` };
  const failed = await runUnderstudy({ ...call, environment: wrong }, 'sync', 'acme');
  expect(failed.code).toBe(3);
  expect(failed.stdout + failed.stderr).not.toContain('Env-0nly');
  expect(failed.stderr).toContain('from_environment');
  expect(account.password).toContain('st4ging;#pw');
}, 900_000);
