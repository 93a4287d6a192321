import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCell } from '../../../../sandbox/engines/cell.js';
import { createEngineWorld, type EngineWorld } from '../../../../sandbox/engines/engine-world.js';
import {
  allPairs,
  cellName,
  chooseCells,
  readMatrixResult,
  recordCell,
} from '../../../../sandbox/engines/matrix.js';
import { ensureBundle } from '../../../../sandbox/runner.js';

// UNDERSTUDY_CELLS: `--cells` of npm run suites.
const pairs = chooseCells(process.env['UNDERSTUDY_CELLS'], readMatrixResult());

const runCells = (): void => {
  let world: EngineWorld;
  // Where a server is unavailable, the suite fails: it says something of every server or nothing.
  beforeAll(async () => {
    await ensureBundle();
    world = await createEngineWorld({
      production: [...new Set(pairs.map(({ production }) => production))],
      staging: [...new Set(pairs.map(({ staging }) => staging))],
      clients: [...new Set(pairs.flatMap(({ clients }) => clients))],
    });
  }, 900_000);
  afterAll(async () => world.stop());

  test.each(pairs.map((pair) => [cellName(pair), pair.clients.join(' and '), pair] as const))(
    '%s with the programs of %s',
    async (_name, _programs, pair) => {
      const start = performance.now();
      const result = await runCell(world, pair);
      const version = (name: 'production' | 'staging') => world.side(name, pair[name]).server.version;
      recordCell(pair, {
        ...result,
        date: new Date().toISOString().slice(0, 10),
        versions: [version('production'), version('staging')],
        seconds: Math.round((performance.now() - start) / 1000),
      });
      expect(result.problems).toEqual([]);
    },
    600_000,
  );
};
if (pairs.length > 0) describe('WordPress and tables of every kind', runCells);

test('every cell of the table is right', () => {
  const result = readMatrixResult();
  expect(allPairs.map(cellName).filter((name) => result[name]?.problems.length !== 0)).toEqual([]);
});
