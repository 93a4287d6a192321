import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { debianRelease } from '../../../../sandbox/debian/release.js';
import { type CellResult, runCell } from '../../../../sandbox/engines/cell.js';
import {
  createEngineWorld,
  EITHER_VENDOR,
  type EngineWorld,
  type Pair,
} from '../../../../sandbox/engines/engine-world.js';
import { ensureBundle } from '../../../../sandbox/runner.js';

/** Why there is no MySQL today; undefined when there is one. */
const missing = await debianRelease('sid').then(
  ({ versions }) => void console.log(`MySQL of Debian sid: ${versions}`),
  (cause: unknown) => String(cause),
);
if (missing !== undefined) console.error(`SKIPPED: the syncs between MariaDB and MySQL. ${missing}`);
const whereThereIsMySql = missing === undefined ? describe : describe.skip;

const PAIRS: readonly Pair[] = [
  { production: 'mariadb-10.11', staging: 'mysql', mode: 'swap', clients: ['mariadb', 'mysql'] },
  { production: 'mysql', staging: 'mariadb-10.11', mode: 'swap', clients: ['mysql', 'mariadb'] },
];

/** A small part of the matrix that `npm run suites -- engines` runs. */
whereThereIsMySql('WordPress and tables of every kind', () => {
  let world: EngineWorld;
  const cells = new Map<string, Promise<CellResult>>();

  /** The two have no server, no tree and no work folder in common: what one waits for is time for the other. */
  beforeAll(async () => {
    await ensureBundle();
    world = await createEngineWorld(EITHER_VENDOR);
    for (const pair of PAIRS) {
      const cell = runCell(world, pair);
      // Told by its test.
      cell.catch(() => undefined);
      cells.set(pair.production, cell);
    }
  }, 300_000);
  afterAll(async () => {
    await Promise.allSettled(cells.values());
    await world.stop();
  }, 300_000);

  test.each([
    ['MariaDB to MySQL', 'mariadb-10.11'],
    ['MySQL to MariaDB', 'mysql'],
  ])(
    'go from %s',
    async (_, production) => {
      expect((await cells.get(production))?.problems).toEqual([]);
    },
    300_000,
  );
});
