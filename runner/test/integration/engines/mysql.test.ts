import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { debianRelease } from '../../../../sandbox/debian/release.js';
import { runCell } from '../../../../sandbox/engines/cell.js';
import {
  createEngineWorld,
  EITHER_VENDOR,
  type EngineWorld,
} from '../../../../sandbox/engines/engine-world.js';
import { ensureBundle } from '../../../../sandbox/runner.js';

/** Why there is no MySQL today; undefined when there is one. */
const missing = await debianRelease('sid').then(
  ({ versions }) => void console.log(`MySQL of Debian sid: ${versions}`),
  (cause: unknown) => String(cause),
);
if (missing !== undefined) console.error(`SKIPPED: the syncs between MariaDB and MySQL. ${missing}`);
const whereThereIsMySql = missing === undefined ? describe : describe.skip;

/** A small part of the matrix that `npm run suites -- engines` runs. */
whereThereIsMySql('WordPress and tables of every kind', () => {
  let world: EngineWorld;
  beforeAll(async () => {
    await ensureBundle();
    world = await createEngineWorld(EITHER_VENDOR);
  }, 300_000);
  afterAll(async () => world.stop());

  test('go from MariaDB to MySQL', async () => {
    const pair = { production: 'mariadb-10.11', staging: 'mysql', mode: 'swap' } as const;
    const { problems } = await runCell(world, { ...pair, clients: ['mariadb', 'mysql'] });
    expect(problems).toEqual([]);
  }, 300_000);

  test('go from MySQL to MariaDB', async () => {
    const pair = { production: 'mysql', staging: 'mariadb-10.11', mode: 'swap' } as const;
    const { problems } = await runCell(world, { ...pair, clients: ['mysql', 'mariadb'] });
    expect(problems).toEqual([]);
  }, 300_000);
});
