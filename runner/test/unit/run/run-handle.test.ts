import { expect, test } from '@jest/globals';
import { type WritingHost } from '../../../src/hosts/host.js';
import { type RunRecord, type RunStore } from '../../../src/run/run-record.js';
import { createRun } from '../../../src/run/run-store.js';

/** A staging that takes a record when it is told to. */
function slowStaging() {
  const written: RunRecord[] = [];
  const waiting: ((refuse?: Error) => void)[] = [];
  const staging = {
    label: 'staging',
    run: (_command: unknown, { stdin }: { stdin: string }) =>
      new Promise<void>((resolve, reject) => {
        waiting.push((refuse) => {
          if (refuse === undefined) written.push(JSON.parse(stdin) as RunRecord);
          if (refuse === undefined) resolve();
          else reject(refuse);
        });
      }),
  } as unknown as WritingHost;
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const next = async (refuse?: Error): Promise<void> => {
    await turn();
    waiting.shift()?.(refuse);
    await turn();
  };
  return { staging, written, next, waiting };
}

async function runOn(world: ReturnType<typeof slowStaging>) {
  const site = { name: 'acme', digest: 'd', staging: {}, production: { database: {} } };
  const store = { staging: world.staging, stagingWorkDir: '/w', site } as unknown as RunStore;
  const creating = createRun(store, '20261128T201500Z-3f9a1c', { parameters: { allowDeletions: false } });
  await world.next();
  return creating;
}
const named =
  (configCommit: string) =>
  (record: RunRecord): RunRecord => ({ ...record, configCommit });

test('a change is there at once while it is written, and writes keep their order', async () => {
  const world = slowStaging();
  const run = await runOn(world);
  run.updateMeanwhile(named('one'));
  expect(run.record().configCommit).toBe('one');
  const second = run.update((record) => ({ ...record, state: 'aborted' }));
  await world.next();
  expect(world.waiting).toHaveLength(1);
  await world.next();
  await second;
  expect(world.written.map(({ configCommit, state }) => [configCommit, state])).toEqual([
    [undefined, 'running'],
    ['one', 'running'],
    ['one', 'aborted'],
  ]);
});

test('a write that fails is told where it has to be durable, and is made good by the next one', async () => {
  const world = slowStaging();
  const run = await runOn(world);
  run.updateMeanwhile(named('one'));
  await world.next(new Error('the disk is full'));
  await expect(run.durable()).rejects.toThrow('the disk is full');
  const second = run.update((record) => ({ ...record, state: 'aborted' }));
  await world.next();
  await second;
  await run.durable();
  expect(world.written.at(-1)).toMatchObject({ configCommit: 'one', state: 'aborted' });
});
