/**
 * Waits for all of what was begun at the same time. Statements that were given to one session go out together and take
 * one round trip, in order; each is done whatever becomes of the others. Nothing is left under way when this throws.
 * @throws the error of the first one that failed, in their order
 */
export async function inOneGo<Results extends readonly unknown[]>(statements: {
  readonly [Index in keyof Results]: Promise<Results[Index]>;
}): Promise<Results> {
  const ended = await Promise.allSettled(statements);
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return ended.map((each) => (each as PromiseFulfilledResult<unknown>).value) as unknown as Results;
}
