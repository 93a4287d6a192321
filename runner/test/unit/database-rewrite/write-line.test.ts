import { expect, test } from '@jest/globals';
import { WriteLine } from '../../../src/database/rewrite/write-back.js';

/** Batches that end when they are told to. */
function batches() {
  const begun: number[] = [];
  const ends: ((problem?: Error) => void)[] = [];
  const write = (number: number) => () => {
    begun.push(number);
    return new Promise<void>((resolve, reject) => {
      ends[number] = (problem) => {
        if (problem === undefined) resolve();
        else reject(problem);
      };
    });
  };
  return { begun, ends, write };
}
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('four batches are on their way, and the next one waits for the first', async () => {
  const [line, { begun, ends, write }] = [new WriteLine(), batches()];
  for (const number of [0, 1, 2, 3]) await line.send(write(number));
  const fifth = line.send(write(4));
  await nextTurn();
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[0]?.();
  await fifth;
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});

test('after one that failed none is begun, and those on their way are still told apart', async () => {
  const [line, { begun, ends, write }] = [new WriteLine(), batches()];
  const [first, second] = [await line.send(write(0)), await line.send(write(1))];
  ends[0]?.(new Error('gone'));
  await expect(first.done).rejects.toThrow('gone');
  await expect(line.send(write(2))).rejects.toThrow('gone');
  ends[1]?.();
  await second.done;
  expect(begun).toEqual([0, 1]);
});
