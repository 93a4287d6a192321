import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  Campaign,
  FAULTS,
  renderRow,
  STEPS,
  type Direction,
  type Fault,
  type Row,
} from '../../integration/promote/fault-campaign.js';

jest.setTimeout(7_200_000);

let campaign: Campaign;
beforeAll(async () => {
  campaign = await Campaign.create();
});
afterAll(async () => campaign.stop());

/** To look at a part: `UNDERSTUDY_CAMPAIGN='undo/2/disk full'`. */
const [onlyStep, onlyHost, onlyFault] = (process.env['UNDERSTUDY_CAMPAIGN'] ?? '').split('/');
const wanted = (step: string, host: number, fault: Fault): boolean =>
  (!onlyStep || step === onlyStep) &&
  (!onlyHost || String(host) === onlyHost) &&
  (!onlyFault || fault === onlyFault);

it.each<Direction>(['promotion', 'rollback'])(
  'whatever breaks at whatever step of a %s on whatever host: one code everywhere, or the command says what is where',
  async (direction) => {
    const rows: Row[] = [];
    for (const step of STEPS[direction])
      for (const host of [1, 2, 3] as const)
        for (const fault of FAULTS) {
          if (!wanted(step.name, host, fault)) continue;
          const row = await campaign.try(direction, step, host, fault);
          if (row === undefined) continue;
          rows.push(row);
          process.stderr.write(`${renderRow(direction, row)}\n`);
        }
    expect(rows.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  },
);
