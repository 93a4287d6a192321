import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CellResult, runCell } from '../../../../sandbox/engines/cell.js';
import { createEngineWorld, type EngineWorld, type Pair } from '../../../../sandbox/engines/engine-world.js';
import { type EngineName, engineNames, type Vendor, vendorOf } from '../../../../sandbox/engines/engines.js';
import { ensureBundle } from '../../../../sandbox/runner.js';
import { writeCompatibilityPage } from './compatibility-page.js';

let world: EngineWorld;
const results: { readonly pair: Pair; readonly result: CellResult }[] = [];

// Where a server cannot be had, the suite fails: it says something of every server or nothing.
beforeAll(async () => {
  await ensureBundle();
  world = await createEngineWorld({
    production: engineNames,
    staging: engineNames,
    clients: ['mariadb', 'mysql'],
  });
}, 900_000);
afterAll(async () => {
  writeCompatibilityPage(world, results);
  await world.stop();
});

const other = (vendor: Vendor): Vendor => (vendor === 'mysql' ? 'mariadb' : 'mysql');
const own = (engine: EngineName): Vendor => vendorOf(engine);

/** Every pair with the servers' own programs and a swap, and with the other vendor's and a replacement. */
const pairs: readonly Pair[] = (['replace', 'swap'] as const).flatMap((mode) =>
  engineNames.flatMap((production) =>
    engineNames.map((staging): Pair => {
      const clients = [own(production), own(staging)] as const;
      return mode === 'swap'
        ? { production, staging, clients, mode }
        : { production, staging, clients: [other(clients[0]), other(clients[1])], mode };
    }),
  ),
);

describe('WordPress and tables of every kind', () => {
  it.each(pairs.map((pair) => [nameOf(pair), pair] as const))(
    '%s',
    async (_name, pair) => {
      const result = await runCell(world, pair);
      results.push({ pair, result });
      expect(result.problems).toEqual([]);
    },
    600_000,
  );
});

function nameOf({ production, staging, clients, mode }: Pair): string {
  return `${production} → ${staging} (${clients.join(' and ')} programs, ${mode})`;
}
