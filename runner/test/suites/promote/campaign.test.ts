import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { FaultOutcomes, isWanted, renderRow } from '../../faults/fault-outcomes.js';
import { Campaign, cellOf, FAULTS, STEPS, type Direction } from '../../integration/promote/fault-campaign.js';

jest.setTimeout(24 * 3_600_000);

const outcomes = new FaultOutcomes('promotion');
let campaign: Campaign;
beforeAll(async () => {
  campaign = await Campaign.create();
});
afterAll(async () => campaign.stop());

it.each<Direction>(['promotion', 'rollback'])(
  'whatever breaks at whatever step of a %s on whatever host: one code everywhere, or the command says what is where',
  async (direction) => {
    for (const step of STEPS[direction])
      for (const host of [1, 2, 3] as const)
        for (const fault of FAULTS) {
          const cell = cellOf(direction, step, host, fault);
          if (!isWanted(cell) || outcomes.isRight(cell)) continue;
          const row = await campaign.try(direction, step, host, fault);
          if (row === undefined) continue;
          outcomes.add(row);
          process.stderr.write(`${renderRow(row)}\n`);
        }
    const wrong = outcomes.rows.filter((row) => row.operation === direction && row.wrong.length > 0);
    expect(wrong).toEqual([]);
  },
);
