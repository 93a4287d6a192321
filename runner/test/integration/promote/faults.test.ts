import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Campaign, STEPS, type Direction, type Fault } from './fault-campaign.js';

jest.setTimeout(400_000);

let campaign: Campaign;
beforeAll(async () => {
  campaign = await Campaign.create();
});
afterAll(async () => campaign.stop());

// All steps, on each host, with each fault: npm run test:faults -- --only promote.
test.each<[Direction, string, 1 | 2 | 3, Fault, string]>([
  ['promotion', 'switch', 2, 'path taken', 'said which host (PRODUCTION_NEEDS_REPAIR) → all former'],
  ['promotion', 'page off', 3, 'host gone', 'said which host (PRODUCTION_NEEDS_REPAIR) → all tested'],
  ['rollback', 'undo', 2, 'path taken', 'all tested (ROLLBACK_FAILED)'],
  ['rollback', 'note switching', 1, 'kill -9', 'killed → all former'],
])('%s, step %s, host %i: %s', async (direction, name, host, fault, outcome) => {
  const step = STEPS[direction].find((one) => one.name === name);
  if (step === undefined) throw new Error(`no step ${name}`);
  const row = await campaign.try(direction, step, host, fault);
  expect(row).toMatchObject({ wrong: [], outcome: expect.stringContaining(outcome) });
});
